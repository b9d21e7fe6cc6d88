package io.chancery.signer.admin;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.key.RefusedPins;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Looks at everything that must be right before a CA can sign with a key on a token, one named check after the other.
 * A check whose ground is missing is skipped, never guessed. Blocks; for a process in which nobody is logged in.
 */
public final class TokenDoctor {
    /**
     * What is to be looked at.
     *
     * @param pin empty when none could be had: then all that needs a login is skipped
     * @param pinGiven whether it was said apart from where the CA will read it
     * @param trust the certificates of the configuration; empty when there is none
     * @param scheme how the configuration wants its issuer to sign; empty when there is none
     * @param sessions answers how many the configuration wants; may ask the library, and so hang as it does
     * @param tryCountedPin whether the PIN may be tried although a wrong one was counted since the last right one, or it
     *     is known to be refused
     * @param node that the configuration is of; empty when there is none
     * @param now when the certificates have to be valid
     */
    public record Subject(
            Pkcs11Uri uri,
            Optional<Secret> pin,
            boolean pinGiven,
            Optional<Trust> trust,
            Optional<SignatureScheme> scheme,
            Supplier<OptionalInt> sessions,
            boolean tryCountedPin,
            Optional<Node> node,
            Instant now) {
        /** The issuer's certificate, where the configuration has one that can be read. */
        Optional<X509Certificate> issuer() {
            return trust.flatMap(it -> it.chain().stream().findFirst());
        }
    }

    /**
     * Certificates of the configuration.
     *
     * @param chain the issuer's first; empty when it cannot be read
     * @param roots what the chain must lead to
     * @param unread what cannot be read of them, each with its file; empty when all can
     */
    public record Trust(List<X509Certificate> chain, List<X509Certificate> roots, List<String> unread) {
        public Trust {
            chain = List.copyOf(chain);
            roots = List.copyOf(roots);
            unread = List.copyOf(unread);
        }
    }

    /**
     * What the configuration says of the node.
     *
     * @param refused what the node knows of refused PINs
     * @param fileWithPin the configuration file in which the PIN itself stands; empty when it is elsewhere
     * @param allowWeakKey whether the node would start with a weak key
     */
    public record Node(RefusedPins refused, Optional<Path> fileWithPin, boolean allowWeakKey) {}

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /** More than all checks may take together that have limits of their own. */
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Subject subject;
    private final Findings findings = new Findings();

    private TokenDoctor(Subject subject) {
        this.subject = subject;
    }

    /**
     * All findings, in the order in which things depend on each other. Blocks for 60 s at most: where the library has not
     * answered by then, those so far and a failed one for the check that it hangs in, and a daemon thread stays with it.
     */
    public static List<Finding> examine(Subject subject) {
        return examine(subject, LIMIT);
    }

    static List<Finding> examine(Subject subject, Duration limit) {
        TokenDoctor doctor = new TokenDoctor(subject);
        FutureTask<Boolean> examination = new FutureTask<>(doctor::run, true);
        Thread thread = new Thread(examination, "doctor");
        thread.setDaemon(true);
        thread.start();
        try {
            Boolean unused = examination.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return doctor.findings.all();
        } catch (TimeoutException e) {
            return doctor.findings.unanswered(
                    "the library gave no answer within " + limit.toSeconds() + " s",
                    "find out why the HSM does not answer (cable, network, its client's service), and run this again");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return doctor.findings.unanswered("interrupted", "run this again");
        }
    }

    private void run() {
        Optional<HsmModule> module = library();
        Optional<TokenState> token = module.flatMap(this::token);
        PinFileCheck.run(subject.uri(), subject.node().flatMap(Node::fileWithPin), subject.pinGiven(), findings);
        findings.begin("pin-accepted");
        boolean mayLogin = token.map(this::pinState).orElse(false);
        boolean accepted = mayLogin && pinAccepted(token.get().slot().identity());
        token.ifPresent(state -> {
            mechanisms(module.get(), state);
            sessions(state);
        });
        chainToRoot();
        if (accepted) {
            new KeyChecks(subject, findings).run();
        } else {
            findings.skip("key-found", "nobody could log in");
        }
    }

