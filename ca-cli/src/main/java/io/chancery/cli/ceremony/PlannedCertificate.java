package io.chancery.cli.ceremony;

import io.chancery.cli.ceremony.CeremonyPlan.Authority;
import io.chancery.cli.ceremony.CeremonyPlan.KeyPlan;
import io.chancery.core.certificate.CaIssuer;
import io.chancery.core.certificate.CaTemplate;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;

/**
 * A certificate as a plan has it.
 *
 * @param authority whose it is
 * @param issuer empty for a root
 * @param issued the issuer's certificate; empty for a root
 */
record PlannedCertificate(Authority authority, Optional<Authority> issuer, Optional<X509Certificate> issued) {
    /** IllegalArgumentException when the issuer's key cannot sign as the plan says. */
    CaTemplate template(PublicKey key, BigInteger serial, Instant from) {
        return new CaTemplate(
                authority.subject(),
                key,
                signer(key),
                serial,
                from,
                from.plus(authority.validity()),
                authority.pathLength(),
                authority.constraints(),
                authority.crlUrls());
    }

    private CaIssuer signer(PublicKey key) {
        CaIssuer usual = issued.map(CaIssuer::of).orElseGet(() -> CaIssuer.itself(authority.subject(), key));
        return issuer.orElse(authority)
                .place()
                .flatMap(KeyPlan::scheme)
                .map(usual::withScheme)
                .orElse(usual);
    }
}
