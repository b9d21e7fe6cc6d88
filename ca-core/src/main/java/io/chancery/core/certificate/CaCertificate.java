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

/** Makes CA certificates with plain names in one go: a root, or an intermediate under it. */
public final class CaCertificate {
    private CaCertificate() {}

    /**
     * What stands in one.
     *
     * @param pathLength how many CA certificates may follow below it
     */
    public record Plan(
            String subject,
            PublicKey key,
            String issuer,
            PublicKey issuerKey,
            BigInteger serial,
            Instant notBefore,
            Instant notAfter,
            int pathLength) {}

    /** Signs with the issuer's key over the bytes that it is given. */
    @FunctionalInterface
    public interface Signer {
        byte[] sign(Der tbs) throws GeneralSecurityException;
    }

    /** GeneralSecurityException when the signer fails. */
    public static X509Certificate make(Plan plan, Signer signer) throws GeneralSecurityException, IOException {
        CaTemplate template = new CaTemplate(
                SubjectName.ofCommonName(plan.subject()),
                plan.key(),
                CaIssuer.itself(SubjectName.ofCommonName(plan.issuer()), plan.issuerKey()),
                plan.serial(),
                plan.notBefore(),
                plan.notAfter(),
                OptionalInt.of(plan.pathLength()),
                Optional.empty());
        Der tbs = template.tbs();
        return template.certificate(tbs, Der.of(signer.sign(tbs)));
    }
}
