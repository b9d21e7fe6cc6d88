package io.chancery.cli.ceremony;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.ceremony.CeremonyPlan.Authority;
import io.chancery.cli.hsm.CaFields;
import io.chancery.cli.hsm.SignIntermediateCommand;
import io.chancery.core.certificate.CaCertificate;
import io.chancery.core.certificate.CaCertificateCheck;
import io.chancery.core.certificate.CaTemplate;
import io.chancery.core.der.Der;
import io.chancery.signer.admin.KeyAlgorithm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Holds the certificates that a plan leads to against the rules for them, before a token is touched: with throwaway keys
 * in place of those that are still to be made. The step that signs would find the same, with keys and shares made in vain.
 */
final class CertificatesAhead {
    /** From an issuer's certificate to the next: one that is valid as long as it, and made later, ends too late. */
    private static final Duration LATER = Duration.ofMinutes(10);

    private final CeremonyPlan plan;
    private final Surroundings surroundings;
    private final Map<String, X509Certificate> made = new HashMap<>();
    private final List<String> problems = new ArrayList<>();

    private CertificatesAhead(CeremonyPlan plan, Surroundings surroundings) {
        this.plan = plan;
        this.surroundings = surroundings;
    }

    /** UsageException with every rule that a certificate of the plan would break, when one would. */
    static void check(CeremonyPlan plan, Surroundings surroundings)
            throws UsageException, IOException, GeneralSecurityException {
        CertificatesAhead ahead = new CertificatesAhead(plan, surroundings);
        Instant at = surroundings.clock().instant().truncatedTo(ChronoUnit.SECONDS);
        for (Authority authority : plan.authorities()) {
            if (!authority.isSignedElsewhere()) {
                ahead.make(authority, at);
            }
        }
        if (!ahead.problems.isEmpty()) {
            throw new UsageException("the plan cannot be followed:\n  " + String.join("\n  ", ahead.problems));
        }
    }

    private void make(Authority authority, Instant at) throws UsageException, IOException, GeneralSecurityException {
        Optional<Authority> issuer = authority.issuer().map(plan::authority);
        Optional<X509Certificate> issued = issuer.map(it -> made.get(it.name()));
        if (issuer.isPresent() && issued.isEmpty()) {
            problems.add(authority.name() + ": its issuer " + issuer.get().name()
                    + " has no certificate in this ceremony, as that is made elsewhere");
            return;
        }
        Instant then = issued.map(it -> it.getNotBefore().toInstant().plus(LATER))
                .filter(at::isBefore)
                .orElse(at);
        CaTemplate template = new PlannedCertificate(authority, issuer, issued)
                .template(key(authority), CaFields.serial(surroundings), then);
        Der tbs = template.tbs();
        CaCertificateCheck.problems(tbs, issued).forEach(it -> problems.add(authority.name() + ": " + it));
        made.put(authority.name(), CaCertificate.unsigned(template));
    }

    /** Of a request that is there already, its own. */
    private static PublicKey key(Authority authority) throws UsageException, GeneralSecurityException {
        Optional<Path> request = authority.request().filter(Files::exists);
        if (request.isPresent()) {
            return SignIntermediateCommand.request(request.get()).key();
        }
        KeyAlgorithm algorithm =
                authority.place().map(CeremonyPlan.KeyPlan::algorithm).orElse(KeyAlgorithm.EC_P256);
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm.isRsa() ? "RSA" : "EC");
        generator.initialize(algorithm.bits());
        return generator.generateKeyPair().getPublic();
    }
}
