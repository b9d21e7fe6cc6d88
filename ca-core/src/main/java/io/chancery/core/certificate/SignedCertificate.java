package io.chancery.core.certificate;

import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.der.Tlv;
import java.util.Optional;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;

/** Puts a signature under recorded bytes, after verifying it: nothing unverified leaves a node. */
public final class SignedCertificate {
    private SignedCertificate() {}

    /**
     * DER of Certificate (RFC 5280 s. 4.1) around the bytes as they are; empty when the signature is not the issuer's over
     * them.
     */
    public static Optional<Der> assemble(IssuerCertificate issuer, Der tbs, Der signature, PublicKeys keys) {
        byte[] toBeSigned = tbs.bytes();
        byte[] bits = signature.bytes();
        // The bytes say how they are signed, not the issuer: it may have come to sign otherwise since they were
        // recorded.
        SignatureScheme scheme = schemeOf(tbs);
        if (!keys.verify(scheme.check(), issuer.certificate().getPublicKey(), toBeSigned, bits)) {
            return Optional.empty();
        }
        byte[] noUnusedBits = {0};
        return Optional.of(Der.of(Tlv.element(
                Tlv.SEQUENCE, toBeSigned, scheme.der().bytes(), Tlv.element(Tlv.BIT_STRING, noUnusedBits, bits))));
    }

    /**
     * How a to-be-signed certificate says that it is signed (RFC 5280 s. 4.1.2.3); its head alone is read.
     *
     * @throws IllegalArgumentException when it is none, or says a way that is not used here
     */
    public static SignatureScheme schemeOf(Der tbs) {
        byte[] bytes = tbs.bytes();
        Tlv outer = Tlv.over(bytes, 0, bytes.length);
        Tlv in = outer.enter(Tlv.SEQUENCE);
        outer.done();
        if (in.nextTag() == Tlv.CONTEXT_0) {
            Tlv unusedVersion = in.enter(Tlv.CONTEXT_0);
        }
        Tlv unusedSerial = in.enter(Tlv.INTEGER);
        return SignatureScheme.of(AlgorithmIdentifier.getInstance(in.take(Tlv.SEQUENCE)))
                .orElseThrow(() -> new IllegalArgumentException("a signature algorithm that is not used here"));
    }
}
