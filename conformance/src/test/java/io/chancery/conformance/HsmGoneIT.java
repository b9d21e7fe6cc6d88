package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.conformance.ClientLoad.Sent;
import io.chancery.softhsm.Pkcs11Shim;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The token with the key is taken from under a working process, and put back. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class HsmGoneIT {
    private static final String NAME = "gone.example";
    private static final int REQUESTS = 3;
    private static final long DEVICE_ERROR = 0x30; // CKR_DEVICE_ERROR
    private static final int FRESH_FOR_HSM = 4;

    @TempDir
    private Path folder;

    @Test
    void
            without_its_token_it_answers_503_and_spends_no_token_and_with_it_each_buys_its_one_certificate_without_a_restart()
                    throws Exception {
        StepPki pki = TokenPki.init(folder);
        List<String> held = new ArrayList<>();
        List<Sent> refused = new ArrayList<>();
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitReady();
            ApiClient api = ApiClient.of(pki);
            String csr = api.csr(NAME);
            held.add(Certificates.hex(api.sign(csr, api.token(NAME)).member("crt")));
            Path elsewhere = pki.file("elsewhere");
            Files.move(TokenPki.tokens(pki), elsewhere);
            for (int i = 0; i < REQUESTS; i++) {
                Sent request = ClientLoad.send(api, csr, api.token(NAME));
                Answer answer = request.answer().get(20, TimeUnit.SECONDS);
                assertThat(answer.status()).as(answer.body()).isEqualTo(503);
                assertThat(answer.header("Retry-After")).isNotEmpty();
                refused.add(request);
            }
            assertThat(api.get("/roots").status()).as("what needs no key").isEqualTo(201);
            Files.move(elsewhere, TokenPki.tokens(pki));
            ca.awaitLine("signing key healed");
            for (Sent request : refused) {
                Answer answer = request.again(api, false);
                assertThat(answer.status()).as(answer.body()).isEqualTo(201);
                held.add(Certificates.hex(answer.member("crt")));
                assertThat(request.again(api, false).status()).isEqualTo(401);
            }
        }
        StoreTruth.check(StoreRows.of(pki.database()), List.of(pki.signatures()), pki.intermediate(), held);
    }

    @Test
    @Tag("long")
    void a_lone_node_that_alone_cannot_reach_its_HSM_ends_for_its_supervisor_and_the_next_one_issues()
            throws Exception {
        StepPki pki = TokenPki.init(folder);
        try (Pkcs11Shim shim = Pkcs11Shim.around(TokenPki.library())) {
            Files.writeString(
                    pki.caJson(),
                    StepPki.text(pki.caJson())
                            .replace(
                                    TokenPki.library().toString(),
                                    shim.modulePath().toString()));
            try (ChanceryProcess ca = pki.start()) {
                ca.awaitReady();
                shim.onlyIn(ca.pid());
                shim.failAll(DEVICE_ERROR);
                assertThat(ca.awaitEnd()).isEqualTo(FRESH_FOR_HSM);
            }
            try (ChanceryProcess next = pki.start()) {
                next.awaitReady();
                ApiClient api = ApiClient.of(pki);
                assertThat(api.sign(api.csr(NAME), api.token(NAME)).status()).isEqualTo(201);
            }
        }
    }
}
