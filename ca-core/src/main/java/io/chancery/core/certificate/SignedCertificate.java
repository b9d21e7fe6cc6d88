package io.chancery.core.certificate;

import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import java.io.IOException;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.TBSCertificate;

/** Puts a signature under recorded bytes, after verifying it: nothing unverified leaves a node. */
public final class SignedCertificate {
    private SignedCertificate() {}

    /** DER of Certificate (RFC 5280 s. 4.1); empty when the signature is not the issuer's over these bytes. */
    public static Optional<Der> assemble(IssuerCertificate issuer, Der tbs, Der signature, PublicKeys keys) {
        byte[] toBeSigned = tbs.bytes();
        // The bytes say how they are signed, not the issuer: it may have come to sign otherwise since they were
        // recorded.
        SignatureScheme scheme = schemeOf(tbs);
        if (!keys.verify(scheme.check(), issuer.certificate().getPublicKey(), toBeSigned, signature.bytes())) {
            return Optional.empty();
        }
        try {
            DERSequence certificate = new DERSequence(new org.bouncycastle.asn1.ASN1Encodable[] {
                ASN1Primitive.fromByteArray(toBeSigned), scheme.identifier(), new DERBitString(signature.bytes())
            });
            return Optional.of(Der.of(certificate.getEncoded(ASN1Encoding.DER)));
        } catch (IOException e) {
            throw new IllegalArgumentException("the recorded bytes are not DER", e);
        }
    }

    /**
     * How a to-be-signed certificate says that it is signed (RFC 5280 s. 4.1.2.3).
     *
     * @throws IllegalArgumentException when it is none, or says a way that is not used here
     */
    public static SignatureScheme schemeOf(Der tbs) {
        try {
            return SignatureScheme.of(TBSCertificate.getInstance(tbs.bytes()).getSignature())
                    .orElseThrow(() -> new IllegalArgumentException("a signature algorithm that is not used here"));
        } catch (ClassCastException | IllegalStateException e) {
            throw new IllegalArgumentException("no to-be-signed certificate", e);
        }
    }
}
