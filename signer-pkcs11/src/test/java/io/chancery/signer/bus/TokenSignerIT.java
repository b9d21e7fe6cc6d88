package io.chancery.signer.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.bus.BusAddress;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.bus.SignCertificate;
import io.chancery.cluster.bus.SignReply;
import io.chancery.cluster.bus.SignerCodecs;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.config.ChanceryConfig.KeyRules;
import io.chancery.core.der.Sha256;
import io.chancery.signer.TestPki;
import io.chancery.signer.guard.TbsRecipe;
import io.chancery.signer.hsm.HsmKeyFactory.KeySpec;
import io.chancery.signer.key.LibraryFaults;
import io.chancery.signer.key.TokenFixture;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith({VertxExtension.class, SoftHsmExtension.class})
@DisplayNameGeneration(ReplaceUnderscores.class)
class TokenSignerIT {
    private static final int REQUESTS = 60;

    @Test
    void a_library_restarted_in_the_middle_of_many_requests_costs_none_of_them_a_wrong_answer(
            Vertx vertx, VertxTestContext test, SoftHsmToken token, @TempDir Path folder) throws Exception {
        IssuerCertificate issuer = TokenFixture.issuer(token, "ca", KeySpec.EC_P256);
        PublicKey leaf = TestPki.ec("secp256r1").getPublic();
        SignerSettings settings = new SignerSettings(
                issuer,
                NodeId.ALONE,
                true,
                new KeyRules(Optional.empty(), false, 0),
                4,
                REQUESTS,
                folder.resolve("signatures.log"),
                Duration.ofSeconds(5));
        List<SignCertificate> requests = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            TbsRecipe recipe = new TbsRecipe(issuer, leaf);
            recipe.serial = BigInteger.ONE.shiftLeft(90).add(BigInteger.valueOf(i));
            requests.add(new SignCertificate(
                    new SerialNumber(recipe.serial),
                    issuer.keyId(),
                    9_000,
                    recipe.der(),
                    issuer.hash(),
                    Sha256.digest(new byte[0]),
                    NodeId.ALONE));
        }
        SignerCodecs.register(vertx.eventBus());
        vertx.deployVerticle(new SignerVerticle(
                        settings, helps -> TokenFixture.open(token.uri("ca"), issuer), () -> Instant.EPOCH))
                .compose(id -> {
                    List<Future<SignReply>> replies = new ArrayList<>();
                    for (SignCertificate request : requests) {
                        replies.add(vertx.eventBus()
                                .<SignReply>request(
                                        BusAddress.signer(issuer.keyId(), NodeId.ALONE),
                                        request,
                                        new DeliveryOptions().setSendTimeout(9_000))
                                .map(reply -> reply.body()));
                    }
                    Future<Void> fault = vertx.executeBlocking(() -> {
                        LibraryFaults.of(token).restart();
                        return null;
                    });
                    return fault.compose(done -> Future.join(replies));
                })
                .onComplete(test.succeeding(all -> test.verify(() -> {
                    List<SignReply> replies = all.<SignReply>list();
                    int signed = 0;
                    for (int i = 0; i < REQUESTS; i++) {
                        if (replies.get(i) instanceof SignReply.Signed one) {
                            signed++;
                            assertThat(TestPki.verifies(issuer, requests.get(i).tbs(), one.signature()))
                                    .isTrue();
                        } else {
                            assertThat(((SignReply.Declined) replies.get(i)).reason())
                                    .isEqualTo(SignReply.Reason.HEALING);
                        }
                    }
                    assertThat(signed).isPositive();
                    assertThat(Files.readAllLines(folder.resolve("signatures.log")))
                            .hasSize(signed);
                    test.completeNow();
                })));
    }
}
