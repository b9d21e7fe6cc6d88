package io.chancery.node.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.certificate.LeafCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.certificate.SignedCertificate;
import io.chancery.core.chain.AbandonedIssuers;
import io.chancery.core.config.CaConfig;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.Issuance;
import io.chancery.core.issuance.SignCommand;
import io.chancery.core.issuance.UnapprovedIssuance;
import io.chancery.core.issuance.VerifiedRequest;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.profile.LeafValidity;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.renewal.StepRenewal;
import io.chancery.core.revocation.StepRevocation;
import io.chancery.core.token.Audiences;
import io.chancery.node.http.ApiPorts;
import io.chancery.node.http.HttpApi;
import io.chancery.node.http.RequestRules;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.IssuanceFixture;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.junit5.Checkpoint;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a client sends to have its certificate renewed is answered, whatever is wrong with it. */
@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class RenewHandlerTest {
    private static final PublicKeys KEYS = new PublicKeys(new BouncyCastleProvider());

    private static Authority authority(IssuanceFixture ca) {
        List<X509Certificate> chain = List.of(ca.issuer().certificate());
        Provisioners none = Provisioners.of(List.of(), Map.of(), KEYS);
        Audiences audiences = new Audiences(List.of("ca.example"));
        return new Authority(
                chain,
                List.of(),
                ca.issuers(),
                AbandonedIssuers.NONE,
                none,
                new NothingForTokens(),
                new StepRenewal(none, audiences, chain, ca.issuers(), Duration.ZERO, KEYS),
                new StepRevocation(none, audiences, KEYS),
                KEYS,
                new CaConfig.Tls(List.of(), 1.2, 1.3));
    }

    private static final class NothingForTokens implements Issuance {
        @Override
        public VerifiedRequest verify(SignCommand command, Instant now) {
            throw new AssertionError("nothing here is signed for a token");
        }

        @Override
        public UnapprovedIssuance prepare(VerifiedRequest verified, Instant now, SerialNumber serial) {
            throw new AssertionError("nothing here is signed for a token");
        }
    }

    /** With a certificate of this CA, and signed by its key. */
    private static String renewToken(IssuanceFixture ca) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        Der tbs = LeafCertificate.prepare(
                        ca.issuer(),
                        new SerialNumber(BigInteger.ONE.shiftLeft(100)),
                        "a.example",
                        List.of(SubjectAltName.guess("a.example")),
                        new LeafValidity(IssuanceFixture.NOW, IssuanceFixture.NOW.plusSeconds(600)),
                        SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()),
                        Optional.empty())
                .tbs();
        Der leaf =
                SignedCertificate.assemble(ca.issuer(), tbs, ca.sign(tbs), KEYS).orElseThrow();
        String header = "{\"alg\":\"ES256\",\"x5cInsecure\":[\"" + base64(leaf) + "\",\""
                + base64(ca.issuer().der()) + "\"]}";
        String input = base64Url(header) + "." + base64Url("{\"sub\":\"a.example\"}");
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initSign(pair.getPrivate());
        signature.update(input.getBytes(StandardCharsets.US_ASCII));
        return input + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
    }

    private static String base64(Der der) {
        return Base64.getEncoder().encodeToString(der.bytes());
    }

    private static String base64Url(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Future<Integer> statusOfRenewal(Vertx vertx, String idempotencyKey) throws Exception {
        IssuanceFixture ca = IssuanceFixture.create();
        RenewHandler handler = new RenewHandler(authority(ca), ca.flow(), new ShownChains(vertx));
        HttpApi api = new HttpApi(
                router -> router.post("/renew").handler(handler::renew),
                new RequestRules(Duration.ofSeconds(5), 10, Optional.empty(), Optional.empty()),
                List.of(),
                InstantSource.system(),
                Duration.ofSeconds(5));
        String token = renewToken(ca);
        HttpClient client = vertx.createHttpClient(); // held until the end: one that nobody holds may be closed
        return new ApiPorts(vertx, api)
                .open(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
                .compose(port -> client.request(HttpMethod.POST, port, "127.0.0.1", "/renew"))
                .compose(request -> request.putHeader("Authorization", "Bearer " + token)
                        .putHeader("Idempotency-Key", idempotencyKey)
                        .send())
                .map(HttpClientResponse::statusCode)
                .eventually(client::close);
    }

    @Test
    void a_renew_token_with_an_idempotency_key_that_is_too_long_is_answered(Vertx vertx, VertxTestContext test)
            throws Exception {
        statusOfRenewal(vertx, "k".repeat(257))
                .onComplete(test.succeeding(status -> test.verify(() -> {
                    assertThat(status).isEqualTo(400);
                    test.completeNow();
                })));
    }

    @Test
    void with_one_of_256_characters_the_token_is_judged(Vertx vertx, VertxTestContext test) throws Exception {
        statusOfRenewal(vertx, "k".repeat(256))
                .onComplete(test.succeeding(status -> test.verify(() -> {
                    assertThat(status).isEqualTo(401);
                    test.completeNow();
                })));
    }

    @Test
    void one_chain_more_than_may_wait_is_refused_at_once_and_one_that_waited_too_long_is_not_looked_at(
            Vertx vertx, VertxTestContext test) {
        ShownChains chains = new ShownChains(vertx);
        CountDownLatch held = new CountDownLatch(1);
        Deadline soon = Deadline.in(Duration.ofSeconds(20));
        List<Future<Boolean>> holding = new ArrayList<>();
        for (int i = 1; i < RequestWorkers.MOST; i++) {
            holding.add(chains.working(soon, () -> held.await(20, TimeUnit.SECONDS)));
        }
        Checkpoint notLookedAt = test.checkpoint();
        chains.working(Deadline.in(Duration.ZERO), () -> "looked at")
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(code(failure)).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
                    notLookedAt.flag();
                })));
        Checkpoint refusedAndThenTaken = test.checkpoint();
        chains.working(soon, () -> "looked at").onComplete(test.failing(failure -> {
            held.countDown();
            test.verify(() -> assertThat(code(failure)).isEqualTo(ErrorCode.OVERLOADED));
            Future.all(holding)
                    .compose(all -> chains.working(soon, () -> all.list()))
                    .onComplete(test.succeeding(ended -> test.verify(() -> {
                        assertThat(ended).containsOnly(true);
                        refusedAndThenTaken.flag();
                    })));
        }));
    }

    private static ErrorCode code(Throwable failure) {
        return ((CaException) failure).code();
    }
}
