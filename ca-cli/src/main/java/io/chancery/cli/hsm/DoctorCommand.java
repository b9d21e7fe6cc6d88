package io.chancery.cli.hsm;

import io.chancery.cli.FindingList;
import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.start.ConfigFiles;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.secret.Secret;
import io.chancery.signer.admin.Finding;
import io.chancery.signer.admin.TokenDoctor;
import io.chancery.signer.key.RefusedPins;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chancery hsm doctor}: what is wrong, and what to do. */
@Command(
        name = "doctor",
        description = {
            "Check all that must be right before a CA can sign with its key on a token, and say what to do.",
            "One line for each check, with what was found. Exit code 0 when nothing failed."
        },
        mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private KeyPlace place;

    @Option(
            names = "--try-pin",
            description = "try the PIN also when the token has counted a wrong one; a wrong one more may lock it")
    private boolean tryPin;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    public DoctorCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws UsageException {
        Optional<ConfigFiles> files = place.files(surroundings);
        Optional<TokenDoctor.Trust> trust = trust(files);
        Optional<Secret> pin = pin();
        try {
            List<Finding> findings = TokenDoctor.examine(new TokenDoctor.Subject(
                    place.uri(surroundings),
                    pin,
                    place.isPinGiven(),
                    trust,
                    scheme(trust),
                    () -> sessions(files), // asks libraries, which may hang
                    tryPin,
                    node(files),
                    surroundings.clock().instant()));
            FindingList.print(findings, json, surroundings.out());
            return FindingList.exitCode(findings);
        } finally {
            pin.ifPresent(Secret::close);
        }
    }

    /** A file that cannot be read is a finding, not an end. */
    private Optional<TokenDoctor.Trust> trust(Optional<ConfigFiles> files) throws UsageException {
        if (files.isEmpty()) {
            return Optional.empty();
        }
        List<String> unread = new ArrayList<>();
        List<X509Certificate> chain = certificates(place.crt(surroundings), unread);
        List<X509Certificate> roots = new ArrayList<>();
        for (Path root : files.get().ca().pki().roots()) {
            roots.addAll(certificates(root, unread));
        }
        return Optional.of(new TokenDoctor.Trust(chain, roots, unread));
    }

    private static List<X509Certificate> certificates(Path file, List<String> unread) {
        try {
            return PemFiles.certificates(file);
        } catch (UsageException e) {
            unread.add(String.valueOf(e.getMessage()));
            return List.of();
        }
    }

    /** Goes with the issuer's certificate. */
    private Optional<SignatureScheme> scheme(Optional<TokenDoctor.Trust> trust) throws UsageException {
        boolean known = trust.filter(it -> !it.chain().isEmpty()).isPresent();
        return known ? place.scheme(surroundings) : Optional.empty();
    }

    /** As many as the node's signers would have on this token: each issuer's has as many as the limit says. */
    private OptionalInt sessions(Optional<ConfigFiles> files) {
        if (files.isEmpty()) {
            return OptionalInt.empty();
        }
        int limit = files.get().chancery().limits().pkcs11Sessions();
        try {
            return OptionalInt.of(place.onSameToken(surroundings).stream()
                    .mapToInt(uri -> uri.signaturesAtOnce(limit))
                    .sum());
        } catch (UsageException e) {
            throw new IllegalStateException("what was read once cannot be read again", e);
        }
    }

    private Optional<TokenDoctor.Node> node(Optional<ConfigFiles> files) throws UsageException {
        if (files.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new TokenDoctor.Node(
                RefusedPins.in(files.get().ca().db().folder(), surroundings.random()),
                place.fileWithPin(surroundings),
                files.get().chancery().kms().allowWeakKey()));
    }

    /** A PIN that cannot be had is a finding, not an end. */
    private Optional<Secret> pin() throws UsageException {
        var unused = place.uri(surroundings); // which token is no such question
        try {
            return Optional.of(place.pin(surroundings));
        } catch (UsageException | io.chancery.signer.hsm.HsmException e) {
            surroundings.err().println("chancery: " + e.getMessage());
            return Optional.empty();
        }
    }
}
