package io.chancery.core.certificate;

import io.chancery.core.der.Der;
import io.chancery.core.name.SubjectName;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** Makes CA certificates, in the one way that there is: what is to be signed is checked, then signed, then verified. */
public final class CaCertificate {
    private static final Der NO_SIGNATURE = Der.of(new byte[] {0});

    private CaCertificate() {}

    /**
     * What stands in a root with a plain name.
     *
     * @param pathLength how many CA certificates may follow below it
     */
    public record Root(
            String commonName, PublicKey key, BigInteger serial, Instant notBefore, Instant notAfter, int pathLength) {}

    /** Signs with the issuer's key over the bytes that it is given, as the template's scheme has it. */
    @FunctionalInterface
    public interface Signer {
        byte[] sign(Der tbs) throws GeneralSecurityException;
    }

    /**
     * A root, or an intermediate under its issuer.
     *
     * @param issuer the certificate of the key that signs; empty for a root
     * @throws IllegalArgumentException with every rule that it would break; nothing is signed then
     * @throws GeneralSecurityException when the signer fails, or what it made is not the issuer's
     */
    public static X509Certificate make(CaTemplate template, Optional<X509Certificate> issuer, Signer signer)
            throws GeneralSecurityException, IOException {
        Der tbs = template.tbs();
        CaCertificateCheck.refuse(template.subject(), tbs, issuer);
        X509Certificate certificate = template.certificate(tbs, Der.of(signer.sign(tbs)));
        certificate.verify(template.issuer().key());
        return certificate;
    }

    /** What it would be but for its signature, to look ahead; no rule is asked. */
    public static X509Certificate unsigned(CaTemplate template) throws GeneralSecurityException, IOException {
        return template.certificate(template.tbs(), NO_SIGNATURE);
    }

    /** As {@link #make(CaTemplate, Optional, Signer)}, of a root. */
    public static X509Certificate make(Root root, Signer signer) throws GeneralSecurityException, IOException {
        return make(
                new CaTemplate(
                        SubjectName.ofCommonName(root.commonName()),
                        root.key(),
                        CaIssuer.itself(SubjectName.ofCommonName(root.commonName()), root.key()),
                        root.serial(),
                        root.notBefore(),
                        root.notAfter(),
                        OptionalInt.of(root.pathLength()),
                        Optional.empty()),
                Optional.empty(),
                signer);
    }
}
