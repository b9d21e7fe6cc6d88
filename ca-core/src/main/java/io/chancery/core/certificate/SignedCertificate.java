package io.chancery.core.certificate;

import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.crypto.SignatureCheck;
import io.chancery.core.der.Der;
import java.io.IOException;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;

/** Puts a signature under recorded bytes, after verifying it: nothing unverified leaves a node. */
public final class SignedCertificate {
    private SignedCertificate() {}

    /** DER of Certificate (RFC 5280 s. 4.1); empty when the signature is not the issuer's over these bytes. */
    public static Optional<Der> assemble(IssuerCertificate issuer, Der tbs, Der signature, PublicKeys keys) {
        byte[] toBeSigned = tbs.bytes();
        if (!keys.verify(
                SignatureCheck.named(issuer.scheme().jcaName()),
                issuer.certificate().getPublicKey(),
                toBeSigned,
                signature.bytes())) {
            return Optional.empty();
        }
        try {
            DERSequence certificate = new DERSequence(new org.bouncycastle.asn1.ASN1Encodable[] {
                ASN1Primitive.fromByteArray(toBeSigned),
                issuer.scheme().identifier(),
                new DERBitString(signature.bytes())
            });
            return Optional.of(Der.of(certificate.getEncoded(ASN1Encoding.DER)));
        } catch (IOException e) {
            throw new IllegalArgumentException("the recorded bytes are not DER", e);
        }
    }
}
