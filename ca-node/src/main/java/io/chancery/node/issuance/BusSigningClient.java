package io.chancery.node.issuance;

import io.chancery.cluster.bus.BusAddress;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.bus.SignCertificate;
import io.chancery.cluster.bus.SignCrl;
import io.chancery.cluster.bus.SignReply;
import io.chancery.cluster.bus.SignerBus;
import io.chancery.cluster.bus.SignerMessage;
import io.chancery.cluster.bus.SignerProbe;
import io.chancery.cluster.signers.SignerDirectory;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.eventbus.EventBus;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the signers that the directory names, one after the other, until one signs or time runs out. */
public final class BusSigningClient implements SigningClient {
    /** Longest wait for one signer. */
    static final Duration ONE_SEND = Duration.ofSeconds(2);
    /** Longest wait for one signer with a list, which may have a million entries. */
    static final Duration ONE_LIST = Duration.ofSeconds(15);

    private static final Logger LOG = LoggerFactory.getLogger(BusSigningClient.class);
    private static final Sha256 NO_RULES = Sha256.digest();
    private static final Comparator<SignReply.State> BETTER = Comparator.comparing(SignReply.State::canSign)
            .thenComparing(state -> !state.issuerHash().equals(NO_RULES)); // it has answered, so it says why not

    private final EventBus bus;
    private final SignerDirectory directory;
    private final NodeId self;
    private final SignerStandings standings;
    private final Map<KeyId, Sha256> rulesSeen = new ConcurrentHashMap<>();

    public BusSigningClient(EventBus bus, SignerDirectory directory, NodeId self) {
        this.bus = bus;
        this.directory = directory;
        this.self = self;
        this.standings = new SignerStandings(
                self, System::nanoTime, below -> ThreadLocalRandom.current().nextInt(below));
    }

    @Override
    public Future<Outcome> sign(IssuerCertificate issuer, SerialNumber serial, Der tbs, Deadline deadline) {
        Function<Long, SignerMessage> message = millis -> new SignCertificate(
                serial,
                issuer.keyId(),
                millis,
                tbs,
                issuer.hash(),
                rulesSeen.getOrDefault(issuer.keyId(), NO_RULES),
                self);
        return new Attempt(issuer.keyId(), message, ONE_SEND, deadline).next();
    }

    @Override
    public Future<Outcome> signList(IssuerCertificate issuer, BigInteger number, Der tbs, Deadline deadline) {
        Function<Long, SignerMessage> message =
                millis -> new SignCrl(number, issuer.keyId(), millis, tbs, issuer.hash(), self);
        return new Attempt(issuer.keyId(), message, ONE_LIST, deadline).next();
    }

    /**
     * Asks the signers of the issuer's key at once, so that one which stands still hides no other, and this node knows
     * how each of them is before it needs it. Answers, as soon as it is known, that one can sign for this issuer; else
     * how the best of them is, and "cannot sign" when nobody answers. Never fails.
     */
    public Future<SignReply.State> probe(IssuerCertificate issuer, Duration maxAge, Deadline deadline) {
        KeyId key = issuer.keyId();
        Set<NodeId> all = standings.toProbe(key, directory.signers(key));
        if (all.isEmpty()) {
            return Future.succeededFuture(cannotSign("no signer is known"));
        }
        long millis = Math.max(1, deadline.within(ONE_SEND).left().toMillis());
        List<Future<SignReply.State>> asked = all.stream()
                .map(signer -> send(signer, key, new SignerProbe(key, maxAge.toMillis(), self), millis)
                        .map(outcome -> probed(signer, issuer, outcome)))
                .toList();
        Promise<SignReply.State> best = Promise.promise();
        asked.forEach(one -> one.onComplete(answered -> {
            if (answered.succeeded() && fits(issuer, answered.result())) {
                boolean unused = best.tryComplete(answered.result());
            }
        }));
        Future.join(asked).onComplete(done -> {
            boolean unused = best.tryComplete(
                    asked.stream().map(Future::result).max(BETTER).orElseThrow());
        });
        return best.future();
    }

    private static boolean fits(IssuerCertificate issuer, SignReply.State state) {
        return state.canSign() && state.issuerHash().equals(issuer.hash());
    }

