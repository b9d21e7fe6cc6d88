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
import io.vertx.core.eventbus.EventBus;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the signers that the directory names, one after the other, until one signs or time runs out. */
public final class BusSigningClient implements SigningClient {
    /** Longest wait for one signer. */
    static final Duration ONE_SEND = Duration.ofSeconds(2);
    /** Longest wait for one signer with a list, which may have a million entries. */
    static final Duration ONE_LIST = Duration.ofSeconds(15);
    /** How long a signer that did not answer for a certificate is passed over. */
    static final Duration SKIPPED = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(BusSigningClient.class);
    private static final Sha256 NO_RULES = Sha256.digest();

    private final EventBus bus;
    private final SignerDirectory directory;
    private final NodeId self;
    private final Map<NodeId, Long> lastSuccess = new ConcurrentHashMap<>();
    private final Map<NodeId, Long> skippedUntil = new ConcurrentHashMap<>();
    private final Map<KeyId, Sha256> rulesSeen = new ConcurrentHashMap<>();

    public BusSigningClient(EventBus bus, SignerDirectory directory, NodeId self) {
        this.bus = bus;
        this.directory = directory;
        this.self = self;
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

    /** How the first signer that answers is; fails never, and says "cannot sign" when nobody answers. */
    public Future<SignReply.State> probe(KeyId key, Duration maxAge, Deadline deadline) {
        return probe(key, maxAge, deadline, new ArrayDeque<>(candidates(key)), "no signer is known");
    }

    private Future<SignReply.State> probe(
            KeyId key, Duration maxAge, Deadline deadline, Deque<NodeId> candidates, String lastWord) {
        NodeId signer = candidates.poll();
        if (signer == null || deadline.passed()) {
            return Future.succeededFuture(new SignReply.State(false, NO_RULES, NO_RULES, lastWord));
        }
        return send(
                        signer,
                        key,
                        new SignerProbe(key, maxAge.toMillis(), self),
                        deadline.within(ONE_SEND).left().toMillis())
                .compose(outcome -> {
                    if (outcome instanceof SignerBus.Answered answered
                            && answered.reply() instanceof SignReply.State state) {
                        return state.canSign()
                                ? Future.succeededFuture(state)
                                : probe(key, maxAge, deadline, candidates, state.detail());
                    }
                    return probe(key, maxAge, deadline, candidates, "signer " + signer + " does not answer");
                });
    }

    private Future<SignerBus.Outcome> send(NodeId signer, KeyId key, SignerMessage message, long millis) {
        return SignerBus.request(bus, BusAddress.signer(key, signer), message, millis, signer.equals(self));
    }

    /** Our own first, then the one that signed last; those that have just let us wait are passed over. */
    private List<NodeId> candidates(KeyId key) {
        long now = System.nanoTime();
        List<NodeId> all = new ArrayList<>();
        for (NodeId signer : directory.signers(key)) {
            Long until = skippedUntil.get(signer);
            if (until == null || until - now <= 0) {
                all.add(signer);
            }
        }
        all.sort(Comparator.comparing((NodeId n) -> !n.equals(self))
                .thenComparing(n -> lastSuccess.getOrDefault(n, Long.MIN_VALUE), Comparator.reverseOrder()));
        return all;
    }

    /** One request's way from signer to signer; lives on the request's event loop. */
    private final class Attempt {
        private final KeyId key;
        private final Function<Long, SignerMessage> message;
        private final Duration oneSend;
        private final Deadline deadline;
        private final Deque<NodeId> candidates;
        private boolean maybeSigned;
        private String lastWord = "no signer is known";

        /** @param message makes it, with the milliseconds that this sender waits */
        Attempt(KeyId key, Function<Long, SignerMessage> message, Duration oneSend, Deadline deadline) {
            this.key = key;
            this.message = message;
            this.oneSend = oneSend;
            this.deadline = deadline;
            this.candidates = new ArrayDeque<>(candidates(key));
        }

        Future<Outcome> next() {
            NodeId signer = candidates.poll();
            if (signer == null || deadline.passed()) {
                return Future.succeededFuture(
                        maybeSigned ? new Outcome.MaybeSigned(lastWord) : new Outcome.SurelyNotSigned(lastWord));
            }
            // No longer than this sender waits: a signature that nobody waits for would spend the token.
            long millis = Math.max(1, deadline.within(oneSend).left().toMillis());
            return send(signer, key, message.apply(millis), millis).compose(outcome -> after(signer, outcome));
        }

        private Future<Outcome> after(NodeId signer, SignerBus.Outcome outcome) {
            if (outcome instanceof SignerBus.Answered answered) {
                return answered(signer, answered.reply());
            }
            if (outcome instanceof SignerBus.MaybeDelivered maybe) {
                maybeSigned = true;
                if (oneSend.equals(ONE_SEND)) { // a long list says nothing of how fast certificates are signed
                    skippedUntil.put(signer, System.nanoTime() + SKIPPED.toNanos());
                }
                lastWord = "signer " + signer + ": " + maybe.reason();
            } else if (outcome instanceof SignerBus.NotDelivered not) {
                lastWord = "signer " + signer + ": " + not.reason();
            }
            return next();
        }

        private Future<Outcome> answered(NodeId signer, SignReply reply) {
            if (reply instanceof SignReply.Signed signed) {
                lastSuccess.put(signer, System.nanoTime());
                Sha256 before = rulesSeen.put(key, signed.rulesHash());
                if (before != null && !before.equals(signed.rulesHash())) {
                    LOG.atInfo().addKeyValue("signer", signer).log("signers have different rules for one key");
                }
                return Future.succeededFuture(new Outcome.Signed(signed));
            }
            if (reply instanceof SignReply.Refused refused) {
                return Future.succeededFuture(new Outcome.Refused(refused, maybeSigned));
            }
            lastWord = "signer " + signer
                    + (reply instanceof SignReply.Declined declined
                            ? " declined: " + declined.reason() + ", " + declined.detail()
                            : " answered wrongly");
            maybeSigned |= !(reply instanceof SignReply.Declined);
            return next();
        }
    }
}
