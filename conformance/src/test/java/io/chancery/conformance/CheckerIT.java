package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.conformance.ApiClient.Answer;
import io.chancery.testing.PostgresProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The checker of the fault tests, tried on stores that are wrong: whatever the nodes must never do is done to the
 * database by hand, and the checker must find it and name it.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.Random.class)
@SuppressWarnings("NullAway.Init")
class CheckerIT {
    private PostgresProcess server;
    private StepPki pki;
    private ChanceryProcess node;
    private ApiClient api;
    private String csr;
    /** DER in hex, and the key of the token that bought it. */
    private final Map<String, String> held = new HashMap<>();

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        server = PostgresProcess.start();
        String unused = server.createDatabase(EqualNodes.DATABASE);
        pki = StepPki.init(folder);
        Map<String, Object> ca = new HashMap<>(JSONObjectUtils.parse(StepPki.text(pki.caJson())));
        ca.put("db", Map.of("type", "postgresql", "dataSource", server.dataSource(EqualNodes.DATABASE)));
        Files.writeString(pki.caJson(), JSONObjectUtils.toJSONString(ca));
        // Alone, so that no grid remembers what the store is made to forget.
        node = pki.start();
        String unusedUrl = node.awaitReady();
        api = ApiClient.of(pki);
        csr = api.csr("checked.example");
    }

    @AfterAll
    void stop() throws Exception {
        try (PostgresProcess stopped = server) {
            node.kill();
        }
    }

    private void check() throws Exception {
        // Not by a check that is counted in a report: what is found here was put there.
        find(pki.intermediate()).mustBeNone();
    }

    private StoreTruth.Findings find(Path issuer) throws Exception {
        return StoreTruth.find(
                StoreRows.of(server, EqualNodes.DATABASE),
                List.of(pki.caJson().resolveSibling("signatures.log")),
                issuer,
                held);
    }

    /** So that a finding is of what the test has done, and of nothing else. */
    @BeforeEach
    @AfterEach
    void nothing_is_wrong_without_it() throws Exception {
        check();
    }

    private String sql(String statement) throws Exception {
        return server.sql(EqualNodes.DATABASE, "SET search_path = chancery; " + statement);
    }

    /** Buys a certificate; answers its serial. */
    private String issued(String token) throws Exception {
        Answer answer = api.sign(csr, token);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        String der = Certificates.hex(answer.member("crt"));
        held.put(der, ApiClient.tokenKey(token));
        return serial(der);
    }

    private static String serial(String der) {
        try {
            return Certificates.ofHex(der).getSerialNumber().toString();
        } catch (CertificateException e) {
            throw new AssertionError(der, e);
        }
    }

    @Test
    void without_the_unique_row_of_a_token_it_finds_the_one_that_bought_two() throws Exception {
        String unused = sql("CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " DELETE FROM used_token WHERE token_key = NEW.token_key; RETURN NEW; END $$;"
                + " CREATE TRIGGER forgets BEFORE INSERT ON used_token FOR EACH ROW EXECUTE FUNCTION forget()");
        String token = api.token("checked.example");
        String first;
        String second;
        try {
            first = issued(token);
            second = issued(token);
        } finally {
            String unusedDrop = sql("DROP TRIGGER forgets ON used_token; DROP FUNCTION forget()");
        }
        String key = sql("SELECT encode(token_key, 'hex') FROM certificate WHERE serial = '" + first + "'");
        assertThatThrownBy(this::check)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("tokens that bought two")
                .hasMessageContaining(key.toUpperCase(Locale.ROOT));
        // As if another token had bought the second.
        String unusedEnd = sql("UPDATE certificate SET token_key = sha256(token_key) WHERE serial = '" + second + "'");
        held.keySet().removeIf(der -> serial(der).equals(second));
    }

    @Test
    void with_another_tokens_key_in_a_certificates_row_it_finds_which_token_bought_it() throws Exception {
        String token = api.token("checked.example");
        String serial = issued(token);
        String where = " WHERE serial = '" + serial + "'";
        String before = sql("SELECT encode(token_key, 'hex') FROM certificate" + where);
        assertThat(before).isEqualToIgnoringCase(ApiClient.tokenKey(token));
        String unused = sql("UPDATE certificate SET token_key = sha256(token_key)" + where);
        assertThatThrownBy(this::check)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("row " + serial + " has token ")
                .hasMessageContaining("bought by " + ApiClient.tokenKey(token));
        String unusedEnd = sql("UPDATE certificate SET token_key = decode('" + before + "', 'hex')" + where);
    }

    @Test
    void with_other_bytes_recorded_than_signed_it_finds_the_certificate() throws Exception {
        String serial = issued(api.token("checked.example"));
        String where = " WHERE serial = '" + serial + "'";
        String unused = sql("CREATE TABLE before AS SELECT tbs FROM certificate" + where
                + "; UPDATE certificate SET tbs = sha256(tbs)" + where);
        assertThatThrownBy(this::check)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("under " + serial + " other bytes")
                .hasMessageContaining("DER of " + serial + " is not of the recorded bytes");
        String unusedEnd = sql("UPDATE certificate SET tbs = (SELECT tbs FROM before)" + where + "; DROP TABLE before");
    }

    @Test
    void with_a_certificate_of_an_issuer_that_is_none_of_this_ca_it_finds_which() throws Exception {
        String serial = issued(api.token("checked.example"));
        assertThatThrownBy(() -> find(pki.root()).mustBeNone())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("certificate " + serial + " has no good signature");
    }

    @Test
    void with_a_certificates_row_deleted_it_finds_the_one_that_is_missing() throws Exception {
        String serial = issued(api.token("checked.example"));
        String where = " WHERE serial = '" + serial + "'";
        String unused =
                sql("CREATE TABLE aside AS SELECT * FROM certificate" + where + "; DELETE FROM certificate" + where);
        assertThatThrownBy(this::check).isInstanceOf(AssertionError.class).hasMessageContaining(serial);
        String unusedEnd = sql("INSERT INTO certificate OVERRIDING SYSTEM VALUE SELECT * FROM aside; DROP TABLE aside");
    }

    @Test
    void with_an_abandoned_row_overwritten_it_finds_which() throws Exception {
        String serial = issued(api.token("checked.example"));
        // What is left when the job gave the row up, and then its certificate was written over that.
        String unused = sql("INSERT INTO audit_event (at, event, certificate, serial, detail) SELECT reserved_at,"
                + " 'abandoned', number, serial, 'reserved too long' FROM certificate WHERE serial = '" + serial + "'");
        assertThatThrownBy(this::check)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("state of " + serial)
                .hasMessageContaining("abandoned");
        String unusedEnd = sql("DELETE FROM audit_event WHERE event = 'abandoned' AND serial = '" + serial + "'");
    }

    @Test
    void one_certificate_that_two_tokens_were_answered_with_is_found_once() {
        HeldCertificates two = new HeldCertificates();
        two.add("DER", "");
        two.add("DER", "first");
        two.add("DER", "");
        two.add("DER", "first");
        two.add("OTHER", "second");
        assertThat(two.wrong()).isEmpty();
        two.add("DER", "second");
        two.add("DER", "second");
        assertThat(two.wrong()).singleElement().asString().contains("first", "second", "DER");
        assertThat(two.byCertificate()).containsExactlyInAnyOrderEntriesOf(Map.of("DER", "first", "OTHER", "second"));
    }

    @Test
    void the_row_of_a_token_is_the_one_that_was_not_voided_in_whatever_order_they_are_read() {
        StoreRows.Row voided = new StoreRows.Row("r1", "token", "1", "voided", "", "", 0);
        StoreRows.Row abandoned = new StoreRows.Row("r2", "token", "2", "abandoned", "", "", 0);
        assertThat(ClusterLoad.states(List.of(voided, abandoned))).containsEntry("token", "abandoned");
        assertThat(ClusterLoad.states(List.of(abandoned, voided))).containsEntry("token", "abandoned");
        assertThat(ClusterLoad.states(List.of(voided))).containsEntry("token", "voided");
    }
}
