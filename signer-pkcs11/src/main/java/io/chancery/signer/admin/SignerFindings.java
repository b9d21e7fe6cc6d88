package io.chancery.signer.admin;

import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.GivenOnce;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.HsmLibrary;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.key.KeyState;
import io.chancery.signer.key.KeyStatus;
import io.chancery.signer.key.LastSignature;
import io.chancery.signer.key.RefusedPins;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Those findings of {@link TokenDoctor} that the process that signs can have of itself, under the same names. No PIN is
 * tried, and nothing is signed for them.
 */
public final class SignerFindings {
    private static final String PIN_STATE = "pin-state";
    private static final String PIN_ACCEPTED = "pin-accepted";
    private static final String TEST_SIGNATURE = "test-signature";
    private static final String RETRY = "chancery hsm retry CA_JSON";

    /** A signer makes a signature every ten seconds by itself. */
    private static final Duration FRESH = Duration.ofSeconds(30);

    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final Findings findings = new Findings();

    private SignerFindings() {}

    /**
     * Where the PIN of a key on a token is had from.
     *
     * @param fileWithPin the configuration file in which the PIN itself stands; empty when it is elsewhere
     */
    public record PinPlace(Pkcs11Uri uri, Optional<Path> fileWithPin) {}

    /**
     * Of the file with the PIN, and of the certificates. Blocks for the disk.
     *
     * @param pin empty when no token has the key, or it is not here
     */
    public static List<Finding> ofFiles(Optional<PinPlace> pin, TokenDoctor.Trust trust, Instant now) {
        SignerFindings doctor = new SignerFindings();
        pin.ifPresent(place -> PinFileCheck.run(place.uri(), place.fileWithPin(), false, doctor.findings));
        ChainCheck.run(trust.chain(), trust.roots(), now, doctor.findings);
        return doctor.findings.all();
    }

    /**
     * Of a token whose key signs, and so of one to which this process is logged in. Blocks for the disk, and for a tenth of
     * a second for each PIN that the token has refused.
     *
     * @param kmsPin the one that the signer takes where the URI has none
     * @param issuer the public key of its certificate
     */
    public static List<Finding> ofToken(
            TokenReport report, Pkcs11Uri uri, Optional<Secret> kmsPin, RefusedPins refused, PublicKey issuer) {
        SignerFindings doctor = new SignerFindings();
        doctor.pinState(report.token());
        doctor.nextPin(report.token().slot().identity(), uri, kmsPin, refused);
        boolean unused = report.certified().checkCertified(doctor.findings);
        unused = report.certified().checkMatches(issuer, doctor.findings);
        return doctor.findings.all();
    }

    /**
     * Of a token to which this process cannot log in, since its PIN was refused or may not be tried: what its flags say.
     * Blocks; HsmException of any kind, HUNG at once while other calls into the library hang.
     */
    public static List<Finding> ofTokenThatRefuses(Pkcs11Uri uri) {
        HsmLibrary library = HsmLibrary.of(uri);
        if (library.abandoned() > 0) {
            throw new HsmException(HsmException.Kind.HUNG, "calls into the library hang", null);
        }
        SignerFindings doctor = new SignerFindings();
        doctor.pinState(library.within(
                "looking at the token",
                LIMIT,
                () -> HsmModule.open(uri.modulePath()).token(uri)));
        return doctor.findings.all();
    }

    /**
     * Of how the signer's key is. Never waits. Of the PIN of a key that signs, {@link #ofToken} tells.
     *
     * @param last empty when nothing was signed since the key was opened, which it is with a signature that verified
     */
    public static List<Finding> ofKey(KeyStatus status, Optional<LastSignature> last, boolean onToken) {
        SignerFindings doctor = new SignerFindings();
        String state = "the key is " + status.state().name().toLowerCase(Locale.ROOT);
        if (onToken && status.state() == KeyState.PIN_REFUSED) {
            doctor.findings.failed(
                    PIN_ACCEPTED, status.why(), "put the right PIN where pin-source points; then " + RETRY);
        } else if (onToken && !status.canSign()) {
            doctor.findings.skip(PIN_ACCEPTED, "not known: " + state);
        }
        if (last.isPresent()) {
            doctor.signature(status.canSign(), state, last.get());
        } else if (status.canSign()) {
            doctor.findings.ok(TEST_SIGNATURE, "the one with which the key was opened verified");
        } else {
            doctor.findings.skip(TEST_SIGNATURE, state);
        }
        return doctor.findings.all();
    }

    private void signature(boolean canSign, String state, LastSignature last) {
        String ago = last.age().toSeconds() + " s ago";
        if (!last.verified()) {
            findings.failed(
                    TEST_SIGNATURE,
                    "the last one, " + ago + ", came to nothing: " + last.why(),
                    "see the reason and the log; chancery hsm doctor");
        } else if (!canSign) {
            findings.skip(TEST_SIGNATURE, state + "; the last one verified " + ago);
        } else if (last.age().compareTo(FRESH) > 0) {
            findings.warning(
                    TEST_SIGNATURE,
                    "the last one verified " + ago + ", though a signer makes one every 10 s",
                    "see whether calls into its library hang (chancery_signer_abandoned_calls), and the log");
        } else {
            findings.ok(
                    TEST_SIGNATURE,
                    "the signer's last one, within " + FRESH.toSeconds() + " s, verified with the certificate's key");
        }
    }

    private void pinState(TokenState token) {
        PinStateCheck.run(
                token,
                findings,
                () -> findings.warning(
                        PIN_STATE,
                        "a wrong PIN was given since the last right one; a signer that has to log in now may wait for"
                                + " an operator",
                        "find out who gave it; then " + RETRY + ", which allows one more login"));
    }

    /** Not whether it is right: in a process that is logged in, a library takes any. */
    private void nextPin(String identity, Pkcs11Uri uri, Optional<Secret> kmsPin, RefusedPins refused) {
        Optional<Secret> read = Optional.empty();
        try {
            if (uri.pinFile().filter(GivenOnce::is).isPresent()) { // it is for the next login
                findings.ok(PIN_ACCEPTED, "the signer is logged in; the PIN for its next login is no file to look at");
                return;
            }
            read = uri.pin();
            if (refused.contains(identity, read.or(() -> kmsPin))) {
                findings.failed(
                        PIN_ACCEPTED,
                        "the signer is logged in, and the token has refused the PIN that is there for its next login",
                        "put the right PIN where pin-source points; if this one is right again, " + RETRY);
            } else {
                findings.ok(PIN_ACCEPTED, "the signer is logged in");
            }
        } catch (HsmException e) {
            findings.failed(
                    PIN_ACCEPTED,
                    "the signer is logged in, and its next login has no PIN: " + e.getMessage(),
                    "write the PIN where pin-source points, readable by the CA's user alone");
        } catch (UncheckedIOException e) {
            findings.failed(
                    PIN_ACCEPTED,
                    "the signer is logged in, and will try no PIN again: which ones were refused cannot be read ("
                            + e.getCause() + ")",
                    "give refused-pins in the data folder to the CA's user; " + RETRY
                            + " removes what is damaged in it");
        } finally {
            read.ifPresent(Secret::close);
        }
    }
}
