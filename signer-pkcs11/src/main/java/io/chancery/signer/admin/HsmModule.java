package io.chancery.signer.admin;

import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.CryptokiWrapper;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.LibraryFile;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.hsm.TokenSlot;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import sun.security.pkcs11.wrapper.CK_INFO;
import sun.security.pkcs11.wrapper.CK_TOKEN_INFO;
import sun.security.pkcs11.wrapper.CK_VERSION;

/** A PKCS#11 library: what it is, which slots it has, and what is in them. Blocks as the library does. */
public final class HsmModule {
    private static final int MAX_LABEL_OCTETS = 32;

    private final CryptokiModule library;

    private HsmModule(CryptokiModule library) {
        this.library = library;
    }

    /** HsmException MISCONFIGURED when it cannot be loaded, LOST when it does not start. */
    public static HsmModule open(String modulePath) {
        return new HsmModule(new CryptokiModule(CryptokiLibrary.open(LibraryFile.path(modulePath))));
    }

    /** What the library says of itself. */
    public record Info(String path, String cryptoki, String manufacturer, String description, String version) {}

    /**
     * @param index the place in the library's list
     * @param token what is in it, initialised or not; empty also where that cannot be told
     * @param failure why it cannot be told
     */
    public record Slot(
            long id, int index, String description, Optional<TokenState> token, Optional<HsmException> failure) {}

    /**
     * @param smallest key, in the unit of the mechanism, as {@code largest}
     * @param uses sign, verify, wrap, unwrap, generate, digest …
     */
    public record Mechanism(String name, long code, long smallest, long largest, List<String> uses) {}

    public Info info() {
        CK_INFO info = library.info();
        return new Info(
                library.path(),
                text(info.cryptokiVersion),
                CryptokiWrapper.text(info.manufacturerID),
                CryptokiWrapper.text(info.libraryDescription),
                text(info.libraryVersion));
    }

    /** All slots, those without a token too, and those that err: they must not hide the others. */
    public List<Slot> slots() {
        Set<Long> full = new HashSet<>();
        for (long id : library.slotIds(true)) {
            full.add(id);
        }
        List<Slot> slots = new ArrayList<>();
        long[] ids = library.slotIds(false);
        for (int index = 0; index < ids.length; index++) {
            slots.add(slot(ids[index], index, full.contains(ids[index])));
        }
        return slots;
    }

    private Slot slot(long id, int index, boolean full) {
        try {
            Optional<TokenState> token = full ? Optional.of(state(id, index, library.tokenInfo(id))) : Optional.empty();
            String description = CryptokiWrapper.text(library.slotInfo(id).slotDescription);
            return new Slot(id, index, description, token, Optional.empty());
        } catch (HsmException e) {
            return new Slot(id, index, "", Optional.empty(), Optional.of(e));
        }
    }

    private static Optional<HsmException> failure(List<Slot> slots) {
        return slots.stream().flatMap(slot -> slot.failure().stream()).findFirst();
    }

    private static TokenState state(long id, int index, CK_TOKEN_INFO info) {
        TokenSlot slot = CryptokiWrapper.slot(id, index, info);
        return new TokenState(slot, text(info.firmwareVersion), info.ulMaxSessionCount, info.ulSessionCount);
    }

    /** In the library's order; without those that it lists and then does not know, as Java's provider has it. */
    public List<Mechanism> mechanisms(long slot) {
        List<Mechanism> mechanisms = new ArrayList<>();
        for (long code : library.mechanisms(slot)) {
            library.mechanism(slot, code)
                    .ifPresent(info -> mechanisms.add(new Mechanism(
                            MechanismNames.name(code),
                            code,
                            info.ulMinKeySize,
                            info.ulMaxKeySize,
                            MechanismNames.uses(info.flags))));
        }
        return mechanisms;
    }

    /** The names of those that are for a use, such as {@code sign}. */
    List<String> mechanismsTo(String use, long slot) {
        return mechanisms(slot).stream()
                .filter(mechanism -> mechanism.uses().contains(use))
                .map(Mechanism::name)
                .toList();
    }

    /** The one initialised token that the URI means; HsmException says which there are, or why none can be seen. */
    public TokenState token(Pkcs11Uri uri) {
        List<Slot> slots = slots();
        List<TokenState> states = slots.stream()
                .flatMap(slot -> slot.token().stream())
                .filter(TokenState::initialised)
                .toList();
        TokenSlot chosen =
                TokenSlot.choose(states.stream().map(TokenState::slot).toList(), failure(slots), uri);
        return states.stream()
                .filter(state -> state.slot().id() == chosen.id())
                .findFirst()
                .orElseThrow();
    }

    /**
     * Makes a token with a PIN in the first slot whose token is not initialised: never in place of one that is. Where the one
     * token with the label has no PIN yet, as after a try that was broken off, it gets this one; nothing else of it changes.
     *
     * @param soPin of the security officer; of a token that is there, the one that it was made with
     * @return the token; SoftHSM gives a new one another slot than the one that it was made in
     */
    public TokenState initToken(String label, Secret soPin, Secret pin) {
        Optional<TokenState> begun = withLabel(label);
        PinRules.check(soPin);
        PinRules.check(pin);
        if (begun.isEmpty()) {
            Slot free = slots().stream()
                    .filter(slot ->
                            slot.token().map(token -> !token.initialised()).orElse(false))
                    .findFirst()
                    .orElseThrow(() -> HsmException.misconfigured(
                            "the library " + library.path() + " has no slot with a token that is not initialised yet"));
            library.calls().initToken(free.id(), label, soPin);
        }
        TokenState made = token(Pkcs11Uri.parse("pkcs11:token=" + Pkcs11Uri.encoded(label)));
        try (CryptokiSession session =
                CryptokiSession.open(library.calls(), made.slot().id(), true)) {
            boolean unused = session.login(CryptokiSession.SO, soPin);
            session.initPin(pin);
            session.logout();
        }
        return token(Pkcs11Uri.parse("pkcs11:token=" + Pkcs11Uri.encoded(label)));
    }

    /** The token that lacks nothing but its PIN; empty when there is none with the label. HsmException for any other. */
    private Optional<TokenState> withLabel(String label) {
        if (label.isBlank() || label.getBytes(StandardCharsets.UTF_8).length > MAX_LABEL_OCTETS) {
            throw HsmException.misconfigured("a token's label has 1 to 32 octets");
        }
        List<Slot> slots = slots();
        Optional<HsmException> unseen = failure(slots);
        if (unseen.isPresent()) {
            throw unseen.get(); // it may have the label
        }
        List<TokenState> there = slots.stream()
                .flatMap(slot -> slot.token().stream())
                .filter(token -> token.initialised() && token.slot().label().equals(label))
                .toList();
        if (there.size() > 1 || there.stream().anyMatch(token -> token.pin() != TokenState.Pin.NOT_SET)) {
            throw HsmException.misconfigured("there is a token " + label + " already; nothing was done to it");
        }
        return there.stream().findFirst();
    }

    CryptokiLibrary library() {
        return library.calls();
    }

    private static String text(CK_VERSION version) {
        return version.major + "." + version.minor;
    }
}
