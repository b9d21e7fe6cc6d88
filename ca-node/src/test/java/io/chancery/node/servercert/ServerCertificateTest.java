package io.chancery.node.servercert;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.certificate.SignedCertificate;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.name.NameConstraints;
import io.chancery.node.issuance.IssuanceFixture;
import io.chancery.testing.MutableInstantSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class ServerCertificateTest {
    private static final ServerCertificate.Names NAMES =
            new ServerCertificate.Names("Test CA", List.of("localhost", "127.0.0.1", "[::1]"));
    private static final Duration TWO_THIRDS = Duration.ofHours(16);

    @TempDir
    Path folder;

    private final MutableInstantSource clock = new MutableInstantSource(IssuanceFixture.NOW);
    private final AtomicLong serials = new AtomicLong(1);
    private IssuanceFixture fixture;
    private volatile boolean signerAway;

    @BeforeEach
    void issuer() throws Exception {
        fixture = IssuanceFixture.create();
    }

    private Future<Der> issue(PreparedCertificate prepared) {
        return signerAway
                ? Future.failedFuture("no signer")
                : Future.succeededFuture(SignedCertificate.assemble(
                                fixture.issuer(),
                                prepared.tbs(),
                                fixture.sign(prepared.tbs()),
                                new PublicKeys(new BouncyCastleProvider()))
                        .orElseThrow());
    }

    private ServerCertificate certificate(Vertx vertx) {
        return certificate(vertx, fixture::issuers);
    }

    private ServerCertificate certificate(Vertx vertx, Supplier<Issuers> issuers) {
        return new ServerCertificate(vertx, settings(issuers, clock), NAMES, this::issue, this::serial);
    }

    private ServerCertificate.Settings settings(Supplier<Issuers> issuers, InstantSource time) {
        return new ServerCertificate.Settings(issuers, folder, time, new SecureRandom());
    }

    private SerialNumber serial() {
        return new SerialNumber(BigInteger.ONE.shiftLeft(100).add(BigInteger.valueOf(serials.getAndIncrement())));
    }

    private Future<ServerIdentity> started(Vertx vertx) {
        return certificate(vertx).start(renewed -> {});
    }

    @Test
    void it_is_renewed_from_two_thirds_of_its_life_and_not_before(Vertx vertx, VertxTestContext test) {
        ServerCertificate certificate = certificate(vertx);
        Promise<ServerIdentity> renewed = Promise.promise();
        certificate
                .start(renewed::complete)
                .compose(first -> {
                    clock.advance(TWO_THIRDS.minus(Duration.ofMinutes(3)));
                    certificate.checkNow(renewed::complete);
                    return vertx.timer(100).map(waited -> {
                        test.verify(
                                () -> assertThat(renewed.future().isComplete()).isFalse());
                        clock.advance(Duration.ofMinutes(4));
                        certificate.checkNow(renewed::complete);
                        return first;
                    });
                })
                .compose(first -> renewed.future().map(second -> {
                    test.verify(() -> {
                        assertThat(second.certificate().getSerialNumber())
                                .isNotEqualTo(first.certificate().getSerialNumber());
                        assertThat(second.certificate().getNotAfter())
                                .isAfter(first.certificate().getNotAfter());
                        assertThat(certificate.current()).contains(second);
                    });
                    return second;
                }))
                .onComplete(test.succeedingThenComplete());
    }

    /** Each look at the clock finds it an hour on, so nothing but time has it renewed. */
    @Test
    void it_is_looked_at_again_and_again_and_renewed_without_being_asked(Vertx vertx, VertxTestContext test) {
        InstantSource hours = () -> {
            clock.advance(Duration.ofHours(1));
            return clock.instant();
        };
        ServerCertificate certificate =
                new ServerCertificate(vertx, settings(fixture::issuers, hours), NAMES, this::issue, this::serial, 1);
        Promise<ServerIdentity> renewed = Promise.promise();
        certificate
                .start(renewed::tryComplete)
                .compose(first -> renewed.future()
                        .onSuccess(second -> test.verify(() -> {
                            certificate.stop();
                            assertThat(second.certificate().getNotBefore())
                                    .isAfterOrEqualTo(Date.from(first.certificate()
                                            .getNotBefore()
                                            .toInstant()
                                            .plus(TWO_THIRDS)));
                            assertThat(certificate.current()).contains(second);
                        })))
                .onComplete(test.succeedingThenComplete());
    }

    /** A CA that lets those below it have subjects under one name alone. */
    private static X509Certificate permitting(String directoryName) throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("EC").generateKeyPair();
        X500Name name = new X500Name("CN=Above");
        return new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                name,
                                BigInteger.ONE,
                                Date.from(IssuanceFixture.NOW),
                                Date.from(IssuanceFixture.NOW.plus(Duration.ofDays(2))),
                                name,
                                pair.getPublic())
                        .addExtension(
                                Extension.nameConstraints,
                                true,
                                new org.bouncycastle.asn1.x509.NameConstraints(
                                        new GeneralSubtree[] {
                                            new GeneralSubtree(new GeneralName(new X500Name(directoryName)))
                                        },
                                        null))
                        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
    }

    @Test
    void one_whose_usual_subject_a_CA_above_forbids_has_none_and_is_kept(Vertx vertx, VertxTestContext test)
            throws Exception {
        Issuers issuers = Issuers.only(fixture.issuer(), NameConstraints.of(List.of(permitting("O=Example"))));
        certificate(vertx, () -> issuers)
                .start(renewed -> {})
                .compose(first -> certificate(vertx, () -> issuers)
                        .start(renewed -> {})
                        .onSuccess(second -> test.verify(() -> {
                            assertThat(first.certificate()
                                            .getSubjectX500Principal()
                                            .getName())
                                    .isEmpty();
                            assertThat(second.certificate()).isEqualTo(first.certificate());
                        })))
                .onComplete(test.succeedingThenComplete());
    }

    @Test
    void one_that_is_due_but_good_is_served_while_the_signer_is_away(Vertx vertx, VertxTestContext test) {
        started(vertx)
                .compose(first -> {
                    signerAway = true;
                    clock.advance(TWO_THIRDS.plusHours(1));
                    return started(vertx).map(kept -> {
                        test.verify(() -> assertThat(kept.certificate()).isEqualTo(first.certificate()));
                        return kept;
                    });
                })
                .onComplete(test.succeedingThenComplete());
    }

    @Test
    void one_made_while_the_clock_was_ahead_is_replaced_when_the_clock_is_right(Vertx vertx, VertxTestContext test) {
        clock.advance(Duration.ofHours(8));
        ServerCertificate certificate = certificate(vertx);
        Promise<ServerIdentity> renewed = Promise.promise();
        certificate
                .start(renewed::complete)
                .compose(ahead -> {
                    clock.advance(Duration.ofHours(-8));
                    certificate.checkNow(renewed::complete);
                    return renewed.future();
                })
                .onSuccess(second -> test.verify(() -> second.certificate().checkValidity(Date.from(clock.instant()))))
                .onComplete(test.succeedingThenComplete());
    }

    @Test
    void one_that_was_kept_while_the_clock_was_ahead_is_not_served_after_a_restart(Vertx vertx, VertxTestContext test) {
        clock.advance(Duration.ofHours(8));
        started(vertx)
                .compose(ahead -> {
                    clock.advance(Duration.ofHours(-8));
                    return started(vertx);
                })
                .onSuccess(second -> test.verify(() -> second.certificate().checkValidity(Date.from(clock.instant()))))
                .onComplete(test.succeedingThenComplete());
    }

    @Test
    void an_expired_one_is_not_served_and_says_why_until_the_signer_is_back(Vertx vertx, VertxTestContext test) {
        started(vertx)
                .compose(first -> {
                    signerAway = true;
                    clock.advance(Duration.ofHours(25));
                    ServerCertificate certificate = certificate(vertx);
                    Future<ServerIdentity> later = certificate.start(renewed -> {});
                    return untilItSaysWhy(vertx, certificate).compose(said -> {
                        test.verify(() -> {
                            assertThat(certificate.missing().orElseThrow()).contains("no signer");
                            assertThat(later.isComplete()).isFalse();
                        });
                        signerAway = false;
                        certificate.checkNow(renewed -> {});
                        return later.onSuccess(second -> test.verify(() -> {
                            assertThat(second.certificate().getSerialNumber())
                                    .isNotEqualTo(first.certificate().getSerialNumber());
                            assertThat(certificate.missing()).isEmpty();
                        }));
                    });
                })
                .onComplete(test.succeedingThenComplete());
    }

    private static Future<Void> untilItSaysWhy(Vertx vertx, ServerCertificate certificate) {
        return certificate.missing().orElse("").contains("no signer")
                ? Future.succeededFuture()
                : vertx.timer(10).compose(waited -> untilItSaysWhy(vertx, certificate));
    }

    @Test
    void under_an_issuer_that_is_about_to_end_it_is_not_issued_without_a_pause(Vertx vertx, VertxTestContext test) {
        Instant end = fixture.issuer().certificate().getNotAfter().toInstant();
        clock.advance(Duration.between(clock.instant(), end.minusSeconds(10)));
        started(vertx)
                .compose(first -> vertx.timer(500))
                .onSuccess(waited -> test.verify(() -> assertThat(serials.get()).isEqualTo(2)))
                .onComplete(test.succeedingThenComplete());
    }

    @Test
    void its_chain_is_that_of_the_configuration_in_force(Vertx vertx, VertxTestContext test) throws Exception {
        IssuanceFixture above = IssuanceFixture.create("Above");
        AtomicReference<Issuers> inForce = new AtomicReference<>(fixture.issuers());
        ServerCertificate certificate = certificate(vertx, inForce::get);
        Issuer standing = fixture.issuers().standing();
        Issuer longer = new Issuer(
                standing.name(),
                standing.certificate(),
                List.of(standing.chain().get(0), above.issuer().certificate()),
                standing.constraints(),
                standing.listUrl(),
                standing.rule());
        certificate
                .start(renewed -> {})
                .map(first -> {
                    inForce.set(Issuers.of(List.of(), longer, key -> true));
                    ServerIdentity now = certificate.current().orElseThrow();
                    inForce.set(above.issuers());
                    ServerIdentity withoutIssuer = certificate.current().orElseThrow();
                    test.verify(() -> {
                        assertThat(now.certificate()).isEqualTo(first.certificate());
                        assertThat(certificates(first)).isEqualTo(2);
                        assertThat(certificates(now)).isEqualTo(3);
                        assertThat(certificates(withoutIssuer)).isEqualTo(2);
                    });
                    return now;
                })
                .onComplete(test.succeedingThenComplete());
    }

    private static int certificates(ServerIdentity identity) {
        return identity.chainPem().split("BEGIN CERTIFICATE", -1).length - 1;
    }

    @Test
    void one_of_another_issuer_is_replaced(Vertx vertx, VertxTestContext test) throws Exception {
        IssuanceFixture other = IssuanceFixture.create();
        started(vertx)
                .compose(first -> {
                    fixture = other;
                    return started(vertx).map(second -> {
                        test.verify(() -> second.certificate()
                                .verify(other.issuer().certificate().getPublicKey()));
                        return second;
                    });
                })
                .onComplete(test.succeedingThenComplete());
    }
}
