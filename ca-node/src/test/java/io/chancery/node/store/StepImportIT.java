package io.chancery.node.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cluster.ca.ClusterCa;
import io.chancery.core.certificate.ForeignCertificate;
import io.chancery.core.config.ChanceryConfig.Replication;
import io.chancery.core.config.PostgresSource;
import io.chancery.core.pem.Pem;
import io.chancery.core.token.OneTimeToken;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.IssuanceLedger.Reservation;
import io.chancery.testing.Answers;
import io.chancery.testing.PostgresProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A step-ca's rows, sound ones and others, become ours as a whole or not at all. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class StepImportIT {
    private static final String DATABASE = "chancery";
    private static final String AT = "\"RevokedAt\":\"2026-11-26T02:11:22.263871533Z\",\"ExpiresAt\"";

    @TempDir
    private Path folder;

    private final List<String> leftOut = new ArrayList<>();
    private final long now = Instant.now().getEpochSecond();
    private PostgresProcess server;
    private byte[] certificate;
    private String serial;

    @BeforeEach
    void start() throws Exception {
        server = PostgresProcess.startInMemory();
        assertThat(server.createDatabase(DATABASE)).isEqualTo(DATABASE);
        for (String table : List.of("x509_certs", "x509_certs_data", "revoked_x509_certs", "used_ott")) {
            does("CREATE TABLE " + table + " (nkey BYTEA PRIMARY KEY, nvalue BYTEA)");
        }
        certificate = issue("a");
        serial = ForeignCertificate.parse(certificate).serial().decimal();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private static byte[] issue(String name) throws Exception {
        String pem = ClusterCa.create("step", Instant.now(), new SecureRandom())
                .issue(name, "a.example")
                .certificatePem();
        return Pem.blocks(pem).get(0).der().bytes();
    }

    private void does(String statement) throws Exception {
        assertThat(server.sql(DATABASE, statement)).isNotNull();
    }

    private String sql(String query) throws Exception {
        return server.sql(DATABASE, query);
    }

    private void row(String table, String key, byte[] value) throws Exception {
        does("INSERT INTO " + table + " VALUES (convert_to('" + key + "', 'UTF8'), '\\x"
                + HexFormat.of().formatHex(value) + "')");
    }

    private void row(String table, String key, String value) throws Exception {
        row(table, key, value.getBytes(StandardCharsets.UTF_8));
    }

    private static String token(String payload) {
        return base64("{\"alg\":\"ES256\",\"kid\":\"k\"}") + "." + base64(payload) + "." + base64("x".repeat(64));
    }

    /** Issued five minutes before its end. */
    private static String token(String id, long end) {
        return token("{\"iss\":\"admin\",\"jti\":\"" + id + "\",\"iat\":" + (end - 300) + ",\"exp\":" + end + "}");
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private void soundRows() throws Exception {
        row("x509_certs", serial, certificate);
        row("x509_certs_data", serial, "{\"provisioner\":{\"id\":\"admin:k\",\"name\":\"admin\",\"type\":\"JWK\"}}");
        row(
                "revoked_x509_certs",
                serial,
                "{\"ReasonCode\":1,\"Reason\":\"stolen\"," + AT + ":\"2026-11-27T00:00:00Z\"}");
        row("used_ott", "id-1", token("id-1", now + 300));
    }

    private PostgresSource source() {
        return PostgresSource.parse(server.dataSource(DATABASE), Optional.empty());
    }

    private StepImport.Report run() throws Exception {
        return StepImport.run(source(), source(), leftOut::add);
    }

    /** As {@code table.column} of the only row. */
    private String column(String table, String column) throws Exception {
        return sql("SELECT " + column + " FROM chancery." + table);
    }

    @Test
    void a_certificate_is_issued_and_revoked_and_found_by_its_names_and_provisioner() throws Exception {
        soundRows();
        StepImport.Report report = run();
        assertThat(report.certificates()).isEqualTo(1);
        assertThat(report.revocations()).isEqualTo(1);
        assertThat(report.tokens()).isEqualTo(1);
        assertThat(leftOut).isEmpty();
        CertificateSearch.Found found = CertificateSearch.in(StorePlace.postgres(source()))
                .show(ForeignCertificate.parse(certificate).serial())
                .orElseThrow();
        assertThat(found.state()).isEqualTo(CertificateState.issued);
        assertThat(found.provisioner()).isEqualTo("admin");
        assertThat(found.names()).containsExactly("a", "a.example");
        assertThat(found.certificate().orElseThrow().bytes()).isEqualTo(certificate);
        assertThat(found.history().revokedAt()).contains(Instant.parse("2026-11-26T02:11:22Z"));
        assertThat(column("revocation", "reason_code || ' ' || reason || ' ' || listed"))
                .isEqualTo("1 stolen 1");
        assertThat(found.history().events())
                .extracting(event -> event.name() + ": " + event.detail())
                .containsExactly("imported: from a step-ca", "revoked: at a step-ca, reason 1 stolen");
        assertThat(sql("SELECT name FROM chancery.certificate_name ORDER BY name"))
                .isEqualTo("a\na.example");
    }

    @Test
    void a_token_that_was_used_there_is_used_here_also_long_after_the_epoch_began() throws Exception {
        soundRows();
        // A token that names no id: step-ca hashed it whole, we hash what was signed.
        String nameless = token("{\"iss\":\"admin\",\"iat\":1795659081}");
        row("used_ott", "deadbeef", nameless);
        assertThat(run().tokensNotBefore()).isPresent();
        String ours =
                HexFormat.of().formatHex(OneTimeToken.parse(nameless).useKey().value());
        assertThat(sql("SELECT count(*) FROM chancery.used_token WHERE token_key = '\\x" + ours + "'"))
                .isEqualTo("1");
        UnaryOperator<Instant> later = now -> now.plus(Duration.ofMinutes(5));
        try (Store store = PostgresStore.open(
                source(), Replication.asynchronous, later, folder, new StoreSettings("a", 100, false, "p"))) {
            LedgerFixture fixture = LedgerFixture.create(Instant.now().plus(Duration.ofMinutes(4)));
            assertThat(reserve(store, fixture, "id-1")).isInstanceOf(Reservation.Used.class);
            assertThat(reserve(store, fixture, "deadbeef")).isInstanceOf(Reservation.Used.class);
            assertThat(reserve(store, fixture, "id-2")).isInstanceOf(Reservation.Owned.class);
        }
        assertThat(
                        sql(
                                "SELECT issued_at, expires_at, provisioner FROM chancery.used_token WHERE token_key = sha256('id-1')"))
                .isEqualTo(now + "|" + (now + 300) + "|admin");
    }

    /** Each node that fills a grid reads all that have not expired, and a step-ca keeps every one for ever. */
    @Test
    void tokens_that_expired_so_long_ago_that_we_would_have_forgotten_them_are_passed_over_and_refused_all_the_same()
            throws Exception {
        String old = token("old", now - 2 * 3_600);
        row("used_ott", "old", old);
        row("used_ott", "just-remembered", token("just-remembered", now - 1_800));
        row("used_ott", "endless", token("{\"iss\":\"admin\",\"jti\":\"endless\",\"iat\":1}"));
        StepImport.Report report = run();
        assertThat(report.tokens()).isEqualTo(2);
        assertThat(report.expired()).isEqualTo(1);
        assertThat(report.leftOut()).isZero();
        assertThat(sql("SELECT count(*) FROM chancery.used_token WHERE token_key = sha256('old')"))
                .isEqualTo("0");
        assertThat(sql("SELECT count(*) FROM chancery.used_token WHERE token_key = sha256('just-remembered')"))
                .isEqualTo("1");
        assertThat(sql("SELECT count(*) FROM chancery.used_token WHERE token_key = sha256('endless')"))
                .isEqualTo("1");
        // Also by a clock that goes back behind its end.
        assertThat(column("store_epoch", "forgotten_until >= " + (now - 2 * 3_600)))
                .isEqualTo("t");
    }

    @Test
    void the_new_epoch_counts_from_the_end_of_the_import_and_not_from_its_first_row() throws Exception {
        soundRows();
        StorePlace.postgres(source()).migrate(); // so that what it takes is the reading
        slowTokens(5);
        Instant asked = Instant.now(); // the server's clock is this machine's
        Instant begins = run().tokensNotBefore().orElseThrow();
        // A minute more for the leeway, and the second that it is cut to.
        assertThat(begins).isAfterOrEqualTo(asked.plus(Duration.ofMinutes(1)).plusSeconds(4));
    }

    /** The sort of all certificates of a large step-ca takes longer than an answer to people who search may take. */
    @Tag("long")
    @Test
    void a_first_row_that_takes_longer_than_a_minute_is_waited_for() throws Exception {
        soundRows();
        slowTokens(PostgresServer.READ_SECONDS + 5);
        assertThat(run().tokens()).isEqualTo(1);
    }

    /** Step's tokens come so many seconds after they are asked for. */
    private void slowTokens(int seconds) throws Exception {
        does("ALTER TABLE used_ott RENAME TO kept_ott");
        does("CREATE VIEW used_ott AS SELECT nkey, nvalue FROM (SELECT pg_sleep(" + seconds + ")) AS slept, kept_ott");
    }

    private static Reservation reserve(Store store, LedgerFixture fixture, String token) throws Exception {
        return Answers.of(store.ledger().reserve(fixture.claim(token), Deadline.in(Duration.ofSeconds(10))));
    }

    @Test
    void a_second_run_adds_nothing_twice_and_what_is_new_with_an_epoch_of_its_own() throws Exception {
        soundRows();
        assertThat(run().tokensNotBefore()).isPresent();
        StepImport.Report again = run();
        assertThat(again).isEqualTo(new StepImport.Report(0, 0, 0, 0, 3, 0, Optional.empty()));
        assertThat(column("store_epoch", "number || ' ' || reason || ' ' || needs_issued_at"))
                .isEqualTo("1 STARTED_EMPTY 1");
        row("used_ott", "id-2", "no token at all");
        assertThat(run().tokens()).isEqualTo(1);
        assertThat(column("store_epoch", "count(*)")).isEqualTo("2");
        assertThat(column("certificate", "count(*)")).isEqualTo("1");
    }

    @Test
    void rows_that_say_nothing_are_named_and_left_out_and_the_others_taken() throws Exception {
        soundRows();
        row("x509_certs", "77", certificate);
        row("x509_certs", "78", "no certificate");
        row("x509_certs", "serial", certificate);
        row("revoked_x509_certs", "79", "{\"Reason\":\"when?\"}");
        row("revoked_x509_certs", "80", "[]");
        StepImport.Report report = run();
        assertThat(report.certificates()).isEqualTo(1);
        assertThat(report.revocations()).isEqualTo(1);
        assertThat(report.leftOut()).isEqualTo(5);
        assertThat(leftOut).hasSize(5).allMatch(line -> line.matches("(x509_certs|revoked_x509_certs) \\w+: .*"));
    }

    @Test
    void a_revocation_without_its_certificate_is_kept_by_its_serial() throws Exception {
        row("revoked_x509_certs", "4711", "{\"ReasonCode\":0," + AT + ":\"0001-01-01T00:00:00Z\"}");
        assertThat(run().revocations()).isEqualTo(1);
        assertThat(column(
                        "certificate", "serial || ' ' || state || ' ' || (revoked_at IS NOT NULL) || ' ' || not_after"))
                .isEqualTo("4711 abandoned true 253402300799");
        assertThat(column("revocation", "serial || ' ' || reason_code || ' ' || listed || ' ' || (ends_at IS NULL)"))
                .isEqualTo("4711 0 1 true");
    }

    @Test
    void a_revocation_that_does_not_say_when_its_certificate_ends_has_the_end_of_that_certificate() throws Exception {
        row("x509_certs", serial, certificate);
        row("revoked_x509_certs", serial, "{\"ReasonCode\":0," + AT + ":\"0001-01-01T00:00:00Z\"}");
        assertThat(run().revocations()).isEqualTo(1);
        assertThat(column("revocation", "serial || ' ' || ends_at"))
                .isEqualTo(serial + " "
                        + ForeignCertificate.parse(certificate).notAfter().getEpochSecond());
    }

    @Test
    void no_list_of_a_ca_that_runs_meanwhile_counts_as_having_seen_what_was_revoked_at_a_step_ca() throws Exception {
        soundRows();
        StorePlace.postgres(source()).migrate();
        // One that is in force, by a place that another node's revocation had in the midst of the import; one that is
        // being made.
        does("INSERT INTO chancery.crl (issuer, last_number, builder, builder_until, covered, published)"
                + " VALUES ('published', 1, 'n1 p1', 0, 99, 1), ('begun', 1, 'n1 p1', 99999999999, 0, NULL)");
        assertThat(run().revocations()).isEqualTo(1);
        assertThat(sql("SELECT DISTINCT covered, builder, builder_until FROM chancery.crl"))
                .isEqualTo("0||0");
        does("UPDATE chancery.crl SET covered = 99");
        assertThat(run().revocations()).isZero();
        assertThat(sql("SELECT DISTINCT covered FROM chancery.crl")).isEqualTo("99");
    }

    @Test
    void text_that_a_database_cannot_hold_harms_nobody() throws Exception {
        row("x509_certs", serial, certificate);
        row("x509_certs_data", serial, "{\"provisioner\":{\"name\":\"a\\u0000b\\nc\"}}");
        assertThat(run().certificates()).isEqualTo(1);
        assertThat(column("certificate", "provisioner")).isEqualTo("a b c");
    }

    @Test
    void when_one_row_cannot_be_written_none_is_and_a_start_is_still_refused() throws Exception {
        soundRows();
        StorePlace.postgres(source()).migrate();
        does("ALTER TABLE chancery.used_token ADD CHECK (provisioner <> 'admin')");
        assertThatThrownBy(this::run).isInstanceOf(StoreException.class).hasMessageContaining("nothing was taken over");
        assertThat(column("certificate", "count(*)")).isEqualTo("0");
        assertThat(column("store_epoch", "count(*)")).isEqualTo("0");
        assertThatThrownBy(() -> PostgresStore.open(
                        source(), Replication.asynchronous, folder, new StoreSettings("a", 10, false, "p")))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("import-step");
    }

    @Test
    void a_database_without_a_step_ca_is_said_to_be_that() throws Exception {
        assertThat(server.createDatabase("other")).isEqualTo("other");
        PostgresSource other = PostgresSource.parse(server.dataSource("other"), Optional.empty());
        assertThatThrownBy(() -> StepImport.run(source(), other, leftOut::add))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("no step-ca");
        // Into another database than it stands in.
        soundRows();
        assertThat(StepImport.run(other, source(), leftOut::add).certificates()).isEqualTo(1);
        assertThat(server.sql("other", "SELECT count(*) FROM chancery.certificate"))
                .isEqualTo("1");
    }
}
