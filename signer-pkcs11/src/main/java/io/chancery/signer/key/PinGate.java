package io.chancery.signer.key;

import io.chancery.cluster.signers.NoOtherNodes;
import io.chancery.cluster.signers.TokenTurns;
import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.TokenSlot;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before each login: a wrong PIN is tried once, on one node, and never the one that locks the token. Blocks, while
 * another node, another process of this one or another key of this process is at the token; one thread at a time.
 */
final class PinGate {
    private static final Logger LOG = LoggerFactory.getLogger(PinGate.class);
    /** Longer than a turn lasts: whoever goes on while another one's login is unanswered may spend the token's next try. */
    private static final Duration PATIENCE = Duration.ofSeconds(11);
    /** Then it is tried again: what another process does at the token has its limits. */
    private static final Duration PROCESSES_PATIENCE = Duration.ofSeconds(2);
    /** As long as a turn lasts; what another key of this process does at the token has its limits. */
    private static final long KEYS_PATIENCE_SECONDS = 10;
    /** After so long no HSM refuses a PIN any more, and a login hangs: as {@code HsmLibrary.awaitsAnswer} has it. */
    static final Duration LONGEST_ANSWER = Duration.ofSeconds(30);
    /** Turns keep nodes apart, and not the keys of one: each would try a PIN that the token is about to refuse. */
    private static final Map<String, ReentrantLock> AT_TOKEN = new ConcurrentHashMap<>();

    private static final String RETRY = "\"chancery hsm retry\" allows one more login";
    private static final String HOW = "it waits for another PIN, or " + RETRY;

    private final RefusedPins refused;
    private final TokenTurns turns;
    private final boolean byCommand;
    private final Duration longestAnswer;
    /** Refusals of its own that others have heard of: told again after another PIN was accepted, they would mislead. */
    private final Set<String> heardByOthers = ConcurrentHashMap.newKeySet();

    private PinGate(RefusedPins refused, TokenTurns turns, boolean byCommand, Duration longestAnswer) {
        this.refused = refused;
        this.turns = turns;
        this.byCommand = byCommand;
        this.longestAnswer = longestAnswer;
    }

    /** For a process that logs in by itself, and may be started again by a supervisor. */
    static PinGate ofService(RefusedPins refused, TokenTurns turns) {
        return ofService(refused, turns, LONGEST_ANSWER);
    }

    /** @param longestAnswer after which no HSM answers a login any more */
    static PinGate ofService(RefusedPins refused, TokenTurns turns, Duration longestAnswer) {
        return new PinGate(refused, turns, false, longestAnswer);
    }

    /** For a process that an operator has just started. */
    static PinGate ofCommand(RefusedPins refused) {
        return new PinGate(refused, new NoOtherNodes(), true, LONGEST_ANSWER);
    }

    /** What is done at the token while it is this node's turn. */
    interface Login<T> {
        /**
         * Logs in; HsmException PIN_REFUSED when the token says so.
         *
         * @param slot as it is now that nobody else is at the token
         * @param answer is told what the token says
         */
        T run(TokenSlot slot, Answer answer);
    }

    /** Told what the token says to the PIN, as soon as it does. */
    interface Answer {
        /** By the thread that runs the login: the token may be given the PIN from now on, until it is over. */
        void begun();

        /** By whichever thread hears it: nobody may wait for it any more. */
        void refused();

        /** By the thread that runs the login, if the token was given the PIN. UncheckedIOException when that cannot be noted. */
        void accepted();

        /** By whichever thread knows it, and as often as it likes: the token says nothing of the PIN from now on. */
        void over();
    }

    /**
     * Runs the login when it may be tried and it is this node's turn.
     *
     * @param slots reads the token's slot: others may have given it a wrong PIN while this node waited for its turn
     * @throws SigningKeyException PIN_REFUSED, with nothing tried, when only another PIN or an operator can help; AWAY
     *     while another key of this process, or another process of this node, is at the token for too long
     * @throws HsmException as the login
     */
    <T> T pass(Supplier<TokenSlot> slots, Optional<Secret> pin, Login<T> login) {
        try {
            return passUnlessRefused(slots, pin, login);
        } catch (UncheckedIOException e) {
            throw refused("which PINs were refused cannot be read (" + e.getCause() + "); the file is this user's own");
        }
    }

    private <T> T passUnlessRefused(Supplier<TokenSlot> slots, Optional<Secret> pin, Login<T> login) {
        TokenSlot before = slots.get();
        refuseWhatLocks(before);
        refuseWhatNeedsNoTurn(before, pin);
        ReentrantLock ofToken = AT_TOKEN.computeIfAbsent(before.identity(), token -> new ReentrantLock());
        takeFromOtherKeys(ofToken, before);
        try {
            return passAlone(before, slots, pin, login);
        } finally {
            ofToken.unlock();
        }
    }

    /** Looks for another PIN are many, and cost no turn once all that is to be told has been told. */
    private void refuseWhatNeedsNoTurn(TokenSlot slot, Optional<Secret> pin) {
        String token = slot.identity();
        if (!refused.hasPermit(token)
                && refused.contains(token, pin)
                && refused.lastOwn(token).map(heardByOthers::contains).orElse(true)) {
            throw refusedBefore(slot);
        }
    }

    private SigningKeyException refusedBefore(TokenSlot slot) {
        String token = slot.identity();
        if (refused.knows(token) && refused.lastOwn(token).isEmpty()) {
            return refused("the token " + slot.label()
                    + " refused the PIN of another node, and this node's was taken for the same; " + HOW);
        }
        return refused("the token " + slot.label() + " refused this PIN before; " + HOW);
    }