    private static SignReply.State cannotSign(String detail) {
        return new SignReply.State(false, NO_RULES, NO_RULES, detail);
    }

    private SignReply.State probed(NodeId signer, IssuerCertificate issuer, SignerBus.Outcome outcome) {
        KeyId key = issuer.keyId();
        if (outcome instanceof SignerBus.Answered answered) {
            if (answered.reply() instanceof SignReply.State state) {
                if (fits(issuer, state)) {
                    standings.succeeded(key, signer);
                } else {
                    standings.failed(key, signer);
                }
                return state;
            }
            standings.failed(key, signer);
            return cannotSign("signer " + signer + " " + declined(answered.reply()));
        }
        if (outcome instanceof SignerBus.MaybeDelivered) {
            standings.silentToProbe(key, signer);
        } else {
            standings.failed(key, signer);
        }
        return cannotSign("signer " + signer + " does not answer");
    }

    private static String declined(SignReply reply) {
        return reply instanceof SignReply.Declined declined
                ? "declined: " + declined.reason() + ", " + declined.detail()
                : "answered wrongly";
    }

    private Future<SignerBus.Outcome> send(NodeId signer, KeyId key, SignerMessage message, long millis) {
        return SignerBus.request(bus, BusAddress.signer(key, signer), message, millis, signer.equals(self));
    }

    /** One request's way from signer to signer; lives on the request's event loop. */
    private final class Attempt {
        private final KeyId key;
        private final Function<Long, SignerMessage> message;
        private final Duration oneSend;
        private final Deadline deadline;
        private final Deque<NodeId> candidates;
        private boolean maybeSigned;
        private String lastWord;

        /** @param message makes it, with the milliseconds that this sender waits */
        Attempt(KeyId key, Function<Long, SignerMessage> message, Duration oneSend, Deadline deadline) {
            this.key = key;
            this.message = message;
            this.oneSend = oneSend;
            this.deadline = deadline;
            Set<NodeId> known = directory.signers(key);
            this.candidates = new ArrayDeque<>(standings.order(key, known));
            this.lastWord = known.isEmpty() ? "no signer is known" : "all signers have just let this node wait";
        }

        Future<Outcome> next() {
            NodeId signer = candidates.poll();
            if (signer == null || deadline.passed()) {
                return Future.succeededFuture(
                        maybeSigned ? new Outcome.MaybeSigned(lastWord) : new Outcome.SurelyNotSigned(lastWord));
            }
            // No longer than this sender waits: a signature that nobody waits for would spend the token.
            long millis = Math.max(1, deadline.within(oneSend).left().toMillis());
            standings.asking(key, signer);
            return send(signer, key, message.apply(millis), millis)
                    .onComplete(done -> standings.asked(key, signer))
                    .compose(outcome -> after(signer, outcome));
        }

        private Future<Outcome> after(NodeId signer, SignerBus.Outcome outcome) {
            if (outcome instanceof SignerBus.Answered answered) {
                return answered(signer, answered.reply());
            }
            if (outcome instanceof SignerBus.MaybeDelivered maybe) {
                maybeSigned = true;
                if (oneSend.equals(ONE_SEND)) { // a long list says nothing of how fast certificates are signed
                    standings.silent(key, signer);
                }
                lastWord = "signer " + signer + ": " + maybe.reason();
            } else if (outcome instanceof SignerBus.NotDelivered not) {
                lastWord = "signer " + signer + ": " + not.reason();
            }
            return next();
        }

        private Future<Outcome> answered(NodeId signer, SignReply reply) {
            if (reply instanceof SignReply.Signed signed) {
                standings.succeeded(key, signer);
                Sha256 before = rulesSeen.put(key, signed.rulesHash());
                if (before != null && !before.equals(signed.rulesHash())) {
                    LOG.atInfo().addKeyValue("signer", signer).log("signers have different rules for one key");
                }
                return Future.succeededFuture(new Outcome.Signed(signed));
            }
            if (reply instanceof SignReply.Refused refused) {
                return Future.succeededFuture(new Outcome.Refused(refused, maybeSigned));
            }
            standings.failed(key, signer); // one that is busy answers at once, and so never has much under way
            lastWord = "signer " + signer + " " + declined(reply);
            maybeSigned |= !(reply instanceof SignReply.Declined);
            return next();
        }
    }
}
