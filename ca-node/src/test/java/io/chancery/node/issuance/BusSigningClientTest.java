package io.chancery.node.issuance;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.chancery.cluster.bus.BusAddress;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.bus.SignCertificate;
import io.chancery.cluster.bus.SignCrl;
import io.chancery.cluster.bus.SignReply;
import io.chancery.cluster.bus.SignerCodecs;
import io.chancery.cluster.bus.SignerMessage;
import io.chancery.cluster.signers.SignerDirectory;
import io.chancery.core.certificate.CaCertificate;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.node.issuance.SigningClient.Outcome;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.lang.reflect.Proxy;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** What each way of failing means for the row and the token. */
@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class BusSigningClientTest {
    private static final NodeId SELF = new NodeId("n1");
    private static final NodeId OTHER = new NodeId("n2");
    private static final Sha256 RULES = Sha256.digest();
    private static final SignReply SIGNED = new SignReply.Signed(Der.of(new byte[] {1}), RULES);
    private static final SignReply DECLINED = new SignReply.Declined(SignReply.Reason.BUSY, "");
    private static final SignReply REFUSED = new SignReply.Refused("ca-flag", "");

    private final List<NodeId> asked = Collections.synchronizedList(new ArrayList<>());
    private Vertx vertx;
    private IssuerCertificate issuer;
    private BusSigningClient client;

    @BeforeEach
    void client(Vertx vertx) throws Exception {
        this.vertx = vertx;
        SignerCodecs.register(vertx.eventBus());
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256); // newer JDKs would make P-384 keys
        KeyPair key = generator.generateKeyPair();
        Instant start = Instant.parse("2026-01-01T00:00:00Z");
        CaCertificate.Root plan = new CaCertificate.Root(
                "CA", key.getPublic(), BigInteger.TEN.shiftLeft(100), start, start.plusSeconds(60), 0);
        issuer = IssuerCertificate.of(CaCertificate.make(plan, tbs -> {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(key.getPrivate());
            signature.update(tbs.bytes());
            return signature.sign();
        }));
        client = new BusSigningClient(vertx.eventBus(), new Known(OTHER, SELF), SELF);
    }

    private record Known(Set<NodeId> nodes) implements SignerDirectory {
        Known(NodeId... nodes) {
            this(Set.of(nodes));
        }

        @Override
        public Future<Void> announce(KeyId key, NodeId node) {
            return Future.succeededFuture();
        }

        @Override
        public Future<Void> withdraw(KeyId key, NodeId node) {
            return Future.succeededFuture();
        }

        @Override
        public Set<NodeId> signers(KeyId key) {
            return nodes;
        }
    }

    private void signer(NodeId node, Consumer<Message<SignerMessage>> behaviour) {
        vertx.eventBus().<SignerMessage>consumer(BusAddress.signer(issuer.keyId(), node), message -> {
            asked.add(node);
            behaviour.accept(message);
        });
    }

    private static Consumer<Message<SignerMessage>> answers(SignReply reply) {
        return message -> message.reply(reply);
    }

    private void expect(VertxTestContext test, Class<? extends Outcome> outcome, List<NodeId> inThisOrder) {
        sign(Deadline.in(Duration.ofSeconds(10)))
                .onComplete(test.succeeding(result -> test.verify(() -> {
                    assertThat(result).isInstanceOf(outcome);
                    assertThat(asked).isEqualTo(inThisOrder);
                    test.completeNow();
                })));
    }

    @Test
    void its_own_signer_is_asked_first(VertxTestContext test) {
        signer(SELF, answers(SIGNED));
        signer(OTHER, answers(SIGNED));
        expect(test, Outcome.Signed.class, List.of(SELF));
    }

    @Test
    void another_is_asked_when_the_first_declines_or_is_not_there(VertxTestContext test) {
        signer(SELF, answers(DECLINED));
        signer(OTHER, answers(SIGNED));
        expect(test, Outcome.Signed.class, List.of(SELF, OTHER));
    }

    @Test
    void nobody_there_is_surely_not_signed(VertxTestContext test) {
        expect(test, Outcome.SurelyNotSigned.class, List.of());
    }

    @Test
    void declined_by_all_is_surely_not_signed(VertxTestContext test) {
        signer(SELF, answers(DECLINED));
        signer(OTHER, answers(DECLINED));
        expect(test, Outcome.SurelyNotSigned.class, List.of(SELF, OTHER));
    }

    @Test
    void a_refusal_ends_the_asking(VertxTestContext test) {
        signer(SELF, answers(REFUSED));
        signer(OTHER, answers(SIGNED));
        expect(test, Outcome.Refused.class, List.of(SELF));
    }

    @Test
    void silence_may_have_been_signed(VertxTestContext test) {
        signer(SELF, message -> {});
        expect(test, Outcome.MaybeSigned.class, List.of(SELF));
    }

    @Test
    void a_failure_at_the_signer_may_have_been_signed_even_if_the_others_decline(VertxTestContext test) {
        signer(SELF, message -> message.fail(500, "lost"));
        signer(OTHER, answers(DECLINED));
        expect(test, Outcome.MaybeSigned.class, List.of(SELF, OTHER));
    }

    @Test
    void a_refusal_after_a_failure_says_that_others_may_have_signed(VertxTestContext test) {
        signer(SELF, message -> message.fail(500, "lost"));
        signer(OTHER, answers(REFUSED));
        sign(Deadline.in(Duration.ofSeconds(5)))
                .onComplete(test.succeeding(result -> test.verify(() -> {
                    assertThat(((Outcome.Refused) result).othersMayHaveSigned()).isTrue();
                    test.completeNow();
                })));
    }

    @Test
    void one_that_failed_over_a_list_is_asked_for_the_next_certificate_all_the_same(VertxTestContext test) {
        signer(SELF, message -> {
            if (message.body() instanceof SignCrl) {
                message.fail(500, "lost");
            } else {
                message.reply(SIGNED);
            }
        });
        Der tbs = Der.of(new byte[] {2});
        client.signList(issuer, BigInteger.TWO, tbs, Deadline.in(Duration.ofSeconds(5)))
                .compose(first ->
                        client.sign(issuer, new SerialNumber(BigInteger.TWO), tbs, Deadline.in(Duration.ofSeconds(5))))
                .onComplete(test.succeeding(result -> test.verify(() -> {
                    assertThat(result).isInstanceOf(Outcome.Signed.class);
                    test.completeNow();
                })));
    }

    @Test
    void one_that_failed_to_answer_is_passed_over_next_time(VertxTestContext test) {
        signer(SELF, message -> message.fail(500, "lost"));
        signer(OTHER, answers(SIGNED));
        SerialNumber serial = new SerialNumber(BigInteger.TWO);
        Der tbs = Der.of(new byte[] {2});
        client.sign(issuer, serial, tbs, Deadline.in(Duration.ofSeconds(5)))
                .compose(first -> client.sign(issuer, serial, tbs, Deadline.in(Duration.ofSeconds(5))))
                .onComplete(test.succeeding(result -> test.verify(() -> {
                    assertThat(asked).containsExactly(SELF, OTHER, OTHER);
                    test.completeNow();
                })));
    }

    /** One certificate after the other, each signed under the next of these rules; what was sent along with each. */
    private Future<List<Sha256>> signedUnder(List<Sha256> rules) {
        List<Sha256> sent = new ArrayList<>();
        signer(SELF, message -> {
            sent.add(((SignCertificate) message.body()).rulesHash());
            message.reply(new SignReply.Signed(Der.of(new byte[] {1}), rules.get(sent.size() - 1)));
        });
        return signed(rules.size()).map(done -> List.copyOf(sent));
    }

    @Test
    void rules_that_differ_from_those_seen_last_are_reported_and_nothing_is_refused(VertxTestContext test) {
        Sha256 others = Sha256.digest(new byte[] {7});
        Logger log = (Logger) LoggerFactory.getLogger(BusSigningClient.class);
        ListAppender<ILoggingEvent> told = new ListAppender<>();
        told.start();
        Level before = log.getLevel();
        log.setLevel(Level.INFO);
        log.addAppender(told);
        signedUnder(List.of(others, others, RULES, RULES))
                .onComplete(done -> {
                    log.detachAppender(told);
                    log.setLevel(before);
                })
                .onComplete(test.succeeding(sent -> test.verify(() -> {
                    assertThat(sent).containsExactly(Sha256.digest(), others, others, RULES);
                    assertThat(told.list)
                            .extracting(ILoggingEvent::getFormattedMessage)
                            .containsExactly("signers have different rules for one key");
                    test.completeNow();
                })));
    }

    private Future<SignReply.State> probe(long millis) {
        return client.probe(issuer, Duration.ofSeconds(10), Deadline.in(Duration.ofMillis(millis)));
    }

    private SignReply state(boolean canSign, String detail) {
        return new SignReply.State(canSign, issuer.hash(), RULES, detail);
    }

    @Test
    void a_signer_that_stands_still_hides_no_other_from_a_probe(VertxTestContext test) {
        signer(SELF, message -> {});
        signer(OTHER, answers(state(true, "")));
        probe(60_000)
                .onComplete(test.succeeding(state -> test.verify(() -> {
                    assertThat(state.canSign()).isTrue();
                    test.completeNow();
                })));
    }

    @Test
    void a_signer_that_does_not_answer_a_probe_is_passed_over(VertxTestContext test) {
        signer(SELF, message -> {
            if (message.body() instanceof SignCertificate) {
                message.reply(SIGNED);
            }
        });
        signer(OTHER, message -> {
            if (message.body() instanceof SignCertificate) {
                message.reply(SIGNED);
            } else {
                vertx.setTimer(5_000, later -> message.reply(state(true, "")));
            }
        });
        probe(100)
                .compose(state -> {
                    assertThat(state.canSign()).isFalse();
                    assertThat(state.detail()).contains("does not answer");
                    asked.clear();
                    return sign(Deadline.in(Duration.ofSeconds(5)));
                })
                .onComplete(test.succeeding(outcome -> test.verify(() -> {
                    assertThat(outcome)
                            .isEqualTo(new Outcome.SurelyNotSigned("all signers have just let this node wait"));
                    assertThat(asked).isEmpty();
                    test.completeNow();
                })));
    }

    @Test
    void one_slow_answer_to_a_probe_stops_nothing_once_the_next_is_quick(VertxTestContext test) {
        client = new BusSigningClient(vertx.eventBus(), new Known(OTHER), SELF);
        signer(OTHER, message -> {
            if (message.body() instanceof SignCertificate) {
                message.reply(SIGNED);
            } else if (asked.size() > 1) {
                message.reply(state(true, ""));
            }
        });
        probe(100)
                .compose(slow -> probe(2_000))
                .compose(quick -> sign(Deadline.in(Duration.ofSeconds(5))))
                .onComplete(test.succeeding(outcome -> test.verify(() -> {
                    assertThat(outcome).isInstanceOf(Outcome.Signed.class);
                    test.completeNow();
                })));
    }

    @Test
    void a_probe_finds_the_signer_that_holds_the_issuers_certificate(VertxTestContext test) {
        signer(SELF, answers(new SignReply.State(true, Sha256.digest(new byte[1]), RULES, "")));
        signer(OTHER, message -> vertx.setTimer(50, later -> message.reply(state(true, ""))));
        probe(2_000)
                .onComplete(test.succeeding(state -> test.verify(() -> {
                    assertThat(state.issuerHash()).isEqualTo(issuer.hash());
                    test.completeNow();
                })));
    }

    @Test
    void a_probe_that_nobody_passes_says_what_a_signer_said(VertxTestContext test) {
        signer(SELF, message -> message.fail(500, "lost"));
        signer(OTHER, answers(state(false, "the HSM is away")));
        probe(2_000)
                .onComplete(test.succeeding(state -> test.verify(() -> {
                    assertThat(state.canSign()).isFalse();
                    assertThat(state.detail()).isEqualTo("the HSM is away");
                    test.completeNow();
                })));
    }

    @Test
    void signers_of_other_nodes_share_what_there_is_to_sign(VertxTestContext test) {
        NodeId third = new NodeId("n3");
        client = new BusSigningClient(vertx.eventBus(), new Known(OTHER, third), SELF);
        Consumer<Message<SignerMessage>> slow = message -> vertx.setTimer(
                20, later -> message.reply(message.body() instanceof SignCertificate ? SIGNED : state(true, "")));
        signer(OTHER, slow);
        signer(third, slow);
        probe(5_000)
                .compose(state -> vertx.timer(1, TimeUnit.SECONDS)) // the other one has answered, too
                .compose(later -> {
                    asked.clear();
                    List<Future<Outcome>> ten = new ArrayList<>();
                    for (int i = 0; i < 10; i++) {
                        ten.add(client.sign(
                                issuer,
                                new SerialNumber(BigInteger.valueOf(i + 1)),
                                Der.of(new byte[] {2}),
                                Deadline.in(Duration.ofSeconds(5))));
                    }
                    return Future.all(ten);
                })
                .onComplete(test.succeeding(all -> test.verify(() -> {
                    assertThat(Collections.frequency(asked, OTHER)).isEqualTo(5);
                    assertThat(Collections.frequency(asked, third)).isEqualTo(5);
                    test.completeNow();
                })));
    }

    private Future<Outcome> sign(Deadline deadline) {
        return sign(2, deadline);
    }

    private Future<Outcome> sign(int serial, Deadline deadline) {
        return client.sign(issuer, new SerialNumber(BigInteger.valueOf(serial)), Der.of(new byte[] {2}), deadline);
    }

    /** One after the other. */
    private Future<Void> signed(int times) {
        return times == 0
                ? Future.succeededFuture()
                : sign(times, Deadline.in(Duration.ofSeconds(5))).compose(outcome -> signed(times - 1));
    }

    @Test
    void one_that_declines_comes_after_those_that_sign(VertxTestContext test) {
        NodeId third = new NodeId("n3");
        client = new BusSigningClient(vertx.eventBus(), new Known(OTHER, third), SELF);
        signer(OTHER, message -> message.reply(message.body() instanceof SignCertificate ? SIGNED : state(true, "")));
        signer(third, message -> message.reply(message.body() instanceof SignCertificate ? DECLINED : state(true, "")));
        probe(2_000)
                .compose(state -> vertx.timer(1, TimeUnit.SECONDS)) // the other one has answered, too
                .compose(later -> signed(6))
                .compose(some -> {
                    asked.clear();
                    return signed(6);
                })
                .onComplete(test.succeeding(all -> test.verify(() -> {
                    assertThat(asked).hasSize(6).containsOnly(OTHER);
                    test.completeNow();
                })));
    }

    @Test
    void one_that_declines_a_probe_comes_after_those_that_can_sign(VertxTestContext test) {
        NodeId third = new NodeId("n3");
        client = new BusSigningClient(vertx.eventBus(), new Known(OTHER, third), SELF);
        signer(OTHER, message -> message.reply(message.body() instanceof SignCertificate ? SIGNED : state(true, "")));
        AtomicInteger probes = new AtomicInteger();
        signer(third, message -> {
            if (message.body() instanceof SignCertificate) {
                message.reply(SIGNED);
            } else {
                message.reply(probes.incrementAndGet() == 1 ? state(true, "") : DECLINED);
            }
        });
        probe(2_000)
                .compose(state -> vertx.timer(1, TimeUnit.SECONDS))
                .compose(later -> probe(2_000))
                .compose(state -> vertx.timer(1, TimeUnit.SECONDS))
                .compose(later -> {
                    asked.clear();
                    return signed(6);
                })
                .onComplete(test.succeeding(all -> test.verify(() -> {
                    assertThat(asked).hasSize(6).containsOnly(OTHER);
                    test.completeNow();
                })));
    }

    @Test
    void one_that_is_silent_leaves_time_for_another_and_neither_signs_for_longer_than_it_is_waited_for(
            VertxTestContext test) {
        List<Long> millisLeft = Collections.synchronizedList(new ArrayList<>());
        signer(SELF, message -> millisLeft.add(((SignCertificate) message.body()).millisLeft()));
        signer(OTHER, message -> {
            millisLeft.add(((SignCertificate) message.body()).millisLeft());
            message.reply(SIGNED);
        });
        sign(Deadline.in(Duration.ofSeconds(10)))
                .onComplete(test.succeeding(result -> test.verify(() -> {
                    assertThat(result).isInstanceOf(Outcome.Signed.class);
                    assertThat(asked).containsExactly(SELF, OTHER);
                    assertThat(millisLeft)
                            .hasSize(2)
                            .allSatisfy(left -> assertThat(left).isBetween(1L, 2_000L));
                    test.completeNow();
                })));
    }

    @Test
    void no_signer_has_more_time_than_is_left_when_it_is_asked(VertxTestContext test) {
        List<Long> millisLeft = Collections.synchronizedList(new ArrayList<>());
        signer(SELF, message -> {
            millisLeft.add(((SignCertificate) message.body()).millisLeft());
            vertx.setTimer(100, later -> message.reply(DECLINED));
        });
        signer(OTHER, message -> {
            millisLeft.add(((SignCertificate) message.body()).millisLeft());
            message.reply(SIGNED);
        });
        sign(Deadline.in(Duration.ofMillis(1_500)))
                .onComplete(test.succeeding(result -> test.verify(() -> {
                    assertThat(result).isInstanceOf(Outcome.Signed.class);
                    assertThat(asked).containsExactly(SELF, OTHER);
                    assertThat(millisLeft.get(0)).isBetween(1L, 1_500L);
                    assertThat(millisLeft.get(1)).isBetween(1L, millisLeft.get(0) - 100);
                    test.completeNow();
                })));
    }

    @Test
    void no_signer_is_asked_once_the_deadline_has_passed(VertxTestContext test) {
        signer(SELF, answers(SIGNED));
        signer(OTHER, answers(SIGNED));
        sign(new Deadline(System.nanoTime()))
                .onComplete(test.succeeding(result -> test.verify(() -> {
                    assertThat(result).isInstanceOf(Outcome.SurelyNotSigned.class);
                    assertThat(asked).isEmpty();
                    test.completeNow();
                })));
    }

    /** The bus; how each request is sent through it is noted, by address. */
    private EventBus noting(Map<String, DeliveryOptions> sent) {
        EventBus bus = vertx.eventBus();
        return (EventBus) Proxy.newProxyInstance(
                EventBus.class.getClassLoader(), new Class<?>[] {EventBus.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("request")) {
                        sent.put((String) arguments[0], (DeliveryOptions) arguments[2]);
                    }
                    return method.invoke(bus, arguments);
                });
    }

    @Test
    void its_own_signer_is_asked_in_this_process_alone_and_others_wherever_they_are(VertxTestContext test) {
        Map<String, DeliveryOptions> sent = new ConcurrentHashMap<>();
        client = new BusSigningClient(noting(sent), new Known(OTHER, SELF), SELF);
        signer(SELF, answers(DECLINED));
        signer(OTHER, answers(SIGNED));
        sign(Deadline.in(Duration.ofSeconds(5)))
                .onComplete(test.succeeding(result -> test.verify(() -> {
                    assertThat(sent).hasSize(2);
                    assertThat(sent.get(BusAddress.signer(issuer.keyId(), SELF)))
                            .extracting(DeliveryOptions::isLocalOnly)
                            .isEqualTo(true);
                    assertThat(sent.get(BusAddress.signer(issuer.keyId(), OTHER)))
                            .extracting(DeliveryOptions::isLocalOnly)
                            .isEqualTo(false);
                    test.completeNow();
                })));
    }

    @Test
    void an_answer_to_another_question_may_have_been_signed_even_if_the_others_decline(VertxTestContext test) {
        signer(SELF, answers(state(true, "")));
        signer(OTHER, answers(DECLINED));
        expect(test, Outcome.MaybeSigned.class, List.of(SELF, OTHER));
    }
}