    private Optional<HsmModule> library() {
        findings.begin("library-loads");
        try {
            HsmModule module = HsmModule.open(subject.uri().modulePath());
            HsmModule.Info info = module.info();
            findings.ok("library-loads", info.path() + ", " + info.manufacturer() + " " + info.version());
            return Optional.of(module);
        } catch (HsmException e) {
            findings.failed(
                    "library-loads",
                    e,
                    "set module-path in the URI to the library of the HSM's maker; chancery hsm modules lists those"
                            + " here");
            return Optional.empty();
        }
    }

    private Optional<TokenState> token(HsmModule module) {
        findings.begin("token-found");
        try {
            TokenState token = module.token(subject.uri());
            findings.ok(
                    "token-found",
                    "token=" + token.slot().label() + " serial=" + token.slot().serial() + " in slot "
                            + token.slot().id());
            return Optional.of(token);
        } catch (HsmException e) {
            findings.failed(
                    "token-found",
                    e,
                    "correct token= in the URI, or bring the token back (cable, service, SOFTHSM2_CONF for SoftHSM)");
            return Optional.empty();
        }
    }

    private boolean pinState(TokenState token) {
        PinStateCheck.run(token, findings, this::wrongPinCounted);
        return token.pin() == TokenState.Pin.FINE
                || (token.pin() == TokenState.Pin.COUNT_LOW && subject.tryCountedPin());
    }

    private void wrongPinCounted() {
        if (subject.tryCountedPin()) {
            findings.warning("pin-state", "a wrong PIN was given since the last right one", "find out who gave it");
        } else {
            // Nothing behind the PIN is looked at then, and a signer that starts now does not log in either.
            findings.failed(
                    "pin-state",
                    "a wrong PIN was given since the last right one; so the PIN is not tried, nor is what is behind it",
                    "find out who gave it; then chancery hsm doctor --try-pin, which uses up one more try if it is"
                            + " wrong");
        }
    }

    private boolean pinAccepted(String identity) {
        if (subject.pin().isEmpty()) {
            findings.failed("pin-accepted", "there is no PIN", "name its file with pin-source=FILE in the URI");
            return false;
        }
        Supplier<Boolean> look = () -> !isKnownAsRefused(identity) && isAcceptedNow(identity);
        if (subject.node().isEmpty()) {
            return look.get();
        }
        // Else the node's signer might try the same one meanwhile, and a wrong one would count twice.
        return subject.node().get().refused().inTurn(identity, PATIENCE, look).orElseGet(this::othersTurn);
    }

    private boolean othersTurn() {
        findings.failed(
                "pin-accepted",
                "not tried: for " + PATIENCE.toSeconds() + " s, another process of this node has been at the token",
                "run this again; if it stays so, the HSM does not answer the node's signer");
        return false;
    }

    /** The signer would not try it either. */
    private boolean isKnownAsRefused(String identity) {
        try {
            boolean known = subject.node()
                    .map(node -> node.refused().contains(identity, subject.pin()))
                    .orElse(false);
            if (known && !subject.tryCountedPin()) {
                findings.failed(
                        "pin-accepted",
                        "not tried: the token has refused this PIN before",
                        "put the right PIN where pin-source points; if this one is right again, chancery hsm doctor"
                                + " --try-pin");
            }
            return known && !subject.tryCountedPin();
        } catch (UncheckedIOException e) {
            findings.failed(
                    "pin-accepted",
                    "not tried: which PINs were refused cannot be read (" + e.getCause() + ")",
                    "run this as the user that the CA runs as");
            return true;
        }
    }

