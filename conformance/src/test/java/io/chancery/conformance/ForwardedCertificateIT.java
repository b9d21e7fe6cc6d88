package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers by which a balancer that ends TLS would pass on a client's certificate: they grant nothing to anybody. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class ForwardedCertificateIT {
    private static final String NOT_BELIEVED = "the header Client-Cert is not believed";

    @TempDir
    private Path folder;

    private StepPki pki;
    private ChanceryProcess ca;
    private ApiClient api;

    @BeforeEach
    void start() throws Exception {
        pki = StepPki.init(folder);
        // This machine is even a trusted proxy; that is for addresses, and on another port.
        pki.configure(
                Map.of("listeners", Map.of("proxyAddress", "127.0.0.1:0"), "trustedProxies", List.of("127.0.0.1")));
        ca = pki.start();
        ca.awaitReady();
        api = ApiClient.of(pki);
    }

    @AfterEach
    void stop() throws Exception {
        ca.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/renew", "/1.0/renew", "/rekey", "/sign"})
    void a_certificate_of_this_ca_in_a_header_changes_no_answer(String path) throws Exception {
        String csr = api.csr("victim.example");
        ApiClient.Answer issued = api.sign(csr, api.token("victim.example"));
        assertThat(issued.status()).isEqualTo(201);
        String der = Base64.getEncoder()
                .encodeToString(ApiClient.certificate(issued.member("crt")).getEncoded());
        String body = "{\"csr\":\"" + csr.replace("\n", "\\n") + "\"}";

        ApiClient.Answer without = api.post(path, body, Map.of()).get();
        ApiClient.Answer with = api.post(
                        path,
                        body,
                        Map.of(
                                "Client-Cert",
                                ":" + der + ":", // RFC 9440 s. 2.2
                                "Client-Cert-Chain",
                                ":" + der + ":",
                                "X-Forwarded-Client-Cert",
                                der,
                                "X-SSL-Client-Cert",
                                der,
                                "X-SSL-Client-Verify",
                                "SUCCESS"))
                .get();
        assertThat(without.status()).isGreaterThanOrEqualTo(400);
        assertThat(with.status()).isEqualTo(without.status());
        assertThat(with.body()).isEqualTo(without.body()).doesNotContain("CERTIFICATE");
        if (!path.equals("/sign")) { // there, nobody shows a certificate
            ca.awaitLine(NOT_BELIEVED);
        }
    }

    @Test
    void a_holder_that_shows_its_certificate_renews_it_whatever_the_header_says_and_nobody_is_warned()
            throws Exception {
        ApiClient.Answer issued = api.sign(api.csr("holder.example"), api.token("holder.example"));
        ApiClient holder = api.showing(issued, pki.root());
        assertThat(holder.post("/renew", "", Map.of("Client-Cert", ":AAAA:"))
                        .get()
                        .status())
                .isEqualTo(201);
        ca.close();
        assertThat(ca.lines()).noneMatch(line -> line.contains(NOT_BELIEVED));
    }
}
