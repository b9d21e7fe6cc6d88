package io.chancery.signer.bus;

import io.chancery.cluster.bus.BusAddress;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.bus.SignCertificate;
import io.chancery.cluster.bus.SignCrl;
import io.chancery.cluster.bus.SignReply;
import io.chancery.cluster.bus.SignerMessage;
import io.chancery.cluster.bus.SignerProbe;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.config.ChanceryConfig;
import io.chancery.core.der.Sha256;
import io.chancery.signer.guard.CrlGuard;
import io.chancery.signer.guard.SigningGuard;
import io.chancery.signer.key.KeyStatus;
import io.chancery.signer.key.LastSignature;
import io.chancery.signer.key.SigningKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signer of one key on one node. It answers {@link SignerMessage}s at {@link BusAddress#signer} with
 * {@link SignReply} values; a failed reply (code 500) means that something may have been signed. Its own fields are
 * used on its context alone; rules, key and log on threads named {@code hsm-…}, as many as the settings say. The
 * messages' codecs must be registered before it is deployed.
 */
public final class SignerVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(SignerVerticle.class);
    private static final int FAILED = 500;
    /** A signer that nobody asks looks for itself whether its key still signs, and heals before it is needed. */
    private static final long OWN_PROBE_MILLIS = 10_000;
    /** Without a signature: one call for the token and, while nobody signs, one for each session. */
    private static final long LOOK_MILLIS = 2_000;

    private final SignerSettings settings;
    private final long ownProbeMillis;
    private final InstantSource clock;
    /** Read once for each request; another one when the rules change. */
    private volatile SigningGuard guard;

    private volatile Runnable freshProcessHelps = () -> {};

    private final HsmThreads threads;
    private final KeyAndLog opened;
    private @Nullable CertificateSigner signer;
    private @Nullable CrlSigner lists;
    private @Nullable MessageConsumer<SignerMessage> consumer;
    /** Set once; any thread reads it. */
    private volatile @Nullable SignerProbes probes;

    private int underWay;
    private @Nullable Promise<Void> drained;

    /**
     * @param opener called once, on an hsm thread
     * @param clock for the log lines
     */
    public SignerVerticle(SignerSettings settings, KeyOpener opener, InstantSource clock) {
        this(settings, opener, clock, OWN_PROBE_MILLIS);
    }

    SignerVerticle(SignerSettings settings, KeyOpener opener, InstantSource clock, long ownProbeMillis) {
        this.ownProbeMillis = ownProbeMillis;
        this.settings = settings;
        this.clock = clock;
        this.guard = new SigningGuard(settings.issuer(), settings.rules());
        this.threads =
                new HsmThreads(settings.issuer().keyId().value().substring(0, 8), settings.threads(), settings.queue());
        this.opened = new KeyAndLog(settings, threads, opener);
    }

    /**
     * Signs by other rules from now on: requests whose check has begun end under the old ones. Any thread.
     *
     * @param issuer the same, which may stand beside other ones than before
     */
    public void useRules(IssuerCertificate issuer, ChanceryConfig.KeyRules rules) {
        guard = new SigningGuard(issuer, rules);
    }

    /**
     * Has it run, on any thread and maybe again and again, when a fresh process could use the key and this one cannot.
     */
    public void whenAFreshProcessHelps(Runnable action) {
        freshProcessHelps = action;
    }

    /**
     * Deployed when its address is known to the bus, with or without the key. Fails when the log cannot be opened, or
     * with SigningKeyException MISCONFIGURED.
     */
    @Override
    public Future<?> start() {
        return opened.openLog(context)
                .onSuccess(this::signInto)
                .compose(log -> opened.openKey(context, () -> freshProcessHelps.run()))
                .compose(key -> listen())
                .recover(failure ->
                        opened.close(context).otherwiseEmpty().compose(nothing -> Future.failedFuture(failure)));
    }

    private void signInto(SignatureLog log) {
        signer = new CertificateSigner(() -> guard, new SignedSerials(System::nanoTime), log, clock, System::nanoTime);
        lists = new CrlSigner(new CrlGuard(settings.issuer()), () -> guard.rulesHash(), log, clock);
    }

    private Future<Void> listen() {
        String address = BusAddress.signer(settings.issuer().keyId(), settings.node());
        MessageConsumer<SignerMessage> listening = settings.alone()
                ? vertx.eventBus().<SignerMessage>localConsumer(address)
                : vertx.eventBus().<SignerMessage>consumer(address);
        probes = new SignerProbes(context, threads, settings.issuer(), () -> guard.rulesHash());
        consumer = listening.handler(this::receive);
        SignerProbe own = ownProbe(settings, ownProbeMillis);
        long unused = vertx.setPeriodic(ownProbeMillis, tick -> probeItself(own));
        unused = vertx.setPeriodic(LOOK_MILLIS, tick -> lookAtItself());
        return listening.completion();
    }

    /** Half the time between two of them: what the last one has signed would else do for the next one. */
    static SignerProbe ownProbe(SignerSettings settings, long everyMillis) {
        return new SignerProbe(settings.issuer().keyId(), everyMillis / 2, settings.node());
    }

    private void probeItself(SignerProbe own) {
        try {
            var unused = probe(own).onFailure(SignerProbes::unmade);
        } catch (RejectedExecutionException e) {
            LOG.atDebug().log("too busy for a probe of its own");
        }
    }

    private void lookAtItself() {
        Optional<SigningKey> using = opened.key();
        SignerProbes asked = probes;
        if (drained == null && asked != null && using.isPresent() && status().canSign()) {
            asked.look(using.get());
        }
    }

    private void receive(Message<SignerMessage> message) {
        long arrived = System.nanoTime();
        underWay++;
        Future<SignReply> reply;
        try {
            reply = answer(message.body(), arrived);
        } catch (RejectedExecutionException e) {
            reply = Future.succeededFuture(new SignReply.Declined(
                    SignReply.Reason.BUSY, "all threads and the queue of " + settings.queue() + " are taken"));
        } catch (RuntimeException e) {
            reply = Future.failedFuture(e);
        }
        var unused = reply.onComplete(done -> {
            if (done.succeeded()) {
                report(message.body(), done.result());
                message.reply(done.result());
            } else {
                LOG.atError().setCause(done.cause()).log("request failed at the signer");
                message.fail(FAILED, "the signer failed; see its log");
            }
            underWay--;
            if (underWay == 0 && drained != null) {
                boolean ignored = drained.tryComplete();
            }
        });
    }

    private Future<SignReply> answer(SignerMessage message, long arrived) {
        if (message instanceof SignCertificate certificate) {
            return sign(certificate, arrived);
        }
        if (message instanceof SignCrl list) {
            return sign(list, arrived);
        }
        return probe((SignerProbe) message);
    }

    private Future<SignReply> sign(SignCertificate request, long arrived) {
        CertificateSigner signing = signer;
        return withKey(
                request.issuerHash(),
                request.keyId(),
                key -> Objects.requireNonNull(signing).sign(key, request, arrived));
    }

    private Future<SignReply> sign(SignCrl request, long arrived) {
        CrlSigner signing = lists;
        return withKey(
                request.issuerHash(),
                request.keyId(),
                key -> Objects.requireNonNull(signing).sign(key, request, arrived));
    }

    /** On an hsm thread, unless there is a reason to decline. */
    private Future<SignReply> withKey(Sha256 issuerHash, KeyId keyId, Function<ProvenKey, SignReply> signing) {
        IssuerCertificate issuer = settings.issuer();
        if (drained != null) {
            return declined(SignReply.Reason.DRAINING, "this signer is stopping");
        }
        if (!issuerHash.equals(issuer.hash()) || !keyId.equals(issuer.keyId())) {
            return declined(SignReply.Reason.NOT_MY_ISSUER, "the issuer here is " + issuer.hash());
        }
        Optional<SigningKey> using = opened.key();
        KeyStatus status = status();
        if (using.isEmpty() || !status.canSign()) {
            return declined(SignReply.Reason.HEALING, status.why());
        }
        ProvenKey proven = new ProvenKey(using.get(), issuer, settings.keys());
        return threads.run(context, () -> signing.apply(proven));
    }

    private static Future<SignReply> declined(SignReply.Reason reason, String detail) {
        return Future.succeededFuture(new SignReply.Declined(reason, detail));
    }

    private Future<SignReply> probe(SignerProbe probe) {
        SignerProbes asked = Objects.requireNonNull(probes, "it is there before anybody is heard");
        Optional<SigningKey> using = opened.key();
        KeyStatus status = status();
        if (drained != null || using.isEmpty() || !status.canSign()) {
            return Future.succeededFuture(asked.state(false, drained != null ? "stopping" : status.why()));
        }
        return asked.ask(using.get(), probe.maxAgeMillis());
    }

    /** How its key is. Any thread; never waits. */
    public KeyStatus status() {
        return opened.status();
    }

    /** What came of the key's last signature, as {@link SignerProbes#last}. Any thread; never waits. */
    public Optional<LastSignature> lastSignature() {
        SignerProbes asked = probes;
        return asked == null ? Optional.empty() : asked.last(status());
    }

    private void report(SignerMessage message, SignReply reply) {
        SignerProbes told = probes;
        if (reply instanceof SignReply.Signed && told != null) {
            told.signed(status().recoveries());
        }
        if (reply instanceof SignReply.Refused refused && message instanceof SignCertificate request) {
            refused(refused, "serial", request.serial(), request.callerNode());
        } else if (reply instanceof SignReply.Refused refused && message instanceof SignCrl request) {
            refused(refused, "crlNumber", request.number(), request.callerNode());
        }
    }

    private static void refused(SignReply.Refused refused, String what, Object which, NodeId caller) {
        LOG.atError()
                .addKeyValue(what, which)
                .addKeyValue("rule", refused.rule())
                .addKeyValue("detail", refused.detail())
                .addKeyValue("callerNode", caller)
                .log("signer refused");
    }

    /** Declines what comes, waits for what is under way as long as the settings say, then closes key and log. */
    @Override
    public Future<?> stop() {
        Promise<Void> done = Promise.promise();
        drained = done;
        if (underWay == 0) {
            done.complete();
        }
        long unused = vertx.setTimer(Math.max(1, settings.drain().toMillis()), late -> {
            boolean ignored = done.tryComplete();
        });
        MessageConsumer<SignerMessage> listening = consumer;
        return done.future()
                .compose(nothing -> listening == null ? Future.succeededFuture() : listening.unregister())
                .compose(nothing -> opened.close(context));
    }
}
