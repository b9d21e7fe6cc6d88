package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cli.ProcessEnd;
import io.chancery.cli.Surroundings;
import io.chancery.cluster.join.ClusterMember;
import io.chancery.core.oidc.OpenIdProviders;
import io.chancery.node.ApiNode;
import io.chancery.node.ApiNodeSettings;
import io.chancery.node.store.Store;
import io.chancery.testing.Answers;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node does with its store while nobody asks it for anything, not even a signer is there. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class ApiNodeJobsTest {
    private final Instant now = Instant.now();
    private static final long PATIENCE_SECONDS = 20;

    @TempDir
    private Path folder;

    private LoadedConfig config() throws Exception {
        IssuerPlace place = new IssuerPlace(folder);
        place.make("first");
        return place.load(
                "first", Map.of("management", Map.of("address", "127.0.0.1:0"), "store", Map.of("keepExpired", "24h")));
    }

    /** As the wiring of a process makes it, but with jobs that are always due. */
    private static ApiNodeSettings always(ApiNodeSettings usual) {
        return new ApiNodeSettings(
                usual.node(),
                usual.usable(),
                usual.ownSigners(),
                usual.store(),
                usual.signers(),
                usual.replay(),
                usual.members(),
                usual.openId(),
                usual.proxies(),
                Duration.ofMillis(20),
                usual.keepExpired(),
                usual.provider(),
                usual.dataFolder(),
                usual.clock(),
                usual.random(),
                usual.version());
    }

    private Connection database() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("db/chancery.db"));
    }

    private void write(String sql) throws SQLException {
        try (Connection connection = database();
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isEqualTo(1);
        }
    }

    private String first(String query) throws SQLException {
        try (Connection connection = database();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() ? row.getString(1) : "no row";
        }
    }

    private void awaitFirst(String query, String expected) throws SQLException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!first(query).equals(expected)) {
            assertThat(System.nanoTime() - end)
                    .as("%s: %s", query, first(query))
                    .isNegative();
        }
    }

    private long ago(Duration time) {
        return now.minus(time).getEpochSecond();
    }

    private void writeCertificate(String serial, String state, Duration endedBefore) throws SQLException {
        write(
                "INSERT INTO certificate (serial, state, subject, names, provisioner, not_before, not_after, pending_until,"
                        + " epoch, request_id, reserved_at, tbs) SELECT '" + serial + "', '" + state
                        + "', 'a.example', '',"
                        + " 'admin', 0, " + ago(endedBefore) + ", 0, number, 'request', " + ago(Duration.ofMinutes(10))
                        + ", X'02' FROM store_epoch");
    }

    @Test
    void by_itself_it_forgets_old_tokens_and_certificates_and_abandons_rows_that_nobody_finishes() throws Exception {
        LoadedConfig config = config();
        Surroundings surroundings =
                new Surroundings(System.out, System.err, () -> now, new SecureRandom(), new ProcessEnd());
        ClusterMember member = ClusterMember.alone(config.facts(Ca.Role.api, Optional.empty()));
        try (Store store = NodeParts.store(config.files(), false, surroundings)) {
            write("INSERT INTO used_token (token_key, serial, issued_at, expires_at, provisioner) VALUES (X'01', '5', "
                    + ago(Duration.ofHours(3)) + ", " + ago(Duration.ofHours(2)) + ", 'admin')");
            writeCertificate("4", "issued", Duration.ofHours(25));
            writeCertificate("5", "issued", Duration.ofHours(23));
            writeCertificate("6", "reserved", Duration.ZERO);
            ApiNodeSettings settings = always(NodeParts.api(config, member, store, Optional.empty(), surroundings));
            ApiNode node = Answers.of(
                    ApiNode.start(member.vertx(), settings, config.forApi(key -> true, OpenIdProviders.NONE)));
            Future<Integer> unused = node.ready();
            awaitFirst("SELECT serial FROM used_token", "no row");
            awaitFirst("SELECT state FROM certificate WHERE serial = '6'", "abandoned");
            awaitFirst("SELECT state FROM certificate WHERE serial = '4'", "no row");
            assertThat(first("SELECT state FROM certificate WHERE serial = '5'"))
                    .isEqualTo("issued");
            Answers.of(node.stop(Duration.ZERO));
        } finally {
            Answers.of(member.vertx().close());
        }
    }
}
