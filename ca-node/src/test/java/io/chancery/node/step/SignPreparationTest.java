package io.chancery.node.step;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.chancery.cluster.replay.ReplayFilter;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.Issuance;
import io.chancery.core.issuance.PreparedIssuance;
import io.chancery.core.issuance.SignCommand;
import io.chancery.core.issuance.StepIssuance;
import io.chancery.core.issuance.UnapprovedIssuance;
import io.chancery.core.issuance.VerifiedRequest;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.json.Json;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.token.Audiences;
import io.chancery.core.webhook.WebhookAnswer;
import io.chancery.node.http.RequestContext;
import io.chancery.node.http.RequestFacts;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.IssuanceFixture;
import io.chancery.node.issuance.RecordingReplayFilter;
import io.chancery.testing.Answers;
import io.chancery.testing.Eventually;
import io.chancery.testing.StrictVertx;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Who is asked, in which order, and what comes of it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SignPreparationTest {
    private final Vertx vertx = StrictVertx.make();
    private final SignPreparation.Workers workers =
            new SignPreparation.Workers(RequestWorkers.forLarge(vertx), RequestWorkers.forTemplates(vertx));
    private final ECKey key = new ECKeyGenerator(Curve.P_256).keyID("k").generate();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final RequestContext request =
            new RequestContext("the-request", Deadline.in(Duration.ofMinutes(1)), new RequestFacts());
    private final RecordingReplayFilter grid = new RecordingReplayFilter(new CopyOnWriteArrayList<>());
    private String refusing = "";
    private Future<Boolean> held = Future.succeededFuture(true);

    SignPreparationTest() throws JOSEException {}

    @AfterEach
    void close() throws Exception {
        Answers.of(vertx.close());
    }

    private static String hook(String name, String kind) {
        return "{\"name\":\"" + name + "\",\"kind\":\"" + kind
                + "\",\"url\":\"https://hook.example/{{ len .Webhooks }}\"}";
    }

    private PreparedIssuance prepared(String... hooks) throws Exception {
        return done(future(hooks));
    }

    private static <T> T done(Future<T> future) throws Exception {
        return Answers.of(future);
    }

    private CaException failure(String... hooks) throws Exception {
        return failure(future(hooks));
    }

    private static CaException failure(Future<?> future) throws Exception {
        return (CaException) Answers.failureOf(future);
    }

    private Future<PreparedIssuance> future(String... hooks) throws Exception {
        return preparation(hooks).prepare(command(), Optional.empty(), request, Future::succeededFuture);
    }

    private SignPreparation preparation(String... hooks) throws Exception {
        return new SignPreparation(
                rules(hooks),
                IssuanceFixture.create().flow(grid),
                workers,
                (name, call, requestId, deadline) -> {
                    asked.add(name + " " + call.webhook().name() + " " + call.target() + " "
                            + call.body().replaceAll(".*\"(x509[A-Za-z]*)\".*", "$1") + " " + requestId);
                    boolean allow = !call.webhook().name().equals(refusing);
                    return held.map(now -> new WebhookAnswer(
                            allow,
                            call.webhook().name() + ".example",
                            Optional.of("no! (C)").filter(w -> !allow)));
                },
                new TokensInHand());
    }

    private StepIssuance rules(String... hooks) throws Exception {
        IssuanceFixture ca = IssuanceFixture.create();
        PublicKeys keys = new PublicKeys(new BouncyCastleProvider());
        Map<String, Object> provisioner = new HashMap<>(Map.of("type", "JWK", "name", "p"));
        provisioner.put("key", key.toPublicJWK().toJSONObject());
        provisioner.put(
                "options",
                Map.of(
                        "webhooks",
                        Json.parse("[" + String.join(",", hooks) + "]"),
                        "x509",
                        Map.of(
                                "template",
                                "{\"subject\":{{ toJson .Subject }},\"dnsNames\":[{{ with .Webhooks }}{{ toJson .e1 }}{{ end }}]}",
                                "templateData",
                                Map.of("Webhooks", Map.of("e1", "nobody.example")))));
        return new StepIssuance(
                Provisioners.of(List.of(provisioner), Map.of(), keys),
                new Audiences(List.of("ca.example")),
                Issuers.only(ca.issuer(), NameConstraints.of(List.of(ca.issuer().certificate()))),
                Duration.ZERO,
                keys);
    }

    private SignCommand command() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        byte[] csr = new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=a.example"), pair.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                .getEncoded();
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("k").build(),
                new JWTClaimsSet.Builder()
                        .issuer("p")
                        .subject("a.example")
                        .audience("https://ca.example/1.0/sign")
                        .expirationTime(Date.from(IssuanceFixture.NOW.plusSeconds(60)))
                        .build());
        token.sign(new ECDSASigner(key));
        return new SignCommand(Der.of(csr), token.serialize(), Optional.empty(), Optional.empty());
    }

    @Test
    void enriching_ones_come_first_in_their_order_and_authorizing_ones_behind_the_template() throws Exception {
        PreparedIssuance prepared = prepared(
                hook("a1", "AUTHORIZING"), hook("e1", "ENRICHING"), hook("a2", "AUTHORIZING"), hook("e2", "ENRICHING"));
        assertThat(asked)
                .containsExactly(
                        "p e1 /1 x509CertificateRequest the-request",
                        "p e2 /1 x509CertificateRequest the-request",
                        "p a1 /2 x509Certificate the-request",
                        "p a2 /2 x509Certificate the-request");
        assertThat(prepared.certificate().names()).containsExactly("e1.example");
        assertThat(request.facts().provisioner()).contains("p");
    }

    @Test
    void the_first_one_that_refuses_is_the_last_one_asked() throws Exception {
        refusing = "e1";
        CaException refused = failure(hook("e1", "ENRICHING"), hook("e2", "ENRICHING"), hook("a1", "AUTHORIZING"));
        assertThat(refused.code()).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(refused.publicDetail()).isEqualTo("no! (C)");
        assertThat(asked).hasSize(1);
    }

    @Test
    void what_an_authorizing_one_refuses_is_not_prepared() throws Exception {
        refusing = "a1";
        CaException refused = failure(hook("e1", "ENRICHING"), hook("a1", "AUTHORIZING"), hook("a2", "AUTHORIZING"));
        assertThat(refused.code()).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(refused.publicDetail()).isEqualTo("error creating certificate");
        assertThat(asked).hasSize(2);
    }

    /** Rules that refuse everything, and tell where they were asked. */
    private static Issuance refusingEverything(List<String> threads) {
        return new Issuance() {
            @Override
            public VerifiedRequest verify(SignCommand command, Instant now) {
                threads.add(Thread.currentThread().getName());
                throw CaException.hidden(ErrorCode.TOKEN_INVALID, "garbage");
            }

            @Override
            public UnapprovedIssuance prepare(VerifiedRequest verified, Instant now, SerialNumber serial) {
                throw new AssertionError("nothing is verified");
            }
        };
    }

    private String threadFor(int csr, int token) throws Exception {
        List<String> threads = new CopyOnWriteArrayList<>();
        SignPreparation preparation = new SignPreparation(
                refusingEverything(threads),
                IssuanceFixture.create().flow(),
                workers,
                (name, call, requestId, deadline) -> Future.failedFuture("nobody is asked"),
                new TokensInHand());
        SignCommand command =
                new SignCommand(Der.of(new byte[csr]), "x".repeat(token), Optional.empty(), Optional.empty());
        Throwable refused = Answers.failureOf(Future.succeededFuture()
                .compose(now -> preparation.prepare(command, Optional.empty(), request, Future::succeededFuture)));
        assertThat(refused).isInstanceOf(CaException.class);
        return threads.get(0);
    }

    @Test
    void what_is_large_is_read_on_threads_of_its_own_whoever_sent_it() throws Exception {
        String here = Thread.currentThread().getName();
        assertThat(threadFor(1_536, 4_096)).isEqualTo(here);
        assertThat(threadFor(1_537, 0)).startsWith("chancery-large");
        assertThat(threadFor(0, 4_097)).startsWith("chancery-large");
    }

    @Test
    void nobody_is_asked_and_no_template_run_for_a_token_that_is_known_as_used() throws Exception {
        grid.answer = ReplayFilter.Answer.USED;
        assertThat(failure(hook("e1", "ENRICHING")).code()).isEqualTo(ErrorCode.TOKEN_USED);
        assertThat(failure().code()).isEqualTo(ErrorCode.TOKEN_USED);
        assertThat(asked).isEmpty();
    }

    /** Rules that take no time, and get no further than to a token. */
    private static Issuance verifyingAlone(VerifiedRequest verified) {
        return new Issuance() {
            @Override
            public VerifiedRequest verify(SignCommand command, Instant now) {
                return verified;
            }

            @Override
            public UnapprovedIssuance prepare(VerifiedRequest again, Instant now, SerialNumber serial) {
                throw new AssertionError("a certificate is prepared for a token that is known as used");
            }
        };
    }

    @Test
    void a_token_that_is_known_as_used_makes_no_certificate_on_the_way_that_takes_no_time_either() throws Exception {
        grid.answer = ReplayFilter.Answer.USED;
        SignCommand command = command();
        SignPreparation preparation = new SignPreparation(
                verifyingAlone(rules().verify(command, IssuanceFixture.NOW)),
                IssuanceFixture.create().flow(grid),
                workers,
                (name, call, requestId, deadline) -> Future.failedFuture("nobody is asked"),
                new TokensInHand());
        assertThat(failure(preparation.prepare(command, Optional.empty(), request, Future::succeededFuture))
                        .code())
                .isEqualTo(ErrorCode.TOKEN_USED);
        assertThat(grid.asked).hasSize(1);
    }

    @Test
    void a_token_makes_one_request_s_calls_at_a_time() throws Exception {
        SignPreparation preparation = preparation(hook("e1", "ENRICHING"));
        SignCommand command = command();
        Promise<Boolean> answer = Promise.promise();
        held = answer.future();
        Future<PreparedIssuance> first =
                preparation.prepare(command, Optional.empty(), request, Future::succeededFuture);
        Eventually.holds("the webhook is asked", () -> !asked.isEmpty());
        for (int i = 0; i < 3; i++) {
            assertThat(failure(preparation.prepare(command, Optional.of("key"), request, Future::succeededFuture))
                            .code())
                    .isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
        }
        assertThat(asked).hasSize(1);
        answer.complete(true);
        assertThat(done(first).grant().token()).isPresent();
        PreparedIssuance second =
                done(preparation.prepare(command, Optional.of("key"), request, Future::succeededFuture));
        assertThat(second.certificate().names()).containsExactly("e1.example");
        assertThat(asked).hasSize(2);
    }

    @Test
    void a_token_is_held_until_its_certificate_is_issued_or_will_not_be() throws Exception {
        SignPreparation preparation = preparation();
        SignCommand command = command();
        Promise<Boolean> issuing = Promise.promise();
        CompletableFuture<PreparedIssuance> begun = new CompletableFuture<>();
        Future<Boolean> first = preparation.prepare(command, Optional.empty(), request, prepared -> {
            begun.complete(prepared);
            return issuing.future();
        });
        assertThat(begun.get(10, TimeUnit.SECONDS)).isNotNull();
        assertThat(failure(preparation.prepare(command, Optional.empty(), request, Future::succeededFuture))
                        .code())
                .isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
        issuing.fail(CaException.hidden(ErrorCode.SIGNER_UNAVAILABLE, "nobody signs"));
        assertThat(failure(first).code()).isEqualTo(ErrorCode.SIGNER_UNAVAILABLE);
        PreparedIssuance next = done(preparation.prepare(command, Optional.empty(), request, Future::succeededFuture));
        assertThat(next.grant().token()).isPresent();
    }

    @Test
    void without_webhooks_nobody_is_asked() throws Exception {
        assertThat(prepared().certificate().names()).containsExactly("nobody.example");
        assertThat(asked).isEmpty();
    }
}
