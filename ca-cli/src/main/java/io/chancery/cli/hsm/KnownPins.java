package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.cli.start.ConfigFiles;
import io.chancery.core.secret.Secret;
import io.chancery.signer.admin.HsmModule;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.key.RefusedPins;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a node knows of PINs that a token refused, for commands: a PIN that was refused once is not tried again, be it by the
 * signer or by a command, as a token locks after a few.
 */
final class KnownPins {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Optional<RefusedPins> ofNode;

    private KnownPins(Optional<RefusedPins> ofNode) {
        this.ofNode = ofNode;
    }

    /** @param files of the node; empty for a command that names none: then it tries what it is given */
    static KnownPins of(Optional<ConfigFiles> files, Surroundings surroundings) {
        return new KnownPins(files.map(node -> RefusedPins.in(node.ca().db().folder(), surroundings.random())));
    }

    /**
     * Runs what gives the PIN to the token, once, while no other process of the node does, and notes what came of it. Blocks for
     * 10 s when one does.
     *
     * @throws HsmException as the work does; MISCONFIGURED when the PIN was not tried
     */
    <T> T trying(Pkcs11Uri uri, Optional<Secret> pin, Supplier<T> work) {
        if (ofNode.isEmpty()) {
            return work.get();
        }
        RefusedPins refused = ofNode.get();
        String token = identity(uri);
        return refused.inTurn(token, PATIENCE, () -> {
                    refuseKnown(refused, token, pin);
                    return noting(refused, token, pin, work);
                })
                .orElseThrow(() -> notTried("for " + PATIENCE.toSeconds()
                        + " s, another process of this node has been at the token; run this again"));
    }

    /** The token took it from a command, whatever it said of it before. */
    void accepted(Pkcs11Uri uri, Secret pin) {
        ofNode.ifPresent(refused -> refused.acceptedByCommand(identity(uri), Optional.of(pin)));
    }

    /** Of the token that is meant; HsmException where there is none. */
    static String identity(Pkcs11Uri uri) {
        return HsmModule.open(uri.modulePath()).token(uri).slot().identity();
    }

    private static void refuseKnown(RefusedPins refused, String token, Optional<Secret> pin) {
        try {
            if (refused.contains(token, pin)) {
                throw notTried(
                        "the token has refused this PIN before; put the right one where pin-source points. If this"
                                + " one is right again: chancery hsm doctor --try-pin");
            }
        } catch (UncheckedIOException e) {
            throw notTried("which PINs were refused cannot be read (" + e.getCause()
                    + "); run this as the user that the CA runs as");
        }
    }

    private static <T> T noting(RefusedPins refused, String token, Optional<Secret> pin, Supplier<T> work) {
        T done;
        try {
            done = work.get();
        } catch (HsmException e) {
            if (isOfGivenPin(e)) {
                boolean unused = refused.refusedToCommand(token, pin);
            }
            throw e;
        }
        refused.acceptedByCommand(token, pin);
        return done;
    }

    /** Not where a new PIN is too short, or where nobody was asked to log in. */
    private static boolean isOfGivenPin(HsmException e) {
        String text = String.valueOf(e.getMessage());
        return text.contains("CKR_PIN_INCORRECT") || text.contains("CKR_PIN_LOCKED");
    }

    private static HsmException notTried(String why) {
        return HsmException.misconfigured("the PIN was not tried: " + why);
    }
}
