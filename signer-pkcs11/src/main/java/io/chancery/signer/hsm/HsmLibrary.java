package io.chancery.signer.hsm;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.WatchedCalls.Purpose;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PKCS#11 library in this process, one object for each: which keys are in use, and when it may be started again. It is
 * called under watch, see {@link WatchedCalls}. Any thread; what is said to block does so for the limit given at most.
 */
public final class HsmLibrary {
    private static final Logger LOG = LoggerFactory.getLogger(HsmLibrary.class);
    private static final Map<String, HsmLibrary> LIBRARIES = new ConcurrentHashMap<>();

    /** Signatures of a key that was lost fail soon, if they do not hang. */
    private static final Duration PATIENCE = Duration.ofMillis(250);

    private final String path;
    private final WatchedCalls calls;
    private final LeftSessions left;
    /** Keys whose sessions nobody has asked to close; nothing is started again under them. */
    private final Map<TokenKey, Opening> inUse = new ConcurrentHashMap<>();

    private HsmLibrary(String path) {
        this.path = path;
        this.calls = new WatchedCalls(path);
        this.left = LeftSessions.of(path);
    }

    /** The one that the URI names; it is not loaded yet. HsmException MISCONFIGURED when there is no such file. */
    public static HsmLibrary of(Pkcs11Uri uri) {
        return LIBRARIES.computeIfAbsent(LibraryFile.path(uri.modulePath()), HsmLibrary::new);
    }

    /** The slot with the token that the URI means, as it is at this moment. Blocks; HsmException of any kind. */
    public TokenSlot slot(Pkcs11Uri uri, Duration limit) {
        return call("looking for the token", limit, () -> Cryptoki.open(path).token(uri));
    }

    /**
     * Opens a new instance, logs in to the slot and finds the key. Blocks.
     *
     * @param pin none where the token needs none
     * @param opening told of what comes up on the way, on the thread that opens but for the first, in whose time ever
     * @throws HsmException of any kind; one PIN_REFUSED must not be followed by another try with the same PIN; LOST
     *     while one that was left behind has not ended, as its PIN may be refused yet
     */
    public TokenKey open(TokenSlot slot, Pkcs11Uri uri, Optional<Secret> pin, Opening opening, Duration limit) {
        return calls.run(
                Purpose.OPEN,
                "opening the key",
                limit,
                opening::begun,
                () -> opened(slot, uri, pin, opening),
                late -> retire(late, limit));
    }

    private TokenKey opened(TokenSlot slot, Pkcs11Uri uri, Optional<Secret> pin, Opening opening) {
        Cryptoki cryptoki = Cryptoki.open(path);
        try {
            refuseOtherSlot(slot, uri);
            cryptoki.closeLeft(); // a token may bear few
            TokenLogin login = TokenLogin.open(path, cryptoki, slot, pin);
            TokenKey key = TokenKey.find(login, uri, opening::withoutCertificate);
            inUse.put(key, opening);
            cryptoki.closeLeft(); // by now the HSM answers
            return key;
        } catch (HsmException e) {
            if (e.kind() == HsmException.Kind.PIN_REFUSED) {
                opening.refused();
            }
            throw e;
        } finally {
            opening.over();
        }
    }

    /** A library that another key had started again since may have another token there, and this PIN is not for it. */
    private void refuseOtherSlot(TokenSlot slot, Pkcs11Uri uri) {
        TokenSlot now = Cryptoki.open(path).token(uri);
        if (now.id() != slot.id()
                || now.index() != slot.index()
                || !now.identity().equals(slot.identity())) {
            throw new HsmException(HsmException.Kind.LOST, "the slots have changed; token " + slot.label(), null);
        }
    }

    /** What comes up while a key is opened, and while it is in use. */
    public interface Opening {
        /**
         * The call is being made, and the token may be given the PIN; first of all, on the thread that waits for it. Not told
         * of where other calls that hang let none be made. Does not fail.
         */
        default void begun() {}

        /** The token refuses the PIN. */
        void refused();

        /** The call has ended, and with it all that the token says to the PIN; last of all. Does not fail. */
        default void over() {}

        /** This process is logged in, and the key has no certificate: whoever may writes it now. Does not fail. */
        void withoutCertificate();

        /** Another key of the library cannot be opened: is this one well? Never waits; any thread. */
        default void suspect(TokenKey key) {}

        /** The library is started again for another key, and this one is of no more use. Never waits; any thread. */
        default void ended(TokenKey key) {}
    }

    /**
     * Runs what calls this library by another way, as one call of it: watched, and counted as under way. Blocks.
     *
     * @throws HsmException as the work, HUNG, or LOST when it fails in any other way
     */
    public <T> T within(String what, Duration limit, Callable<T> work) {
        return call(what, limit, work);
    }