    private static void takeFromOtherKeys(ReentrantLock ofToken, TokenSlot slot) {
        try {
            if (!ofToken.tryLock(KEYS_PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw SigningKeyException.othersTurn("another key is being opened on the token " + slot.label(), null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw SigningKeyException.away("interrupted while another key was opened on the token " + slot.label());
        }
    }

    private <T> T passAlone(TokenSlot before, Supplier<TokenSlot> slots, Optional<Secret> pin, Login<T> login) {
        try (Stay stay = stay(before)) {
            TokenSlot slot = slots.get();
            if (!slot.identity().equals(before.identity())) {
                throw SigningKeyException.away("another token came to the place of " + before.label());
            }
            refuseWhatLocks(slot);
            if (!refused.takePermit(slot.identity())) {
                refuseWhatIsKnown(slot, pin, stay.turn);
            }
            return tryOnce(slot, pin, login, stay);
        }
    }

    private Stay stay(TokenSlot slot) {
        // A token without a serial number may be another one on each node: none of them may take the other's word for
        // it.
        TokenTurns others = slot.hasSerial() ? turns : new NoOtherNodes();
        NodeTurn ofNode = refused.turn(slot.identity(), PROCESSES_PATIENCE);
        try {
            return new Stay(ofNode, others.take(slot.identity(), PATIENCE));
        } catch (RuntimeException | Error e) {
            ofNode.close();
            throw e;
        }
    }

    private static void refuseWhatLocks(TokenSlot slot) {
        slot.pinLocked().ifPresent(why -> {
            throw refused(why + ": whoever administers the token has to set a new one");
        });
    }

    private void refuseWhatIsKnown(TokenSlot slot, Optional<Secret> pin, TokenTurns.Turn turn) {
        String token = slot.identity();
        if (refused.contains(token, pin)) {
            refused.lastOwn(token).ifPresent(id -> tell(id, turn));
            throw refusedBefore(slot);
        }
        Optional<String> told = turn.refusal().filter(id -> !refused.heard(token, id));
        if (told.isPresent() && !refused.takePermit()) {
            // There is one PIN for all: what this node has now is most probably what the other one tried.
            refused.hear(token, told.get(), pin);
            throw refused("the token " + slot.label() + " refused the PIN of another node; " + HOW);
        }
        if (told.isEmpty() && !byCommand && slot.pinCountLow() && !refused.knows(token) && !refused.takePermit()) {
            // A refusal that this node remembers explains it: then another PIN is as good as an operator's word.
            throw refused("somebody gave the token " + slot.label() + " a wrong PIN; " + RETRY);
        }
    }

    private <T> T tryOnce(TokenSlot slot, Optional<Secret> pin, Login<T> login, Stay stay) {
        try {
            return login.run(slot, new Noted(slot, pin, stay));
        } catch (HsmException e) {
            if (e.kind() == HsmException.Kind.PIN_REFUSED) {
                refused.lastOwn(slot.identity()).ifPresent(id -> tell(id, stay.turn));
            } else if (e.kind() == HsmException.Kind.HUNG) {
                stay.leave(longestAnswer);
            }
            throw e;
        }
    }

    private void tell(String id, TokenTurns.Turn turn) {
        if (!heardByOthers.contains(id)) {
            turn.refused(id);
            turn.refusal().filter(id::equals).ifPresent(heardByOthers::add);
        }
    }

    /**
     * At the token, while no other node and no other process of this one is; ends once, or it would end another one's. But for
     * the login's end, on the thread that passes.
     */
    private static final class Stay implements AutoCloseable {
        private final NodeTurn ofNode;
        private final TokenTurns.Turn turn;
        private boolean ended;
        /** Done while the token says nothing of the PIN, as before a login has begun. */
        private volatile CompletableFuture<Void> over = CompletableFuture.completedFuture(null);

        Stay(NodeTurn ofNode, TokenTurns.Turn turn) {
            this.ofNode = ofNode;
            this.turn = turn;
        }

        void begun() {
            over = new CompletableFuture<>();
        }

        /**
         * Where the token may still refuse the PIN, other nodes stay away until the turn has ended by itself, and other
         * processes of this one until the login that is left behind has ended, for so long at most: whoever comes then finds
         * noted what it was told.
         */
        void leave(Duration longest) {
            if (!over.isDone()) {
                ended = true;
                CompletableFuture<Void> unused = over.completeOnTimeout(null, longest.toMillis(), TimeUnit.MILLISECONDS)
                        .thenRun(ofNode::close)
                        .whenComplete((done, failure) -> {
                            if (failure != null) {
                                LOG.atWarn()
                                        .setCause(failure)
                                        .log("the turn of a login that was left behind did not end");
                            }
                        });
            }
        }

        /** By any thread, and as often as it likes. */
        void over() {
            boolean unused = over.complete(null);
        }

        @Override
        public void close() {
            if (!ended) {
                ended = true;
                turn.close();
                ofNode.close();
            }
        }
    }

    private final class Noted implements Answer {
        private final TokenSlot slot;
        private final Optional<Secret> pin;
        private final Stay stay;

        Noted(TokenSlot slot, Optional<Secret> pin, Stay stay) {
            this.slot = slot;
            this.pin = pin;
            this.stay = stay;
        }

        @Override
        public void begun() {
            stay.begun();
        }

        @Override
        public void refused() {
            String unused = refused.add(slot.identity(), pin);
            stay.over();
        }

        @Override
        public void over() {
            stay.over();
        }

        @Override
        public void accepted() {
            refused.accepted(slot.identity(), pin);
            if (stay.turn.refusal().isPresent()) {
                stay.turn.accepted();
            }
            stay.close(); // what follows may hang, and nobody has to wait for that
        }
    }

    private static SigningKeyException refused(String message) {
        return new SigningKeyException(SigningKeyException.Kind.PIN_REFUSED, message, null);
    }
}
