package io.chancery.core.crl;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import io.chancery.core.der.Tlv;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

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

    /**
     * What a list says of itself that lay somewhere since it was published. Takes as long as hashing it and walking over it.
     *
     * @param der of CertificateList
     * @throws IllegalArgumentException saying what is wrong: it is not whole, not in DER, or not this issuer's by its name
     *     and by its signature
     */
    public static Published read(IssuerCertificate issuer, byte[] der, PublicKeys keys) {
        Tlv outer = Tlv.over(der, 0, der.length);
        Tlv in = outer.enter(Tlv.SEQUENCE);
        outer.done();
        byte[] tbs = in.take(Tlv.SEQUENCE);
        Der scheme = Der.of(in.take(Tlv.SEQUENCE));
        byte[] bits = in.enter(Tlv.BIT_STRING).rest();
        in.done();
        TbsCrl read = TbsCrl.parse(tbs);
        Der name = Der.of(issuer.certificate().getSubjectX500Principal().getEncoded());
        require(read.issuer().equals(name), "it is another issuer's");
        require(read.thisUpdate().isBefore(read.nextUpdate()), "it ends before it begins");
        require(read.scheme().equals(scheme), "it names two ways of signing"); // s. 5.1.1.2
        require(bits.length > 1 && bits[0] == 0, "its signature is none");
        require(
                keys.verify(
                        TbsCrl.schemeOf(tbs).check(),
                        issuer.certificate().getPublicKey(),
                        tbs,
                        Arrays.copyOfRange(bits, 1, bits.length)),
                "its signature is not the issuer's");
        return new Published(read.number(), read.thisUpdate(), read.nextUpdate());
    }

    /**
     * Whether a list says that it is had there, as one made here would. Its signature is not looked at. Takes as long as
     * walking over it.
     *
     * @param der of CertificateList
     * @param distributionPoint URI, or empty where the list shall not say
     * @throws IllegalArgumentException when it cannot be read
     */
    public static boolean isHadAt(byte[] der, Optional<String> distributionPoint) {
        byte[] tbs = Tlv.over(der, 0, der.length).enter(Tlv.SEQUENCE).take(Tlv.SEQUENCE);
        return PreparedCrl.isHadAt(distributionPoint, TbsCrl.parse(tbs).extensions());
    }

    /** Of a list that is the issuer's. */
    public record Published(BigInteger number, Instant thisUpdate, Instant nextUpdate) {}

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException("the list is not published: " + otherwise);
        }
    }
}
