package io.chancery.core.lint;

import java.io.IOException;
import java.math.BigInteger;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.jspecify.annotations.Nullable;

/** The subject's public key, read no further than each rule asks. One thread, one use. */
final class SubjectKey {
    private final SubjectPublicKeyInfo info;
    private @Nullable RsaModulus modulus;

    SubjectKey(SubjectPublicKeyInfo info) {
        this.info = info;
    }

    SubjectPublicKeyInfo info() {
        return info;
    }

    boolean isRsa() {
        return is(PKCSObjectIdentifiers.rsaEncryption);
    }

    boolean isEc() {
        return is(X9ObjectIdentifiers.id_ecPublicKey);
    }

    boolean isEd25519() {
        return is(EdECObjectIdentifiers.id_Ed25519);
    }

    private boolean is(ASN1ObjectIdentifier algorithm) {
        return info.getAlgorithm().getAlgorithm().equals(algorithm);
    }

    /** What stands in the bit string. */
    byte[] bits() {
        return info.getPublicKeyData().getOctets();
    }

    /** The curve's name; empty when the parameters are no name. */
    Optional<ASN1ObjectIdentifier> curve() {
        return info.getAlgorithm().getParameters() instanceof ASN1ObjectIdentifier oid
                ? Optional.of(oid)
                : Optional.empty();
    }

    /** Of an RSA key; IllegalArgumentException when it is not two numbers. */
    RsaModulus modulus() {
        RsaModulus known = modulus;
        if (known == null) {
            known = new RsaModulus(number(0));
            modulus = known;
        }
        return known;
    }

    /** As {@link #modulus}. */
    BigInteger exponent() {
        return number(1);
    }

    private BigInteger number(int index) {
        // Not by RSAPublicKey, which takes the absolute value of a negative number.
        try {
            ASN1Sequence numbers = ASN1Sequence.getInstance(info.parsePublicKey());
            if (numbers.size() != 2) {
                throw new IllegalArgumentException("an RSA key is two numbers");
            }
            return ASN1Integer.getInstance(numbers.getObjectAt(index)).getValue();
        } catch (IOException e) {
            throw new IllegalArgumentException("no RSA key", e);
        }
    }
}
