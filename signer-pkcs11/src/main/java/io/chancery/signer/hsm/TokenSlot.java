package io.chancery.signer.hsm;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A slot with an initialised token in it.
 *
 * @param id CK_SLOT_ID; SoftHSM gives others after each initialisation, so it is never kept
 * @param index the place in the library's slot list
 * @param flags of CK_TOKEN_INFO
 */
public record TokenSlot(
        long id, int index, String label, String serial, String manufacturer, String model, long flags) {
    private static final long LOGIN_REQUIRED = 0x00000004L;
    private static final long PROTECTED_AUTHENTICATION_PATH = 0x00000100L;
    private static final long USER_PIN_COUNT_LOW = 0x00010000L;
    private static final long USER_PIN_FINAL_TRY = 0x00020000L;
    private static final long USER_PIN_LOCKED = 0x00040000L;

    /**
     * The one token that the URI means; all that it names must fit, and it must name enough.
     *
     * @param unseen why a slot could not be looked at, which is thrown where none of these fits
     */
    public static TokenSlot choose(List<TokenSlot> tokens, Optional<HsmException> unseen, Pkcs11Uri uri) {
        List<TokenSlot> fitting =
                tokens.stream().filter(token -> token.fits(uri)).toList();
        if (fitting.isEmpty() && unseen.isPresent()) {
            throw unseen.get();
        }
        if (uri.token().isEmpty() && uri.serial().isEmpty() && uri.slotId().isEmpty()) {
            throw HsmException.misconfigured("pkcs11 URI: one of token, serial and slot-id is needed: " + uri);
        }
        if (fitting.isEmpty()) {
            throw new HsmException(
                    HsmException.Kind.LOST,
                    "no token fits " + uri + "; the library " + uri.modulePath() + " shows " + describe(tokens)
                            + hint(uri),
                    null);
        }
        if (fitting.size() > 1) {
            throw HsmException.misconfigured(
                    "more than one token fits " + uri + ": " + describe(fitting) + "; add serial=");
        }
        return fitting.get(0);
    }

    /** SoftHSM then looks where the system keeps its tokens. */
    private static String hint(Pkcs11Uri uri) {
        boolean softHsm = uri.modulePath().contains("softhsm");
        return softHsm && System.getenv("SOFTHSM2_CONF") == null ? "; SOFTHSM2_CONF is not set" : "";
    }

    /**
     * By which this token is known again, here and on other nodes, wherever it is plugged in. Not by its serial number
     * alone: libraries for TPMs give all tokens the same one.
     */
    public String identity() {
        return "token=" + Pkcs11Uri.encoded(label)
                + ";serial=" + Pkcs11Uri.encoded(serial)
                + ";manufacturer=" + Pkcs11Uri.encoded(manufacturer)
                + ";model=" + Pkcs11Uri.encoded(model);
    }

    /** Whether its maker gave it a serial number; without one, another node's token may have the same identity. */
    public boolean hasSerial() {
        return serial.chars().anyMatch(c -> c != '0' && !Character.isWhitespace(c));
    }

    private boolean fits(Pkcs11Uri uri) {
        return uri.token().map(label::equals).orElse(true)
                && uri.serial().map(serial::equals).orElse(true)
                && uri.manufacturer().map(manufacturer::equals).orElse(true)
                && uri.model().map(model::equals).orElse(true)
                && uri.slotId().map(wanted -> wanted == id).orElse(true);
    }

    /** Whether a wrong PIN was given since the last right one, by whomever: another wrong one may lock the token. */
    public boolean pinCountLow() {
        return (flags & USER_PIN_COUNT_LOW) != 0;
    }

    /** Whether its keys are there only for who has given a PIN, and not by a keypad of its own. */
    public boolean needsPin() {
        return (flags & LOGIN_REQUIRED) != 0 && (flags & PROTECTED_AUTHENTICATION_PATH) == 0;
    }

    /** Why nobody may try a PIN, or empty. Whoever administers the token has to set a new one. */
    public Optional<String> pinLocked() {
        if ((flags & USER_PIN_LOCKED) != 0) {
            return Optional.of("the PIN of token " + label + " is locked");
        }
        return (flags & USER_PIN_FINAL_TRY) != 0
                ? Optional.of("the PIN of token " + label + " has one try left")
                : Optional.empty();
    }

    /** A token with one try left is not logged in to: a wrong PIN would lock it. */
    void refuseWhenPinIsAtStake() {
        if (pinLocked().isPresent()) {
            throw new HsmException(HsmException.Kind.PIN_REFUSED, pinLocked().get(), null);
        }
    }

    private static String describe(List<TokenSlot> tokens) {
        return tokens.isEmpty()
                ? "no token"
                : tokens.stream()
                        .map(token -> "token=" + token.label + " (serial " + token.serial + ")")
                        .collect(Collectors.joining(", "));
    }
}
