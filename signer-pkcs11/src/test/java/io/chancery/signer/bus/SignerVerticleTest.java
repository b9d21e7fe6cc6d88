package io.chancery.signer.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.bus.BusAddress;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.bus.SignCertificate;
import io.chancery.cluster.bus.SignCrl;
import io.chancery.cluster.bus.SignReply;
import io.chancery.cluster.bus.SignReply.Reason;
import io.chancery.cluster.bus.SignerCodecs;
import io.chancery.cluster.bus.SignerMessage;
import io.chancery.cluster.bus.SignerProbe;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.config.ChanceryConfig.KeyRules;
import io.chancery.core.crl.CrlEntries;
import io.chancery.core.crl.PreparedCrl;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.signer.TestPki;
import io.chancery.signer.guard.TbsRecipe;
import io.chancery.signer.key.KeyFailures;
import io.chancery.signer.key.KeyState;
import io.chancery.signer.key.KeyStatus;
import io.chancery.signer.key.SigningKeyException.Kind;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class SignerVerticleTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    @TempDir
    Path folder;

    private final FakeKey key = new FakeKey();
    private final IssuerCertificate issuer = key.issuer;
    private final Fast fast = new Fast();
    private PublicKey leaf;

    /** Keeps what it is asked for, and leaves the work to BouncyCastle. */
    private static final class Fast extends Provider {
        private static final long serialVersionUID = 1L;
        private final transient Provider works = new BouncyCastleProvider();
        private final List<String> asked = new CopyOnWriteArrayList<>();

        Fast() {
            super("Fast", "1", "of a test");
        }

        @Override
        public Service getService(String type, String algorithm) {
            asked.add(type + " " + algorithm);
            return works.getService(type, algorithm);
        }
    }

    @BeforeEach
    void leafKey() throws GeneralSecurityException {
        leaf = TestPki.ec("secp256r1").getPublic();
    }

    private SignerSettings settings(int threads, int queue) {
        return new SignerSettings(
                issuer,
                NodeId.ALONE,
                true,
                new KeyRules(Optional.empty(), false, 0, false),
                threads,
                queue,
                folder.resolve("signatures.log"),
                Duration.ofSeconds(2),
                new PublicKeys(fast));
    }

    private Future<String> deploy(Vertx vertx, int threads, int queue, KeyOpener opener) {
        SignerCodecs.register(vertx.eventBus());
        return vertx.deployVerticle(new SignerVerticle(settings(threads, queue), opener, () -> NOW));
    }

    private TbsRecipe recipe(long serial) {
        TbsRecipe recipe = new TbsRecipe(issuer, leaf);
        recipe.serial = serial(serial).value();
        return recipe;
    }

    private static SerialNumber serial(long number) {
        return new SerialNumber(BigInteger.ONE.shiftLeft(100).add(BigInteger.valueOf(number)));
    }

    private SignCertificate request(long serial, Der tbs, long millisLeft) {
        return new SignCertificate(
                serial(serial),
                issuer.keyId(),
                millisLeft,
                tbs,
                issuer.hash(),
                Sha256.digest(new byte[0]),
                new NodeId("api-1"));
    }

    private SignCertificate request(long serial) {
        return request(serial, recipe(serial).der(), 5_000);
    }

    private Future<SignReply> ask(Vertx vertx, SignerMessage message) {
        return vertx.eventBus()
                .<SignReply>request(
                        BusAddress.signer(issuer.keyId(), NodeId.ALONE),
                        message,
                        new DeliveryOptions().setSendTimeout(5_000).setLocalOnly(true))
                .map(reply -> reply.body());
    }

    private static Optional<Reason> declined(SignReply reply) {
        return reply instanceof SignReply.Declined declined ? Optional.of(declined.reason()) : Optional.empty();
    }

    @Test
    void a_good_certificate_is_signed_and_logged_before_the_answer(Vertx vertx, VertxTestContext test) {
        SignCertificate request = request(1);
        deploy(vertx, 2, 8, helps -> key)
                .compose(id -> ask(vertx, request))
                .onComplete(test.succeeding(reply -> test.verify(() -> {
                    assertThat(reply).isInstanceOf(SignReply.Signed.class);
                    assertThat(TestPki.verifies(issuer, request.tbs(), ((SignReply.Signed) reply).signature()))
                            .isTrue();
                    assertThat(Files.readString(folder.resolve("signatures.log")))
                            .isEqualTo(NOW + " " + request.serial() + " "
                                    + Sha256.digest(request.tbs().bytes()).hex() + " api-1\n");
                    test.completeNow();
                })));
    }

    @Test
    void what_a_node_with_other_settings_asks_for_is_signed_with_the_algorithm_that_its_bytes_name(
            Vertx vertx, VertxTestContext test) {
        IssuerCertificate there = issuer.withScheme(SignatureScheme.ECDSA_SHA512);
        TbsRecipe recipe = recipe(1);
        recipe.algorithm = there.scheme().identifier();
        SignCertificate certificate = request(1, recipe.der(), 5_000);
        SignCrl list = list(there, 7, NOW);
        deploy(vertx, 2, 8, helps -> key)
                .compose(id -> ask(vertx, certificate))
                .compose(reply -> ask(vertx, list).map(other -> List.of(reply, other)))
                .onComplete(test.succeeding(replies -> test.verify(() -> {
                    assertThat(TestPki.verifies(
                                    there, certificate.tbs(), ((SignReply.Signed) replies.get(0)).signature()))
                            .isTrue();
                    assertThat(TestPki.verifies(there, list.tbs(), ((SignReply.Signed) replies.get(1)).signature()))
                            .isTrue();
                    test.completeNow();
                })));
    }

    private SignCrl list(long number, Instant made) {
        return list(issuer, number, made);
    }

    private static SignCrl list(IssuerCertificate issuer, long number, Instant made) {
        PreparedCrl list = PreparedCrl.prepare(
                issuer,
                BigInteger.valueOf(number),
                new PreparedCrl.Validity(made, made.plusSeconds(60)),
                new CrlEntries(),
                Optional.empty());
        return new SignCrl(list.number(), issuer.keyId(), 5_000, list.tbs(), issuer.hash(), new NodeId("api-1"));
    }

    @Test
    void a_list_of_revoked_certificates_is_signed_and_logged_by_its_number(Vertx vertx, VertxTestContext test) {
        SignCrl request = list(7, NOW);
        deploy(vertx, 2, 8, helps -> key)
                .compose(id -> ask(vertx, request))
                .onComplete(test.succeeding(reply -> test.verify(() -> {
                    assertThat(TestPki.verifies(issuer, request.tbs(), ((SignReply.Signed) reply).signature()))
                            .isTrue();
                    assertThat(Files.readString(folder.resolve("signatures.log")))
                            .isEqualTo(NOW + " crl:7 "
                                    + Sha256.digest(request.tbs().bytes()).hex() + " api-1\n");
                    test.completeNow();
                })));
    }

    @Test
    void a_lower_number_or_another_list_of_the_same_one_is_refused(Vertx vertx, VertxTestContext test) {
        deploy(vertx, 2, 8, helps -> key)
                .compose(id -> ask(vertx, list(7, NOW)))
                .compose(first -> ask(vertx, list(6, NOW)))
                .compose(lower -> {
                    assertThat(((SignReply.Refused) lower).rule()).isEqualTo("crl-number");
                    assertThat(((SignReply.Refused) lower).detail()).endsWith("here, 7");
                    return ask(vertx, list(7, NOW.plusSeconds(1)));
                })
                .compose(other -> {
                    assertThat(((SignReply.Refused) other).rule()).isEqualTo("crl-number");
                    return ask(vertx, list(7, NOW));
                })
                .compose(again -> {
                    assertThat(again).isInstanceOf(SignReply.Signed.class);
                    return ask(vertx, list(8, NOW));
                })
                .onComplete(test.succeeding(next -> test.verify(() -> {
                    assertThat(next).isInstanceOf(SignReply.Signed.class);
                    assertThat(key.signatures).hasValue(3);
                    test.completeNow();
                })));
    }

    @Test
    void a_list_that_breaks_a_rule_reaches_no_key(Vertx vertx, VertxTestContext test) {
        deploy(vertx, 2, 8, helps -> key)
                .compose(id -> ask(vertx, list(7, NOW.minusSeconds(7_200))))
                .onComplete(test.succeeding(reply -> test.verify(() -> {
                    assertThat(((SignReply.Refused) reply).rule()).isEqualTo("crl-dates");
                    assertThat(key.signatures).hasValue(0);
                    test.completeNow();
                })));
    }

    @Test
    void the_same_bytes_again_get_the_same_signature_without_a_second_one(Vertx vertx, VertxTestContext test) {
        deploy(vertx, 2, 8, helps -> key)
                .compose(id -> ask(vertx, request(1)))
                .compose(first -> ask(vertx, request(1))
                        .onSuccess(second -> test.verify(() -> {
                            assertThat(second).isEqualTo(first);
                            assertThat(key.signatures).hasValue(1);
                        })))
                .onComplete(test.succeedingThenComplete());
    }

    @Test
    void a_signature_that_does_not_verify_goes_to_nobody_is_not_remembered_and_its_key_is_given_up(
            Vertx vertx, VertxTestContext test) {
        deploy(vertx, 2, 8, helps -> key)
                .compose(id -> {
                    key.errs.set(true);
                    return ask(vertx, request(1));
                })
                .compose(wrong -> {
                    test.verify(() -> {
                        assertThat(declined(wrong)).contains(Reason.HEALING);
                        assertThat(key.distrusted).hasValue(1);
                        assertThat(folder.resolve("signatures.log")).isEmptyFile();
                    });
                    return ask(vertx, request(1));
                })
                .compose(right -> {
                    test.verify(() -> assertThat(
                                    TestPki.verifies(issuer, request(1).tbs(), ((SignReply.Signed) right).signature()))
                            .isTrue());
                    key.errs.set(true);
                    return ask(vertx, list(7, NOW));
                })
                .onComplete(test.succeeding(list -> test.verify(() -> {
                    assertThat(declined(list)).contains(Reason.HEALING);
                    assertThat(key.distrusted).hasValue(2);
                    test.completeNow();
                })));
    }

    @Test
    void what_the_token_cannot_sign_is_refused_by_its_algorithm_and_no_other_signer_need_be_asked(
            Vertx vertx, VertxTestContext test) {
        key.unable.set(true);
        deploy(vertx, 2, 8, helps -> key)
                .compose(id -> ask(vertx, request(1)))
                .compose(reply -> {
                    test.verify(() -> assertThat(reply)
                            .isEqualTo(new SignReply.Refused("algorithm", "a test's token does not sign so")));
                    return ask(vertx, list(7, NOW));
                })
                .onComplete(test.succeeding(list -> test.verify(() -> {
                    assertThat(((SignReply.Refused) list).rule()).isEqualTo("algorithm");
                    assertThat(key.distrusted).hasValue(0);
                    test.completeNow();
                })));
    }

    @Test
    void a_probe_that_does_not_verify_gives_the_key_up(Vertx vertx, VertxTestContext test) {
        key.errs.set(true);
        deploy(vertx, 1, 4, helps -> key)
                .compose(id -> ask(vertx, new SignerProbe(issuer.keyId(), 1_000, NodeId.ALONE)))
                .onComplete(test.succeeding(reply -> test.verify(() -> {
                    assertThat(((SignReply.State) reply).canSign()).isFalse();
                    assertThat(key.distrusted).hasValue(1);
                    test.completeNow();
                })));
    }

    @Test
    void other_bytes_under_a_signed_serial_are_refused(Vertx vertx, VertxTestContext test) {
        TbsRecipe other = recipe(1);
        other.notAfter = other.notAfter.plusSeconds(1);
        deploy(vertx, 2, 8, helps -> key)
                .compose(id -> ask(vertx, request(1)))
                .compose(first -> ask(vertx, request(1, other.der(), 5_000)))
                .onComplete(test.succeeding(reply -> test.verify(() -> {
                    assertThat(((SignReply.Refused) reply).rule()).isEqualTo("serial-reused");
                    assertThat(key.signatures).hasValue(1);
                    test.completeNow();
                })));
    }

    @Test
    void a_certificate_that_breaks_a_rule_is_refused_and_not_signed(Vertx vertx, VertxTestContext test) {
        TbsRecipe bad = recipe(1);
        bad.notAfter = TestPki.END.plusSeconds(1);
        deploy(vertx, 2, 8, helps -> key)
                .compose(id -> ask(vertx, request(1, bad.der(), 5_000)))
                .onComplete(test.succeeding(reply -> test.verify(() -> {
                    assertThat(((SignReply.Refused) reply).rule()).isEqualTo("validity");
                    assertThat(key.signatures).hasValue(0);
                    assertThat(folder.resolve("signatures.log")).isEmptyFile();
                    test.completeNow();
                })));
    }

    @Test
    void another_issuer_is_declined(Vertx vertx, VertxTestContext test) {
        SignCertificate mine = request(1);
        SignCertificate other = new SignCertificate(
                mine.serial(),
                mine.keyId(),
                5_000,
                mine.tbs(),
                Sha256.digest(new byte[] {1}),
                mine.rulesHash(),
                mine.callerNode());
        deploy(vertx, 2, 8, helps -> key)
                .compose(id -> ask(vertx, other))
                .onComplete(test.succeeding(reply -> test.verify(() -> {
                    assertThat(declined(reply)).contains(Reason.NOT_MY_ISSUER);
                    test.completeNow();
                })));
    }

    @Test
    void beyond_threads_and_queue_requests_are_declined_as_busy_and_the_others_signed(
            Vertx vertx, VertxTestContext test) {
        key.gate = new CountDownLatch(1);
        AtomicInteger declined = new AtomicInteger();
        deploy(vertx, 2, 3, helps -> key)
                .compose(id -> {
                    List<Future<SignReply>> asked = new ArrayList<>();
                    for (int i = 0; i < 8; i++) {
                        asked.add(ask(vertx, request(i)).onSuccess(reply -> {
                            if (declined(reply).isPresent() && declined.incrementAndGet() == 3) {
                                key.gate.countDown();
                            }
                        }));
                    }
                    return Future.join(asked);
                })
                .onComplete(test.succeeding(all -> test.verify(() -> {
                    List<SignReply> replies = all.<SignReply>list();
                    assertThat(replies.stream().filter(r -> declined(r).equals(Optional.of(Reason.BUSY))))
                            .hasSize(3);
                    assertThat(replies.stream().filter(SignReply.Signed.class::isInstance))
                            .hasSize(5);
                    assertThat(key.threads).hasSize(2).allMatch(name -> name.startsWith("hsm-"));
                    test.completeNow();
                })));
    }

    @Test
    void a_request_whose_time_passed_in_the_queue_is_declined_unsigned(Vertx vertx, VertxTestContext test) {
        key.gate = new CountDownLatch(1);
        deploy(vertx, 1, 4, helps -> key)
                .compose(id -> {
                    Future<SignReply> first = ask(vertx, request(1));
                    Future<SignReply> late = ask(vertx, request(2, recipe(2).der(), 20));
                    vertx.setTimer(60, passed -> key.gate.countDown());
                    return first.compose(signed -> late);
                })
                .onComplete(test.succeeding(reply -> test.verify(() -> {
                    assertThat(declined(reply)).contains(Reason.TOO_LATE);
                    assertThat(key.signatures).hasValue(1);
                    test.completeNow();
                })));
    }

    @Test
    void without_its_key_it_starts_declines_without_asking_it_and_signs_once_the_key_is_back(
            Vertx vertx, VertxTestContext test) {
        key.status = away(KeyState.HEALING);
        deploy(vertx, 1, 4, helps -> key)
                .compose(id -> ask(vertx, request(1)))
                .onSuccess(reply -> test.verify(() -> {
                    assertThat(reply).isEqualTo(new SignReply.Declined(Reason.HEALING, "a test wants HEALING"));
                    assertThat(key.entered.availablePermits()).isZero();
                    key.status = KeyStatus.READY;
                }))
                .compose(reply -> ask(vertx, request(1)))
                .onComplete(test.succeeding(reply -> test.verify(() -> {
                    assertThat(reply).isInstanceOf(SignReply.Signed.class);
                    test.completeNow();
                })));
    }

    @Test
    void a_probe_says_why_the_key_is_away(Vertx vertx, VertxTestContext test) {
        key.status = away(KeyState.PIN_REFUSED);
        deploy(vertx, 1, 4, helps -> key)
                .compose(id -> ask(vertx, new SignerProbe(issuer.keyId(), 1_000, NodeId.ALONE)))
                .onComplete(test.succeeding(reply -> test.verify(() -> {
                    assertThat(((SignReply.State) reply).canSign()).isFalse();
                    assertThat(((SignReply.State) reply).detail()).isEqualTo("a test wants PIN_REFUSED");
                    test.completeNow();
                })));
    }

    @Test
    void a_signer_that_nobody_asks_looks_for_itself_whether_its_key_signs(Vertx vertx, VertxTestContext test) {
        SignerCodecs.register(vertx.eventBus());
        vertx.deployVerticle(new SignerVerticle(settings(1, 4), helps -> key, () -> NOW, 20))
                .compose(id -> vertx.executeBlocking(() -> {
                    key.entered.acquire(2);
                    return id;
                }))
                .onComplete(test.succeedingThenComplete());
    }

    @Test
    void what_its_last_look_has_signed_is_too_old_for_the_next_one() {
        long longestAnswer = 2_000;
        assertThat(SignerVerticle.ownProbe(settings(1, 4), 10_000).maxAgeMillis())
                .isLessThan(10_000 - longestAnswer);
    }

    private static KeyStatus away(KeyState state) {
        return new KeyStatus(state, "a test wants " + state, 1, 0, 0, 0);
    }

    @Test
    void that_a_fresh_process_would_help_reaches_whoever_asked_to_hear_of_it(Vertx vertx, VertxTestContext test) {
        SignerCodecs.register(vertx.eventBus());
        AtomicReference<Runnable> said = new AtomicReference<>();
        SignerVerticle verticle = new SignerVerticle(
                settings(1, 4),
                helps -> {
                    said.set(helps);
                    return key;
                },
                () -> NOW);
        vertx.deployVerticle(verticle).onComplete(test.succeeding(id -> {
            verticle.whenAFreshProcessHelps(test::completeNow);
            said.get().run();
        }));
    }

    @Test
    void each_signature_is_verified_by_the_provider_of_the_settings(Vertx vertx, VertxTestContext test) {
        deploy(vertx, 1, 4, helps -> key)
                .compose(id -> ask(vertx, request(1)))
                .onComplete(test.succeeding(reply -> test.verify(() -> {
                    assertThat(reply).isInstanceOf(SignReply.Signed.class);
                    assertThat(fast.asked).contains("Signature SHA256withECDSA");
                    test.completeNow();
                })));
    }

    @Test
    void what_no_waiting_helps_against_stops_the_start(Vertx vertx, VertxTestContext test) {
        deploy(vertx, 1, 4, helps -> {
                    throw KeyFailures.of(Kind.MISCONFIGURED);
                })
                .onComplete(test.failingThenComplete());
    }

    @Test
    void a_probe_makes_a_signature_only_when_none_is_fresh(Vertx vertx, VertxTestContext test) {
        SignerProbe probe = new SignerProbe(issuer.keyId(), 60_000, NodeId.ALONE);
        deploy(vertx, 1, 4, helps -> key)
                .compose(id -> ask(vertx, probe))
                .compose(first -> ask(vertx, probe))
                .onComplete(test.succeeding(reply -> test.verify(() -> {
                    SignReply.State state = (SignReply.State) reply;
                    assertThat(state.canSign()).isTrue();
                    assertThat(state.issuerHash()).isEqualTo(issuer.hash());
                    assertThat(key.signatures).hasValue(1);
                    test.completeNow();
                })));
    }

    @Test
    void a_signature_that_cannot_be_logged_does_not_leave_and_is_not_called_unsigned(
            Vertx vertx, VertxTestContext test) {
        // Writing to /dev/full always fails with "no space left".
        SignerSettings full = new SignerSettings(
                issuer,
                NodeId.ALONE,
                true,
                new KeyRules(Optional.empty(), false, 0, false),
                1,
                4,
                Path.of("/dev/full"),
                Duration.ofSeconds(1),
                new PublicKeys(fast));
        SignerCodecs.register(vertx.eventBus());
        vertx.deployVerticle(new SignerVerticle(full, helps -> key, () -> NOW))
                .compose(id -> ask(vertx, request(1)))
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(failure).isInstanceOf(ReplyException.class);
                    test.completeNow();
                })));
    }

    @Test
    void a_stop_lets_what_is_under_way_end_and_closes_the_key(Vertx vertx, VertxTestContext test) {
        key.gate = new CountDownLatch(1);
        deploy(vertx, 1, 4, helps -> key)
                .compose(id -> {
                    Future<SignReply> first = ask(vertx, request(1));
                    return vertx.executeBlocking(() -> {
                                key.entered.acquire();
                                return id;
                            })
                            .compose(entered -> {
                                Future<Void> stopped = vertx.undeploy(id);
                                Future<SignReply> late = vertx.timer(20).compose(waited -> ask(vertx, request(2)));
                                return late.onSuccess(reply -> key.gate.countDown())
                                        .compose(reply -> first.compose(signed -> stopped.map(List.of(signed, reply))));
                            });
                })
                .onComplete(test.succeeding(replies -> test.verify(() -> {
                    assertThat(replies.get(0)).isInstanceOf(SignReply.Signed.class);
                    assertThat(declined(replies.get(1))).contains(Reason.DRAINING);
                    assertThat(key.closed).isTrue();
                    test.completeNow();
                })));
    }
}
