package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.conformance.ApiClient.Answer;
import io.chancery.testing.PostgresProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
    private final List<String> held = new ArrayList<>();

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
        StoreTruth.check(
                StoreRows.of(server, EqualNodes.DATABASE),
                List.of(pki.caJson().resolveSibling("signatures.log")),
                pki.intermediate(),
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
        held.add(der);
        return Certificates.ofHex(der).getSerialNumber().toString();
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
}