    /** Signs as {@link TokenKey#sign}. Blocks; HsmException LOST, also when the key was given up meanwhile, or HUNG. */
    public Der sign(TokenKey key, SignatureScheme scheme, byte[] message, Duration limit) {
        return call("signing", limit, () -> {
            if (!inUse.containsKey(key)) {
                // Its sessions' numbers may be those of others by now.
                throw new HsmException(HsmException.Kind.LOST, "the key was given up", null);
            }
            return key.sign(scheme, message);
        });
    }

    /**
     * Looks whether the token answers, and whether the key's sessions are there. Blocks; HsmException LOST when it seems not
     * so, HUNG, or BUSY.
     *
     * @param sessions whether to look at them: nobody may sign with the key meanwhile
     */
    public void look(TokenKey key, boolean sessions, Duration limit) {
        Boolean unused = call("looking at the token", limit, () -> {
            if (inUse.containsKey(key)) {
                key.look(sessions);
            }
            return true;
        });
    }

    /**
     * The key is of no more use, or was opened when nobody waited for it any more: closes what it keeps open, now or, where
     * the HSM does not answer for it, when the next key is opened. Blocks; does not fail.
     */
    public void retire(TokenKey key, Duration limit) {
        key.leave();
        inUse.remove(key);
        try {
            Boolean unused = call("closing sessions", limit, () -> {
                Cryptoki.open(path).closeLeft();
                return true;
            });
        } catch (HsmException e) {
            LOG.atDebug().addKeyValue("reason", String.valueOf(e.getMessage())).log("sessions were not closed");
        }
    }

    /**
     * Starts the library again if sessions may be open that nothing else closes, SunPKCS11 having forgotten them, and if no
     * key is in use: for who has lost the only one. Waits a little for calls that are under way. Blocks.
     *
     * @throws HsmException LOST when it does not start again, HUNG
     */
    public void closeForgotten(Duration limit) {
        if (left.forgotten()
                && (calls.holdBackWhenIdle(inUse::isEmpty)
                        || (inUse.isEmpty() && calls.holdBack() && calls.awaitIdle(PATIENCE, inUse::isEmpty)))) {
            startAgain(limit);
        }
    }

    /** Whether some may be open so, and a start is still to come. Never waits. */
    public boolean hasForgotten() {
        return left.forgotten();
    }

    /**
     * C_Finalize and C_Initialize. Blocks, for twice the limit where calls have to end before.
     *
     * @param evenUnderOthers whether other keys of this library are taken out of use for it, so that their owners open
     *     them anew; else the owners are only told to look whether their keys are well
     * @return false, with nothing started, while a call is under way or another key of this library stays in use
     * @throws HsmException LOST when it does not start again, HUNG
     */
    public boolean restart(boolean evenUnderOthers, Duration limit) {
        if (!calls.holdBackWhenIdle(inUse::isEmpty) && !othersGiveWay(evenUnderOthers, limit)) {
            return false;
        }
        startAgain(limit);
        return true;
    }

    private void startAgain(Duration limit) {
        Boolean unused = calls.run(
                Purpose.RESTART,
                "starting the library again",
                limit,
                () -> {},
                () -> {
                    Cryptoki.open(path).restart();
                    return true;
                },
                started -> {});
    }

    private boolean othersGiveWay(boolean must, Duration limit) {
        Map<TokenKey, Opening> others = Map.copyOf(inUse);
        if (others.isEmpty()) {
            return false; // a call is under way
        }
        if (!must || !calls.holdBack()) {
            others.forEach((key, owner) -> owner.suspect(key));
            return false;
        }
        giveUpAll();
        others.forEach((key, owner) -> owner.ended(key));
        return calls.awaitIdle(limit, () -> {
            giveUpAll(); // one of the calls may have opened a key
            return true;
        });
    }

    private void giveUpAll() {
        inUse.keySet().forEach(TokenKey::leave);
        inUse.clear();
    }

    /** Calls that did not end in time and have not ended since. Never waits. */
    public int abandoned() {
        return calls.abandoned();
    }

    /** Whether so many calls hang, or a start of the library does, that no other is made. */
    public boolean spent() {
        return calls.spent();
    }

    /** As {@link WatchedCalls#awaitsAnswer}. */
    public boolean awaitsAnswer() {
        return calls.awaitsAnswer();
    }

    private <T> T call(String what, Duration limit, Callable<T> call) {
        return calls.run(Purpose.USE, what, limit, () -> {}, call, late -> {});
    }
}
