package io.chancery.cli.ceremony;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.signer.admin.KeyAlgorithm;
import io.chancery.signer.admin.KeyShares;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.NameConstraints;

/**
 * What a ceremony will do, as its plan says.
 *
 * @param text the plan's own, which the transcript carries
 * @param needed how many of the people confirm each step
 * @param sameToken whether a root may share its token with what stands below it
 * @param cloneTool the operator's program that clones tokens which are not SoftHSM's
 */
record CeremonyPlan(
        String title,
        String text,
        List<Person> people,
        int needed,
        boolean sameToken,
        Optional<Path> cloneTool,
        List<Authority> authorities) {
    CeremonyPlan {
        people = List.copyOf(people);
        authorities = List.copyOf(authorities);
    }

    /** Somebody who confirms, with a key of their own. */
    record Person(String name, PublicKey key) {}

    /**
     * A CA of the plan.
     *
     * @param place its key, made here; empty when a request comes from elsewhere
     * @param request PEM file with a request made elsewhere
     * @param constraintsText the name constraints as the plan writes them
     * @param crlUrls where the issuer's list of revoked certificates is had; none for a root
     * @param issuer another CA of the plan, {@code elsewhere}, or empty for a root
     */
    record Authority(
            String name,
            Optional<KeyPlan> place,
            Optional<Path> request,
            Optional<String> issuer,
            X500Name subject,
            Duration validity,
            OptionalInt pathLength,
            Optional<NameConstraints> constraints,
            String constraintsText,
            List<String> crlUrls) {
        Authority {
            crlUrls = List.copyOf(crlUrls);
        }

        static final String ELSEWHERE = "elsewhere";

        boolean isRoot() {
            return issuer.isEmpty();
        }

        boolean isSignedElsewhere() {
            return issuer.filter(ELSEWHERE::equals).isPresent();
        }
    }

    /**
     * @param kms a pkcs11: URI with the key's object
     * @param scheme how the key signs, instead of as Go chooses for it
     * @param shares empty when the key has none
     * @param cloned whether its token is copied at the end
     */
    record KeyPlan(
            String kms,
            KeyAlgorithm algorithm,
            Optional<SignatureScheme> scheme,
            Optional<KeyShares.Split> shares,
            boolean cloned) {
        String backup() {
            return shares.map(split -> "shares " + split).orElse(cloned ? "clone" : "none");
        }
    }

    Authority authority(String name) {
        return authorities.stream()
                .filter(it -> it.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
