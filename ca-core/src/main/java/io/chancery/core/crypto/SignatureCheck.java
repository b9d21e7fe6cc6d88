package io.chancery.core.crypto;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** One kind of signature: the JCA name, and RSASSA-PSS parameters where it has them. */
public record SignatureCheck(String jcaName, Optional<String> pssHash) {
    private static final String PSS = "RSASSA-PSS";

    public static SignatureCheck named(String jcaName) {
        return new SignatureCheck(jcaName, Optional.empty());
    }

    /** RSASSA-PSS with MGF1 over the same hash and a salt as long as it (RFC 7518 s. 3.5). */
    public static SignatureCheck pss(String hash) {
        return new SignatureCheck(PSS, Optional.of(hash));
    }

    /** The check that an AlgorithmIdentifier names; empty for anything weaker than SHA-256, unknown or broken. */
    public static Optional<SignatureCheck> of(AlgorithmIdentifier identifier) {
        ASN1ObjectIdentifier oid = identifier.getAlgorithm();
        if (oid.equals(PKCSObjectIdentifiers.id_RSASSA_PSS)) {
            return pssOf(identifier);
        }
        return nameOf(oid).map(SignatureCheck::named);
    }

    private static Optional<SignatureCheck> pssOf(AlgorithmIdentifier identifier) {
        if (identifier.getParameters() == null) {
            return Optional.empty(); // RFC 4055 s. 3.1: absent means SHA-1
        }
        ASN1ObjectIdentifier hash;
        try {
            hash = RSASSAPSSparams.getInstance(identifier.getParameters())
                    .getHashAlgorithm()
                    .getAlgorithm();
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // parameters of another form: anybody's certificate or request may have them
        }
        if (hash.equals(NISTObjectIdentifiers.id_sha256)) {
            return Optional.of(pss("SHA-256"));
        }
        if (hash.equals(NISTObjectIdentifiers.id_sha384)) {
            return Optional.of(pss("SHA-384"));
        }
        return hash.equals(NISTObjectIdentifiers.id_sha512) ? Optional.of(pss("SHA-512")) : Optional.empty();
    }

    private static Optional<String> nameOf(ASN1ObjectIdentifier oid) {
        if (oid.equals(X9ObjectIdentifiers.ecdsa_with_SHA256)) {
            return Optional.of("SHA256withECDSA");
        }
        if (oid.equals(X9ObjectIdentifiers.ecdsa_with_SHA384)) {
            return Optional.of("SHA384withECDSA");
        }
        if (oid.equals(X9ObjectIdentifiers.ecdsa_with_SHA512)) {
            return Optional.of("SHA512withECDSA");
        }
        if (oid.equals(PKCSObjectIdentifiers.sha256WithRSAEncryption)) {
            return Optional.of("SHA256withRSA");
        }
        if (oid.equals(PKCSObjectIdentifiers.sha384WithRSAEncryption)) {
            return Optional.of("SHA384withRSA");
        }
        if (oid.equals(PKCSObjectIdentifiers.sha512WithRSAEncryption)) {
            return Optional.of("SHA512withRSA");
        }
        return oid.equals(EdECObjectIdentifiers.id_Ed25519) ? Optional.of("Ed25519") : Optional.empty();
    }

    /** Java's own object for signatures of this kind, not begun yet, with its parameters; for one thread. */
    public Signature begin() throws GeneralSecurityException {
        return withParameters(Signature.getInstance(jcaName));
    }

    /** As {@link #begin()}, of this provider. */
    public Signature begin(Provider provider) throws GeneralSecurityException {
        return withParameters(Signature.getInstance(jcaName, provider));
    }

    private Signature withParameters(Signature signature) throws GeneralSecurityException {
        if (pssHash.isPresent()) {
            signature.setParameter(pssParameters(pssHash.get()));
        }
        return signature;
    }

    boolean run(Provider provider, PublicKey key, byte[] data, byte[] signature) throws GeneralSecurityException {
        Signature verifier = begin(provider);
        verifier.initVerify(key);
        verifier.update(data);
        return verifier.verify(signature);
    }

    private static AlgorithmParameterSpec pssParameters(String hash) {
        int salt = hash.equals("SHA-256") ? 32 : hash.equals("SHA-384") ? 48 : 64;
        return new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), salt, 1);
    }
}
