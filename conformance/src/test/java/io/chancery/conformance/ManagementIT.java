package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.testing.Eventually;
import io.chancery.testing.FreePorts;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The management port, step's metrics port and the request log of a real process. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class ManagementIT {
    @TempDir
    private static Path folder;

    private static ChanceryProcess ca;
    private static ApiClient api;
    private static String management;
    private static String metrics;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @BeforeAll
    static void start() throws Exception {
        StepPki pki = StepPki.init(folder);
        int port = FreePorts.take();
        Map<String, Object> json = JSONObjectUtils.parse(StepPki.text(pki.caJson()));
        json.put("metricsAddress", "127.0.0.1:" + port);
        json.put("logger", Map.of("format", "text", "traceHeader", "Trace-Me"));
        Files.writeString(pki.caJson(), JSONObjectUtils.toJSONString(json), StandardCharsets.UTF_8);
        ca = pki.start();
        ca.awaitReady();
        api = ApiClient.of(pki);
        metrics = "http://127.0.0.1:" + port;
        management = ca.awaitManagement();
    }

    @AfterAll
    static void stop() throws Exception {
        ca.close();
    }

    private static HttpResponse<String> get(String url) throws Exception {
        return HTTP.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void a_certificate_shows_in_the_metrics_of_both_ports() throws Exception {
        assertThat(api.sign(api.csr("m.example"), api.token("m.example")).status())
                .isEqualTo(201);
        for (String port : new String[] {management, metrics}) {
            for (String line : List.of(
                    "chancery_requests_total\\{route=\"/sign\",status=\"201\"} [1-9]",
                    "chancery_certificates_issued_total [1-9]",
                    "chancery_signer_seconds_count\\{outcome=\"signed\"} [1-9]",
                    "chancery_store_commit_seconds_count [1-9]",
                    "chancery_server_certificate_end_seconds 1\\.\\d+E9",
                    "chancery_issuer_end_seconds [12]\\.\\d+E9",
                    "step_ca_x509_signed_total\\{provisioner=\"admin\",success=\"true\"} [1-9]",
                    "chancery_can_issue 1\\.0")) {
                // A request is counted after its answer, and in a slow moment a node may not issue.
                Pattern pattern = Pattern.compile(line);
                Eventually.holds(
                        line + " at " + port,
                        () -> pattern.matcher(get(port + "/metrics").body()).find());
            }
        }
        assertThat(ca.lines()).anyMatch(line -> line.contains("the port for metrics is open"));
    }

    @Test
    void the_metrics_port_has_nothing_else() throws Exception {
        for (String path : new String[] {"/", "/live", "/can-issue", "/health"}) {
            assertThat(get(metrics + path).statusCode()).as(path).isEqualTo(404);
        }
    }

    @Test
    void all_three_signals_are_good() throws Exception {
        for (String path : new String[] {"/live", "/can-read", "/can-issue"}) {
            // In a slow moment it may not be.
            Eventually.holds(path, () -> get(management + path).body().equals("{\"status\":\"ok\"}\n"));
        }
    }

    @Test
    void each_request_is_a_line_with_its_id_and_never_its_token_or_query() throws Exception {
        String token = api.token("logged.example");
        String csr = api.csr("logged.example");
        assertThat(api.sign(csr, token, Map.of("Trace-Me", "trace-7")).get().status())
                .isEqualTo(201);
        assertThat(api.get("/provisioners?cursor=marked-query").status()).isEqualTo(200);
        ca.awaitLine("request-id=trace-7");
        ca.awaitLine("path=/provisioners ");
        assertThat(ca.lines())
                .anyMatch(line -> line.contains("request-id=trace-7")
                        && line.contains("method=POST")
                        && line.contains("path=/sign")
                        && line.contains("status=201")
                        && line.contains("provisioner=admin")
                        && line.contains("serial="))
                .noneMatch(line -> line.contains("marked-query"))
                .noneMatch(line -> line.contains(token.substring(0, 40)))
                .noneMatch(line -> line.contains(csr.substring(40, 80)));
    }
}