    private boolean isAcceptedNow(String identity) {
        PinCheck.Result result = PinCheck.run(subject.uri(), subject.pin().get());
        switch (result.verdict()) {
            case ACCEPTED -> {
                findings.ok("pin-accepted", "the token takes it, in a process of its own");
                subject.node().ifPresent(node -> node.refused().acceptedByCommand(identity, subject.pin()));
            }
            case REFUSED -> {
                // Else the signer would take the token's counter for somebody's attack, and wait for an operator.
                boolean told = subject.node()
                        .map(node -> node.refused().refusedToCommand(identity, subject.pin()))
                        .orElse(false);
                findings.failed(
                        "pin-accepted",
                        result.text(),
                        "put the right PIN where pin-source points; it was tried once and must not be tried again as"
                                + " it is"
                                + (told ? "" : "; then chancery hsm retry, as the node does not know of this try"));
            }
            case UNANSWERED ->
                findings.failed(
                        "pin-accepted",
                        "may have been tried: " + result.text(),
                        "find out why the HSM does not answer, and look whether it has counted a wrong PIN, before it is"
                                + " tried again");
            case UNKNOWN -> findings.failed("pin-accepted", "not tried: " + result.text(), "see the reason");
        }
        return result.verdict() == PinCheck.Verdict.ACCEPTED;
    }

    private void mechanisms(HsmModule module, TokenState token) {
        findings.begin(NeededMechanism.ECDSA.check());
        List<String> signing;
        try {
            signing = module.mechanismsTo("sign", token.slot().id());
        } catch (HsmException e) {
            findings.failed(
                    NeededMechanism.ECDSA.check(), e, "see the reason; which mechanisms there are is not known");
            return;
        }
        for (NeededMechanism needed : NeededMechanism.values()) {
            if (needed.isAmong(signing)) {
                findings.ok(needed.check(), "there");
            } else if (needed.isMissing(subject.scheme(), signing)) {
                findings.failed(
                        needed.check(),
                        "the token does not sign with " + needed.mechanism(),
                        "enable it, or use another "
                                + (needed == NeededMechanism.RSA_PSS ? "signatureAlgorithm" : "type of key"));
            } else {
                findings.ok(
                        needed.check(),
                        subject.scheme().isPresent()
                                ? "absent, and not needed"
                                : "absent, and needed for keys that sign so alone");
            }
        }
    }

    private void sessions(TokenState token) {
        findings.begin("session-limit");
        OptionalInt signatures;
        try {
            signatures = subject.sessions().get();
        } catch (HsmException e) {
            findings.failed("session-limit", e, "see the reason; how many are wanted is not known");
            return;
        }
        if (signatures.isEmpty()) {
            findings.skip("session-limit", "no configuration says how many are wanted");
            return;
        }
        // One more than signs: SunPKCS11 keeps a session for the login and for looking at objects.
        int wanted = signatures.getAsInt() + 1;
        if (token.maxSessions() > 0 && token.maxSessions() < wanted) {
            findings.failed(
                    "session-limit",
                    "the token allows " + token.maxSessions() + " sessions; signatures at once and one more are "
                            + wanted,
                    "lower limits.pkcs11Sessions in chancery.json, set max-sessions in the URI, or raise the token's"
                            + " limit");
        } else {
            findings.ok(
                    "session-limit",
                    wanted + " wanted, "
                            + (token.maxSessions() > 0 ? token.maxSessions() + " allowed" : "no limit told"));
        }
    }

    private void chainToRoot() {
        if (subject.trust().isEmpty()) {
            findings.skip("chain-to-root", "no configuration names the issuer's certificate");
            return;
        }
        Trust trust = subject.trust().get();
        if (trust.unread().isEmpty()) {
            ChainCheck.run(trust.chain(), trust.roots(), subject.now(), findings);
        } else {
            findings.failed(
                    "chain-to-root",
                    String.join("; ", trust.unread()),
                    "put the certificate there, readable by the CA's user, or correct crt and root in the configuration");
        }
    }
}
