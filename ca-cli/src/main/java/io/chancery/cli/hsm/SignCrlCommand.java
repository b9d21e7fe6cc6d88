package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.crl.PreparedCrl;
import io.chancery.core.crl.SignedCrl;
import io.chancery.core.crypto.BouncyCastle;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.HsmException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chancery hsm sign-crl}: how an offline root takes back what it signed. */
@Command(
        name = "sign-crl",
        description = {
            "Sign the list of what the URI's key, a root's, has revoked, and print it as PEM.",
            "The list before is carried on: --previous names it. Only a root that has signed none yet says --first.",
            "Not for the key of a running CA, which makes its lists itself."
        },
        mixinStandardHelpOptions = true)
public final class SignCrlCommand implements Callable<Integer> {
    private static final Duration LONGEST = Duration.ofDays(366);
    /** RFC 5280 s. 5.3.1 by their numbers, but for those that only lists of changes have. */
    private static final List<String> REASONS = List.of(
            "unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded", "cessationOfOperation");

    private final Surroundings surroundings;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private KeyPlace place;

    @Option(
            names = "--revoke",
            paramLabel = "CRT_FILE",
            description = "a certificate that the key has signed, PEM; once for each; none makes the list last longer")
    private List<Path> revoked = List.of();

    @Option(
            names = "--reason",
            defaultValue = "unspecified",
            description =
                    "why those are revoked: unspecified, keyCompromise, cACompromise, affiliationChanged, superseded"
                            + " or cessationOfOperation (${DEFAULT-VALUE}); cACompromise when an issuing key may be in other hands")
    private String reason = "";

    @Option(names = "--previous", paramLabel = "CRL_FILE", description = "the list before, PEM or DER: all in it stays")
    @Nullable
    private Path previous;

    @Option(names = "--first", description = "there is no list before")
    private boolean first;

    @Option(
            names = "--validity",
            paramLabel = "DURATION",
            defaultValue = "90d",
            description = "by when the next one will be there, at most 366d (${DEFAULT-VALUE})")
    private String validity = "";

    @Option(
            names = "--issuer-cert",
            paramLabel = "CRT_FILE",
            description = "the root's certificate, when it is not on the token")
    @Nullable
    private Path issuerFile;

    public SignCrlCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        Duration lasting = lasting();
        int code = reasonCode();
        if ((previous == null) != first) {
            throw new UsageException(
                    "name the list before with --previous, whose entries would be forgotten without it;"
                            + " say --first only if there is none");
        }
        Instant now = surroundings.clock().instant().truncatedTo(ChronoUnit.SECONDS);
        try (TokenSession session = place.open(surroundings)) {
            ManagedKey key = session.key(place.uri(surroundings));
            X509Certificate issuer = SignIntermediateCommand.issuer(key, issuerFile);
            RevokedByHand list = new RevokedByHand(issuer, now);
            if (previous != null) {
                list.carryOn(PemFiles.revocationList(previous));
            }
            for (Path file : revoked) {
                X509Certificate certificate = PemFiles.certificate(file);
                RevokedByHand.Revoked entry = list.revoke(certificate, code);
                say(certificate.getSubjectX500Principal().getName() + ", serial " + certificate.getSerialNumber()
                        + ", is revoked since " + entry.since()
                        + (entry.changed() ? ", and now for the reason " + REASONS.get(entry.reason()) : "")
                        + (entry.reason() == code ? "" : ", and its reason stays as it was"));
            }
            surroundings.out().print(PemFiles.pem("X509 CRL", signed(list.prepare(lasting), key, issuer)));
            surroundings.out().flush();
            say("list " + list.number() + " of "
                    + issuer.getSubjectX500Principal().getName() + " has " + list.count()
                    + " certificate(s); sign the next one before " + now.plus(lasting));
        }
        return 0;
    }

    private static Der signed(PreparedCrl plan, ManagedKey key, X509Certificate issuer) {
        IssuerCertificate by = IssuerCertificate.of(issuer);
        try {
            // The plan says by which scheme, and that need not be the key's usual one.
            return SignedCrl.assemble(
                    by, plan, key.sign(by.scheme(), plan.tbs()), new PublicKeys(BouncyCastle.PROVIDER));
        } catch (IllegalArgumentException e) {
            throw HsmException.misconfigured("the key " + key.label() + " is not that of "
                    + issuer.getSubjectX500Principal().getName() + ": " + e.getMessage());
        }
    }

    private Duration lasting() throws UsageException {
        try {
            Duration duration = CaFields.duration(validity);
            if (duration.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("a list is valid for 366d at most, not " + validity);
            }
            return duration;
        } catch (IllegalArgumentException e) {
            throw new UsageException("--validity: " + e.getMessage());
        }
    }

    private int reasonCode() throws UsageException {
        for (int code = 0; code < REASONS.size(); code++) {
            if (REASONS.get(code).equalsIgnoreCase(reason)) {
                return code;
            }
        }
        throw new UsageException("--reason is one of " + String.join(", ", REASONS));
    }

    private void say(String text) {
        surroundings.err().println(text);
    }
}
