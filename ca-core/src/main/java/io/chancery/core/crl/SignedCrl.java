package io.chancery.core.crl;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;

/** Puts a signature under a list, after looking at both as a stranger would: nothing unverified is published. */
public final class SignedCrl {
    private SignedCrl() {}

    /**
     * DER of CertificateList (RFC 5280 s. 5.1). Takes as long as hashing the list and walking over it.
     *
     * @throws IllegalArgumentException saying what is wrong: the signature is not the issuer's over these bytes, or they
     *     are not the list that was planned
     */
    public static Der assemble(IssuerCertificate issuer, PreparedCrl plan, Der signature, PublicKeys keys) {
        byte[] tbs = plan.tbs().bytes();
        TbsCrl read = TbsCrl.parse(tbs);
        require(read.number().equals(plan.number()), "its number is another one");
        require(
                read.thisUpdate().equals(plan.thisUpdate()) && read.nextUpdate().equals(plan.nextUpdate()),
                "its times are others");
        require(read.thisUpdate().isBefore(read.nextUpdate()), "it ends before it begins");
        require(
                keys.verify(TbsCrl.schemeOf(tbs).check(), issuer.certificate().getPublicKey(), tbs, signature.bytes()),
                "its signature is not the issuer's");
        return Der.of(Tlv.element(
                Tlv.SEQUENCE,
                tbs,
                read.scheme().bytes(),
                Tlv.element(Tlv.BIT_STRING, new byte[] {0}, signature.bytes())));
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException("the list is not published: " + otherwise);
        }
    }
}
