package io.chancery.node.status;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.chancery.cluster.bus.BusAddress;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.bus.SignReply;
import io.chancery.cluster.bus.SignerCodecs;
import io.chancery.cluster.bus.SignerMessage;
import io.chancery.cluster.bus.SignerProbe;
import io.chancery.cluster.signers.LocalSignerDirectory;
import io.chancery.core.certificate.CaCertificate;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.name.NameConstraints;
import io.chancery.node.issuance.BusSigningClient;
import io.chancery.node.issuance.UsableKeys;
import io.chancery.testing.MutableInstantSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** When a node says that it cannot issue, and why. */
@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class NodeHealthTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final NodeId SELF = new NodeId("n1");

    private final MutableInstantSource storeClock = new MutableInstantSource(NOW);
    private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 1); // it may overflow at any moment
    private volatile Future<Instant> store = Future.succeededFuture(NOW);
    private volatile SignReply signer;
    private final List<SignerMessage> asked = new CopyOnWriteArrayList<>();
    private volatile Optional<String> otherStore = Optional.empty();
    private IssuerCertificate issuer;
    private NodeHealth health;

    @BeforeEach
    void aNodeThatCanIssue(Vertx vertx, VertxTestContext test) throws Exception {
        SignerCodecs.register(vertx.eventBus());
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256); // newer JDKs would make P-384 keys
        KeyPair key = generator.generateKeyPair();
        CaCertificate.Root plan = new CaCertificate.Root(
                "CA", key.getPublic(), BigInteger.TEN.shiftLeft(100), NOW, NOW.plusSeconds(60), 0);
        issuer = IssuerCertificate.of(CaCertificate.make(plan, tbs -> {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(key.getPrivate());
            signature.update(tbs.bytes());
            return signature.sign();
        }));
        signer = state(true, issuer.hash());
        vertx.eventBus().<SignerMessage>localConsumer(BusAddress.signer(issuer.keyId(), SELF), message -> {
            asked.add(message.body());
            message.reply(signer);
        });
        LocalSignerDirectory directory = new LocalSignerDirectory();
        Issuers issuers = Issuers.only(issuer, NameConstraints.of(List.of()));
        health = new NodeHealth(
                vertx,
                deadline -> store.map(asked -> storeClock.instant()),
                () -> otherStore,
                new BusSigningClient(vertx.eventBus(), directory, SELF),
                () -> issuers,
                new UsableKeys(directory),
                new NodeHealth.Clocks(() -> NOW, nanoTime::get));
        directory.announce(issuer.keyId(), SELF).onComplete(test.succeedingThenComplete());
    }

    private static SignReply state(boolean canSign, Sha256 issuerHash) {
        return new SignReply.State(canSign, issuerHash, Sha256.digest(), canSign ? "" : "the HSM is away");
    }

    /** Why it cannot issue, after a look. */
    private Future<Optional<String>> check() {
        return health.check().map(checked -> health.cannotIssue());
    }

    /** Looks, and expects an answer. */
    private Future<Void> expect(Consumer<Optional<String>> answer) {
        return check().map(found -> {
            answer.accept(found);
            return null;
        });
    }

    private static void nothing(Optional<String> found) {
        assertThat(found).isEmpty();
    }

    private static Consumer<Optional<String>> reason(String text) {
        return found -> assertThat(found).contains(text);
    }

    private void pass(Duration time) {
        nanoTime.addAndGet(time.toNanos());
    }

    @Test
    void with_store_signer_and_clock_it_can_issue(VertxTestContext test) {
        assertThat(health.cannotIssue()).contains("not checked yet");
        expect(NodeHealthTest::nothing).onComplete(test.succeedingThenComplete());
    }

    @Test
    void a_store_that_does_not_answer_at_all_is_named_within_two_seconds(VertxTestContext test) {
        expect(NodeHealthTest::nothing)
                .compose(checked -> {
                    store = Promise.<Instant>promise().future();
                    return expect(reason("the store cannot be written: no answer within 2 s"));
                })
                .onComplete(test.succeedingThenComplete());
    }

    @Test
    void a_result_older_than_six_seconds_counts_no_more(VertxTestContext test) {
        expect(NodeHealthTest::nothing)
                .compose(checked -> {
                    pass(Duration.ofSeconds(6));
                    assertThat(health.cannotIssue()).isEmpty();
                    pass(Duration.ofMillis(1));
                    assertThat(health.cannotIssue().orElseThrow()).contains("older than 6 s");
                    return expect(NodeHealthTest::nothing);
                })
                .onComplete(test.succeedingThenComplete());
    }

    @Test
    void while_it_drains_it_cannot(VertxTestContext test) {
        expect(NodeHealthTest::nothing)
                .compose(checked -> {
                    health.drain();
                    assertThat(health.cannotIssue()).contains("stopping");
                    return expect(reason("stopping"));
                })
                .onComplete(test.succeedingThenComplete());
    }

    @Test
    void without_a_store_it_cannot_and_says_what_is_wrong_with_it(VertxTestContext test) {
        store = Future.failedFuture("the disk is full");
        String unknown = "; clock has not been held against the store's yet";
        expect(reason("the store cannot be written: the disk is full" + unknown))
                .onComplete(test.succeedingThenComplete());
    }

    @Test
    void with_a_clock_more_than_thirty_minutes_from_the_stores_it_cannot_in_either_direction(VertxTestContext test) {
        Consumer<Optional<String>> far =
                found -> assertThat(found.orElseThrow()).contains("clock is 30 minutes from the store's");
        storeClock.advance(Duration.ofMinutes(30));
        expect(NodeHealthTest::nothing)
                .compose(checked -> {
                    storeClock.advance(Duration.ofSeconds(1));
                    return expect(far);
                })
                .compose(checked -> {
                    storeClock.advance(Duration.ofMinutes(-61));
                    return expect(far);
                })
                .onComplete(test.succeedingThenComplete());
    }

    @Test
    void with_a_clock_so_far_off_or_beside_another_store_nothing_may_be_issued_at_all(VertxTestContext test) {
        store = Future.failedFuture("the disk is full");
        signer = state(false, issuer.hash());
        assertForbidden("looking how it is");
        expect(found -> assertThat(found).isPresent())
                .compose(checked -> {
                    assertForbidden("looking how it is"); // the clock is not known
                    store = Future.succeededFuture(NOW);
                    return expect(found -> assertThat(found).isPresent());
                })
                .compose(checked -> {
                    store = Future.failedFuture("the disk is full");
                    return expect(found -> assertThat(found).isPresent());
                })
                .compose(checked -> {
                    assertThat(health.forbids())
                            .as("what a request finds out itself")
                            .isEmpty();
                    otherStore = Optional.of("node n2 has a store");
                    return expect(found -> assertThat(found.orElseThrow()).startsWith("node n2 has a store; "));
                })
                .compose(checked -> {
                    assertForbidden("another node has a store of its own");
                    otherStore = Optional.empty();
                    store = Future.succeededFuture(NOW);
                    storeClock.advance(Duration.ofMinutes(31));
                    return expect(found -> assertThat(found).isPresent());
                })
                .compose(checked -> {
                    assertForbidden("clock is far from the store's");
                    storeClock.advance(Duration.ofMinutes(-31));
                    return expect(found -> assertThat(found).isPresent());
                })
                .onComplete(test.succeeding(checked -> test.verify(() -> {
                    assertThat(health.forbids()).isEmpty();
                    test.completeNow();
                })));
    }

    @Test
    void a_clock_that_was_so_far_off_stays_so_until_the_store_tells_the_time_again(VertxTestContext test) {
        storeClock.advance(Duration.ofMinutes(31));
        expect(found -> assertThat(found).isPresent())
                .compose(checked -> {
                    store = Future.failedFuture("the disk is full");
                    return expect(found -> assertThat(found).isPresent());
                })
                .compose(checked -> expect(
                        reason("the store cannot be written: the disk is full; clock is 31 minutes from the store's")))
                .compose(checked -> {
                    assertForbidden("clock is far from the store's");
                    store = Future.succeededFuture(NOW);
                    storeClock.advance(Duration.ofMinutes(-31));
                    return expect(NodeHealthTest::nothing);
                })
                .onComplete(test.succeeding(checked -> test.verify(() -> {
                    assertThat(health.forbids()).isEmpty();
                    test.completeNow();
                })));
    }

    private void assertForbidden(String told) {
        CaException refusal = health.forbids().orElseThrow();
        assertThat(refusal.code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThat(refusal.publicDetail()).contains(told);
    }

    @Test
    void a_signer_that_holds_another_issuer_certificate_is_none(VertxTestContext test) {
        signer = state(true, Sha256.digest(new byte[] {1}));
        expect(reason("the signer holds another issuer certificate")).onComplete(test.succeedingThenComplete());
    }

    @Test
    void a_signer_that_cannot_sign_is_none_and_says_why(VertxTestContext test) {
        signer = state(false, issuer.hash());
        expect(reason("no signer: the HSM is away")).onComplete(test.succeedingThenComplete());
    }

    @Test
    void a_client_is_told_what_is_missing_and_not_why(VertxTestContext test) {
        expect(NodeHealthTest::nothing)
                .compose(checked -> {
                    assertThat(health.refusal()).isEmpty();
                    signer = state(false, issuer.hash());
                    return expect(found -> assertThat(found).isPresent());
                })
                .compose(checked -> {
                    assertTold(ErrorCode.SIGNER_UNAVAILABLE, "no signer is available");
                    store = Future.failedFuture("the disk is full");
                    return expect(reason("the store cannot be written: the disk is full; no signer: the HSM is away"));
                })
                .onComplete(test.succeeding(checked -> test.verify(() -> {
                    assertTold(ErrorCode.STORE_UNAVAILABLE, "the store is not available");
                    pass(Duration.ofSeconds(7));
                    assertTold(ErrorCode.STORE_UNAVAILABLE, "looking how it is");
                    health.drain();
                    assertTold(ErrorCode.OVERLOADED, "stopping");
                    test.completeNow();
                })));
    }

    private void assertTold(ErrorCode code, String text) {
        CaException refusal = health.refusal().orElseThrow();
        assertThat(refusal.code()).isEqualTo(code);
        assertThat(refusal.publicDetail()).contains(text).doesNotContain("disk").doesNotContain("HSM");
    }

    @Test
    void clocks_far_apart_are_an_alarm_once_a_minute(VertxTestContext test) {
        Logger log = (Logger) LoggerFactory.getLogger(NodeHealth.class);
        ListAppender<ILoggingEvent> told = new ListAppender<>();
        told.start();
        log.addAppender(told);
        storeClock.advance(Duration.ofMinutes(1));
        expect(NodeHealthTest::nothing)
                .compose(checked -> {
                    assertThat(alarms(told)).isZero();
                    storeClock.advance(Duration.ofSeconds(1));
                    return looks(30); // as often as it looks within a minute
                })
                .compose(checked -> {
                    assertThat(alarms(told)).isEqualTo(1);
                    return expect(NodeHealthTest::nothing);
                })
                .onComplete(checked -> log.detachAppender(told))
                .onComplete(test.succeeding(checked -> test.verify(() -> {
                    assertThat(alarms(told)).isEqualTo(2);
                    test.completeNow();
                })));
    }

    /** Looks so many times, at its usual pace; it can issue each time. */
    private Future<Void> looks(int times) {
        return times == 0
                ? Future.succeededFuture()
                : expect(NodeHealthTest::nothing).compose(checked -> {
                    pass(NodeHealth.EVERY);
                    return looks(times - 1);
                });
    }

    private static long alarms(ListAppender<ILoggingEvent> told) {
        return List.copyOf(told.list).stream()
                .filter(event -> event.getMessage().contains("clock"))
                .count();
    }

    @Test
    void a_signer_need_not_sign_for_a_probe_when_it_has_within_ten_seconds(VertxTestContext test) {
        expect(NodeHealthTest::nothing)
                .onComplete(test.succeeding(checked -> test.verify(() -> {
                    assertThat(asked).containsExactly(new SignerProbe(issuer.keyId(), 10_000, SELF));
                    test.completeNow();
                })));
    }
}
