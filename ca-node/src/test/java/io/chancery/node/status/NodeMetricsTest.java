package io.chancery.node.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.replay.ReplayFilter;
import io.chancery.cluster.replay.UsedToken;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.webhook.Webhook;
import io.chancery.node.http.AnsweredRequest;
import io.chancery.node.http.RequestContext;
import io.chancery.node.http.RequestFacts;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.RecordingReplayFilter;
import io.chancery.node.issuance.SigningClient;
import io.chancery.node.issuance.SigningClient.Outcome;
import io.vertx.core.Future;
import java.lang.reflect.Field;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Each name is on the page, and what happens is counted under it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class NodeMetricsTest {
    private final ProcessMetrics process = new ProcessMetrics("1.2.3");
    private final NodeMetrics metrics = new NodeMetrics(process);

    private static AnsweredRequest request(String route, int status, ErrorCode... error) {
        RequestFacts facts = new RequestFacts();
        facts.route(route);
        for (ErrorCode code : error) {
            facts.error(code);
        }
        return new AnsweredRequest(
                new RequestContext("id", Deadline.in(Duration.ofSeconds(1)), facts),
                new AnsweredRequest.Client("127.0.0.1", "HTTP/1.1", ""),
                "POST",
                "/sign",
                status,
                10,
                Instant.EPOCH,
                Duration.ofMillis(7));
    }

    @Test
    void the_page_and_the_names_are_the_same() throws Exception {
        List<String> names = new ArrayList<>();
        for (Field field : MetricNames.class.getDeclaredFields()) {
            names.add((String) field.get(null));
        }
        List<String> page = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("../docs/metrics.md"), StandardCharsets.UTF_8)) {
            if (line.matches("\\| `(chancery|step_ca)_.*")) {
                page.add(line.split("`")[1]);
            }
        }
        assertThat(page).containsExactlyInAnyOrderElementsOf(names);
    }

    @Test
    void a_request_counts_by_route_and_status_and_takes_its_time() {
        metrics.accept(request("/sign", 201));
        assertThat(process.scrape())
                .contains("chancery_requests_total{route=\"/sign\",status=\"201\"} 1.0")
                .contains("chancery_request_seconds_bucket{route=\"/sign\",le=\"0.005\"} 0")
                .contains("chancery_request_seconds_bucket{route=\"/sign\",le=\"0.02\"} 1")
                .contains("chancery_certificates_issued_total 1.0")
                .contains("chancery_admission_refused_total 0.0");
    }

    @Test
    void certificates_show_by_provisioner_under_the_names_that_step_ca_gives_them() {
        for (String route : new String[] {"/sign", "/renew", "/re-sign", "/rekey"}) {
            AnsweredRequest issued = request(route, 201);
            issued.context().facts().provisioner("admin");
            metrics.accept(issued);
        }
        AnsweredRequest refused = request("/sign", 403, ErrorCode.FORBIDDEN);
        refused.context().facts().provisioner("admin");
        metrics.accept(refused);
        metrics.accept(request("/sign", 401, ErrorCode.TOKEN_INVALID)); // of nobody knows whom
        assertThat(process.scrape())
                .contains("step_ca_x509_signed_total{provisioner=\"admin\",success=\"true\"} 1.0")
                .contains("step_ca_x509_signed_total{provisioner=\"admin\",success=\"false\"} 1.0")
                .contains("step_ca_x509_renewed_total{provisioner=\"admin\",success=\"true\"} 2.0")
                .contains("step_ca_x509_rekeyed_total{provisioner=\"admin\",success=\"true\"} 1.0")
                .containsPattern("(?m)^step_ca_uptime_seconds \\d");
    }

    @Test
    void each_metric_says_what_it_means() {
        metrics.accept(request("/sign", 401, ErrorCode.TOKEN_USED));
        String scraped = process.scrape();
        assertThat(scraped.lines().filter(line -> line.startsWith("# TYPE ")))
                .hasSizeGreaterThan(20)
                .allSatisfy(
                        line -> assertThat(scraped).containsPattern("(?m)^# HELP " + line.split(" ")[2] + " [^ \\n]"));
    }

    @Test
    void each_signer_of_this_process_shows_its_state_and_what_it_went_through_by_its_issuer() {
        AtomicReference<List<OwnSigner>> signers = new AtomicReference<>(List.of(
                new OwnSigner("old", "healing", "the token is away", 3, 2, 7, 1),
                new OwnSigner("new", "ready", "", 0, 0, 0, 0)));
        process.signers(signers::get);
        assertThat(process.scrape())
                .contains("chancery_signer_state{issuer=\"old\",state=\"healing\"} 1.0")
                .contains("chancery_signer_state{issuer=\"old\",state=\"ready\"} 0.0")
                .contains("chancery_signer_state{issuer=\"new\",state=\"ready\"} 1.0")
                .contains("chancery_signer_key_losses_total{issuer=\"old\"} 3.0")
                .contains("chancery_signer_key_losses_total{issuer=\"new\"} 0.0")
                .contains("chancery_signer_key_recoveries_total{issuer=\"old\"} 2.0")
                .contains("chancery_signer_retried_requests_total{issuer=\"old\"} 7.0")
                .contains("chancery_signer_abandoned_calls{issuer=\"old\"} 1.0");
        signers.set(List.of(
                new OwnSigner("new", "hung", "two calls hang", 1, 0, 0, 2),
                new OwnSigner("next", "ready", "", 0, 0, 0, 0)));
        assertThat(process.scrape())
                .contains("chancery_signer_state{issuer=\"new\",state=\"hung\"} 1.0")
                .contains("chancery_signer_key_losses_total{issuer=\"new\"} 1.0")
                .contains("chancery_signer_abandoned_calls{issuer=\"new\"} 2.0")
                .contains("chancery_signer_state{issuer=\"next\",state=\"ready\"} 1.0")
                .doesNotContain("issuer=\"old\"");
    }

    @Test
    void a_process_can_sign_when_each_of_its_keys_can() {
        OwnSigner well = new OwnSigner("new", "ready", "", 0, 0, 0, 0);
        assertThat(OwnSigner.cannotSign(List.of(well))).isEmpty();
        assertThat(OwnSigner.cannotSign(List.of())).contains("no issuer's key is here");
        assertThat(OwnSigner.cannotSign(List.of(
                        well,
                        new OwnSigner("old", "pin_refused", "the token refused this PIN", 0, 0, 0, 0),
                        new OwnSigner("next", "opening", "", 0, 0, 0, 0))))
                .contains("the key of issuer old is pin_refused: the token refused this PIN;"
                        + " the key of issuer next is opening");
    }

    @Test
    void a_refusal_counts_by_its_code_and_one_at_the_door_apart() {
        metrics.accept(request("/sign", 401, ErrorCode.TOKEN_USED));
        metrics.accept(request(RequestFacts.NO_ROUTE, 503, ErrorCode.OVERLOADED));
        metrics.accept(request("/sign", 503, ErrorCode.OVERLOADED));
        assertThat(process.scrape())
                .contains("chancery_refusals_total{code=\"TOKEN_USED\"} 1.0")
                .contains("chancery_refusals_total{code=\"OVERLOADED\"} 2.0")
                .contains("chancery_admission_refused_total 1.0")
                .contains("chancery_certificates_issued_total 0.0");
    }

    @Test
    void a_call_of_a_webhook_is_timed_by_kind_and_outcome() {
        metrics.webhook(Webhook.Kind.ENRICHING, "allowed", Duration.ofMillis(7));
        assertThat(process.scrape())
                .contains("chancery_webhook_seconds_count{kind=\"enriching\",outcome=\"allowed\"} 1");
    }

    @Test
    void signers_and_commits_are_timed() {
        metrics.timing(new AwaySigners()).sign(null, null, null, Deadline.in(Duration.ofSeconds(1)));
        metrics.committed(3, Duration.ofMillis(2));
        assertThat(process.scrape())
                .contains("chancery_signer_seconds_count{outcome=\"not-signed\"} 1")
                .contains("chancery_store_batch_writes_bucket{le=\"2.0\"} 0")
                .contains("chancery_store_batch_writes_bucket{le=\"4.0\"} 1")
                .contains("chancery_store_commit_seconds_count 1");
    }

    @Test
    void what_the_grid_says_and_hears_is_counted() {
        RecordingReplayFilter grid = new RecordingReplayFilter(new ArrayList<>());
        ReplayFilter counted = metrics.counting(grid);
        Sha256 key = Sha256.digest();
        counted.ask(key, Optional.empty());
        grid.answer = ReplayFilter.Answer.USED;
        counted.ask(key, Optional.empty());
        counted.ask(key, Optional.empty());
        grid.answer = ReplayFilter.Answer.RECENT;
        counted.ask(key, Optional.empty());
        UsedToken token = new UsedToken(key, key, Duration.ofHours(1));
        counted.tell(token);
        grid.confirms = false;
        counted.tell(token);
        counted.fill(List.of(token, token));
        assertThat(process.scrape())
                .contains("chancery_grid_asked_total{answer=\"miss\"} 1")
                .contains("chancery_grid_asked_total{answer=\"used\"} 2")
                .contains("chancery_grid_asked_total{answer=\"recent\"} 1")
                .contains("chancery_grid_asked_total{answer=\"repeat\"} 0")
                .contains("chancery_grid_asked_total{answer=\"unusable\"} 0")
                .contains("chancery_grid_told_total{outcome=\"told\"} 1")
                .contains("chancery_grid_told_total{outcome=\"failed\"} 3");
    }

    @Test
    void the_build_and_the_jvm_are_there() {
        assertThat(process.scrape())
                .contains("chancery_build{")
                .contains("version=\"1.2.3\"")
                .contains("jvm_memory_used_bytes")
                .contains("jvm_threads_live_threads");
    }

    private static final class AwaySigners implements SigningClient {
        @Override
        public Future<Outcome> sign(IssuerCertificate issuer, SerialNumber serial, Der tbs, Deadline deadline) {
            return Future.succeededFuture(new Outcome.SurelyNotSigned("away"));
        }

        @Override
        public Future<Outcome> signList(IssuerCertificate issuer, BigInteger number, Der tbs, Deadline deadline) {
            return Future.succeededFuture(new Outcome.SurelyNotSigned("away"));
        }
    }
}
