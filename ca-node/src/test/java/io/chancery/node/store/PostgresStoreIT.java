package io.chancery.node.store;

import static io.chancery.node.store.LedgerContract.failure;
import static io.chancery.node.store.LedgerContract.get;
import static io.chancery.node.store.LedgerContract.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.config.ChanceryConfig.Replication;
import io.chancery.core.config.PostgresSource;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.ErrorCode;
import io.chancery.node.issuance.IssuanceLedger.Reservation;
import io.chancery.testing.Eventually;
import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What PostgreSQL alone can do to a store: two nodes at once, a server that goes and comes. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PostgresStoreIT extends PostgresFixture {
    @Test
    void a_token_used_at_one_node_is_used_at_every_other() throws Exception {
        Store a = store("a");
        Store b = store("b");
        assertThat(reserve(a, fixture.claim("t"))).isInstanceOf(Reservation.Owned.class);
        assertThat(reserve(b, fixture.claim("t"))).isInstanceOf(Reservation.Used.class);
    }

    @Test
    void of_the_same_tokens_in_one_batch_of_each_of_two_nodes_in_opposite_order_each_has_one_owner() throws Exception {
        Store a = store("a");
        Store b = store("b");
        RevocationContract.Batches ofA = new RevocationContract.Batches();
        RevocationContract.Batches ofB = new RevocationContract.Batches();
        a.observe(ofA);
        b.observe(ofB);
        for (int round = 0; round < 20; round++) {
            List<Future<Reservation>> answers = new ArrayList<>();
            Runnable releaseA = LedgerContract.holdWrites(a);
            Runnable releaseB = LedgerContract.holdWrites(b);
            for (int i = 0; i < 50; i++) {
                answers.add(a.ledger().reserve(fixture.claim("r" + round + "-" + i), soon()));
                answers.add(b.ledger().reserve(fixture.claim("r" + round + "-" + (49 - i)), soon()));
            }
            releaseA.run();
            releaseB.run();
            int owners = 0;
            for (Future<Reservation> answer : answers) {
                owners += get(answer) instanceof Reservation.Owned ? 1 : 0;
            }
            assertThat(owners).isEqualTo(50);
        }
        for (RevocationContract.Batches each : List.of(ofA, ofB)) {
            assertThat(each.sizes)
                    .as("one batch had all of a round")
                    .filteredOn(size -> size == 50)
                    .hasSize(20);
        }
        assertThat(sql("SELECT count(*), count(DISTINCT serial) FROM chancery.used_token"))
                .isEqualTo("1000|1000");
        assertThat(sql("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
                .isEqualTo("0");
    }

    @Tag("long")
    @Test
    void while_the_server_is_away_nothing_is_recorded_and_when_it_is_back_all_goes_on_by_itself() throws Exception {
        Store store = store("a");
        reserve(store, fixture.claim("before"));
        server.kill();
        assertThat(failure(store.ledger().reserve(fixture.claim("meanwhile"), soon())))
                .isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        server.startAgain();
        assertThat(awaitProbe(store)).isNotNull();
        assertThat(reserve(store, fixture.claim("meanwhile"))).isInstanceOf(Reservation.Owned.class);
        assertThat(reserve(store, fixture.claim("before"))).isInstanceOf(Reservation.Used.class);
        assertThat(sql("SELECT max(number) FROM chancery.store_epoch")).isEqualTo("1");
    }

    @Test
    void a_node_starts_while_the_server_is_away_and_uses_it_when_it_comes() throws Exception {
        server.kill();
        Store store = store("a");
        assertThat(failure(store.probe(soon()))).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        server.startAgain();
        assertThat(awaitProbe(store).clock()).isCloseTo(Instant.now(), within(Duration.ofMinutes(1)));
    }

    private static org.assertj.core.data.TemporalUnitOffset within(Duration time) {
        return new org.assertj.core.data.TemporalUnitWithinOffset(
                time.toMillis(), java.time.temporal.ChronoUnit.MILLIS);
    }

    @Test
    void a_read_only_database_is_named_and_left_alone_and_used_again_once_it_may_be_written() throws Exception {
        Store store = store("a");
        server.set("default_transaction_read_only", "on");
        String unused =
                sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'chancery a'");
        assertThat(failure(store.probe(soon()))).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThatThrownBy(() -> get(store.probe(soon()))).hasMessageContaining("read only");
        server.reset("default_transaction_read_only");
        assertThat(awaitProbe(store)).isNotNull();
    }

    @Tag("long")
    @Test
    void a_server_that_does_not_keep_what_it_acknowledges_is_not_used() throws Exception {
        server.set("fsync", "off");
        Store store = store("a");
        assertThatThrownBy(() -> get(store.probe(soon()))).hasMessageContaining("fsync");
        server.set("fsync", "on");
        assertThat(awaitProbe(store)).isNotNull();
    }

    @Test
    void a_peer_that_stands_still_in_its_transaction_holds_up_nobody_but_those_who_want_its_token() throws Exception {
        Store store = store("a");
        // What a node leaves behind that is stopped between Reserve's first statement and its commit.
        try (SqlSession peer = new SqlSession(
                new PostgresServer(source(server)).forWriting("chancery peer"), PostgresTransactions.forTools())) {
            peer.begin();
            int unused = peer.update(
                    "SET idle_in_transaction_session_timeout = 30000"); // a slow disk is not to end it early
            unused = peer.update(
                    "INSERT INTO used_token (token_key, serial, provisioner) VALUES (?, '1', '')",
                    LedgerFixture.key("held").value());
            List<Future<Reservation>> others = new ArrayList<>();
            Future<Reservation> held = store.ledger().reserve(fixture.claim("held"), soon());
            for (int i = 0; i < 20; i++) {
                others.add(store.ledger().reserve(fixture.claim("other" + i), soon()));
            }
            for (Future<Reservation> other : others) {
                assertThat(get(other)).isInstanceOf(Reservation.Owned.class);
            }
            assertThat(failure(held)).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
            unused = peer.update("RESET idle_in_transaction_session_timeout");
            // From here on it is as a node's: the server ends its transaction after 3 s.
            Reservation then = get(store.ledger()
                    .reserve(fixture.claim("held"), soon())
                    .recover(first -> store.ledger().reserve(fixture.claim("held"), soon()))
                    .recover(second -> store.ledger().reserve(fixture.claim("held"), soon()))
                    .recover(third -> store.ledger().reserve(fixture.claim("held"), soon()))
                    .recover(fourth -> store.ledger().reserve(fixture.claim("held"), soon())));
            assertThat(then).isInstanceOf(Reservation.Owned.class);
        }
    }

    @Test
    void a_batch_that_the_server_ends_as_the_victim_of_a_deadlock_is_made_again_and_each_request_is_answered()
            throws Exception {
        server.set("deadlock_timeout", "200ms"); // before the node gives the wait up by itself
        Store store = store("a");
        List<String> tokens = Stream.of("one", "other")
                .sorted(Comparator.comparing(LedgerFixture::key, Comparator.comparing(Sha256::hex)))
                .toList();
        CountDownLatch hasFirst = new CountDownLatch(1);
        CountDownLatch wanted = new CountDownLatch(1);
        try (SqlSession watching = session("watching");
                SqlSession peer = session("peer")) {
            peer.begin();
            int unused = peer.update("SET deadlock_timeout = '20s'"); // it is not the one that looks
            unused = peer.update("SET lock_timeout = '15s'");
            unused = peer.update("SET statement_timeout = '15s'");
            unused = peer.update("SET idle_in_transaction_session_timeout = '15s'");
            insert(peer, tokens.get(1));
            Runnable release = LedgerContract.holdWrites(store);
            Future<Boolean> first = store.writer()
                    .submit(
                            session -> {
                                insert(session, tokens.get(0));
                                hasFirst.countDown();
                                return await(wanted);
                            },
                            soon(),
                            LedgerFixture.key(tokens.get(0)));
            Future<Reservation> second = store.ledger().reserve(fixture.claim(tokens.get(1)), soon());
            release.run();
            assertThat(await(hasFirst)).isTrue();
            Thread waiting = new Thread(() -> insertUnheard(peer, tokens.get(0)), "peer");
            waiting.start();
            awaitLockOf(watching, "chancery peer", first); // it waits for the node
            wanted.countDown(); // and now the node for it
            waiting.join();
            peer.rollback();
            assertThat(get(first)).isTrue();
            assertThat(get(second)).isInstanceOf(Reservation.Owned.class);
        }
        assertThat(Files.readString(server.log())).contains("deadlock detected");
    }

    private static boolean await(CountDownLatch latch) throws SQLException {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new SQLException(e);
        }
    }

    private static void insertUnheard(SqlSession session, String token) {
        try {
            insert(session, token);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_row_that_a_repeat_has_just_taken_up_is_not_given_up() throws Exception {
        Store store = store("a");
        assertThat(reserve(store, fixture.repeatable("t", "k"))).isInstanceOf(Reservation.Owned.class);
        Future<Integer> givenUp = givesUpMeanwhile(store);
        // The node waits for a lock for a second: on a slow machine the commit may come later, and nothing is shown.
        for (int more = 4; more > 0 && fails(givenUp); more--) {
            givenUp = givesUpMeanwhile(store);
        }
        assertThat(get(givenUp)).isZero();
        assertThat(sql("SELECT state FROM chancery.certificate")).isEqualTo("reserved");
        does("UPDATE chancery.certificate SET reserved_at = 0, pending_until = 0");
        assertThat(get(store.jobs().abandon(soon()))).isEqualTo(1);
    }

    /** The job looks at a row that is long due, while a peer takes it up and then commits. */
    private Future<Integer> givesUpMeanwhile(Store store) throws Exception {
        does("UPDATE chancery.certificate SET reserved_at = 0, pending_until = 0");
        try (SqlSession watching = session("watching");
                SqlSession peer = session("peer")) {
            peer.begin();
            int unused = peer.update("SET idle_in_transaction_session_timeout = 30000");
            unused = peer.update("UPDATE certificate SET pending_until = 9000000000000");
            Future<Integer> givenUp = store.jobs().abandon(soon());
            awaitLockOf(watching, "chancery a", givenUp);
            peer.commit();
            return givenUp;
        }
    }

    private static boolean fails(Future<?> answer) throws Exception {
        return get(answer.transform(done -> Future.succeededFuture(done.failed())));
    }

    @Test
    void a_database_that_is_new_where_a_node_without_a_signer_has_worked_trusts_no_token_of_the_past()
            throws Exception {
        Path unused = Files.writeString(folder.resolve("server-certificate.pem"), "of a start before");
        Store store = store("a");
        assertThat(awaitProbe(store)).isNotNull();
        assertThat(sql("SELECT reason FROM chancery.store_epoch")).isEqualTo("STARTED_EMPTY");
    }

    private SqlSession session(String name) throws SQLException {
        return new SqlSession(
                new PostgresServer(source(server)).forWriting("chancery " + name), PostgresTransactions.forTools());
    }

    private static void insert(SqlSession session, String token) throws SQLException {
        int unused = session.update(
                "INSERT INTO used_token (token_key, serial, provisioner) VALUES (?, '1', '')",
                LedgerFixture.key(token).value());
    }

    /** Or until what is under way there fails: a wait that has ended so, between two looks, is seen no more. */
    private static void awaitLockOf(SqlSession session, String application, Future<?> underWay) throws Exception {
        Eventually.holds(application + " waits for a lock", () -> {
            if (underWay.failed()) {
                return true;
            }
            session.rollback(); // what the server is at is read once a transaction
            return session.first(
                            "SELECT 1 FROM pg_stat_activity WHERE application_name = ? AND wait_event_type = 'Lock'",
                            row -> row.getInt(1),
                            application)
                    .isPresent();
        });
    }

    @Test
    void where_replication_is_declared_synchronous_a_server_that_waits_for_nobody_is_not_written_to() throws Exception {
        Store store = store("a", Replication.synchronous, false, server);
        assertThatThrownBy(() -> get(store.probe(soon()))).hasMessageContaining("synchronous_standby_names");
        assertThat(sql("SELECT count(*) FROM chancery.store_epoch")).isEqualTo("0");
    }

    @Test
    void where_a_step_ca_has_worked_a_start_is_refused_until_told_and_then_refuses_older_tokens() throws Exception {
        does("CREATE TABLE used_ott (nkey bytea PRIMARY KEY, nvalue bytea)");
        assertThatThrownBy(() -> store("a"))
                .isInstanceOf(StoreException.class)
                .hasMessageContainingAll("step-ca", "--start-empty", "import-step");
        assertThat(sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'chancery'"))
                .isEqualTo("0");
        Store told = store("a", Replication.asynchronous, true, server);
        assertThat(reserve(told, fixture.claim("old"))).isInstanceOf(Reservation.Used.class);
        told.close();
        Store again = store("a");
        assertThat(awaitProbe(again)).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({"off, on", "local, on", "remote_write, on", "on, on", "remote_apply, remote_apply"})
    void a_commit_waits_for_the_disk_at_least_and_for_what_the_operator_wants_beyond(String wanted, String used)
            throws Exception {
        does("ALTER DATABASE " + DATABASE + " SET synchronous_commit = " + wanted);
        Store store = store("a");
        Optional<String> shown = get(store.writer()
                .submit(session -> session.first("SHOW synchronous_commit", row -> row.getString(1)), soon()));
        assertThat(shown).contains(used);
    }

    @ParameterizedTest
    @CsvSource({
        "postgresql://nobody@127.0.0.1:%d/chancery, nobody",
        "postgresql://postgres@127.0.0.1:%d/nowhere, nowhere"
    })
    void a_user_or_database_that_is_not_there_stops_the_start(String text, String named) {
        PostgresSource wrong = PostgresSource.parse(String.format(text, server.port()), Optional.empty());
        assertThatThrownBy(() -> PostgresStore.open(
                        wrong, Replication.asynchronous, folder, new StoreSettings("a", 10, false, "p")))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(named);
    }

    @Test
    void tables_of_a_newer_version_are_used_as_long_as_they_say_that_this_one_may() throws Exception {
        store("a").close();
        does(
                "INSERT INTO chancery.flyway_schema_history (installed_rank, version, description, type,"
                        + " script, installed_by, execution_time, success) VALUES (99, '99', 'x', 'SQL', 'V99__x.sql', '', 1, true)");
        Store beside = store("a");
        assertThat(awaitProbe(beside)).isNotNull();
        StorePlace.postgres(source(server)).migrate();
        beside.close();
        does("UPDATE chancery.store_schema SET usable_from = 99");
        assertThatThrownBy(() -> store("a")).isInstanceOf(StoreException.class).hasMessageContaining("newer");
    }

    @Test
    void the_tables_and_what_says_their_version_come_by_one_transaction() throws Exception {
        store("a");
        assertThat(
                        sql(
                                "SELECT count(DISTINCT made) FROM (SELECT xmin::text AS made FROM chancery.store_schema"
                                        + " UNION ALL SELECT xmin::text FROM chancery.flyway_schema_history WHERE version IS NOT NULL"
                                        + " UNION ALL SELECT xmin::text FROM pg_class WHERE oid = 'chancery.issuer'::regclass) AS all_of_them"))
                .isEqualTo("1");
    }

    @Test
    void of_several_nodes_one_does_the_jobs_and_another_takes_them_over_when_it_is_gone() throws Exception {
        Store a = store("a");
        Store b = store("b");
        String token =
                "INSERT INTO chancery.used_token (token_key, serial, expires_at, provisioner) VALUES ('\\x%s', '1', 1, '')";
        does(String.format(token, "01"));
        assertThat(get(a.jobs().forgetTokens(soon()))).isEqualTo(1);
        does(String.format(token, "02"));
        assertThat(get(b.jobs().forgetTokens(soon()))).isZero();
        assertThat(get(b.probe(soon())).jobNode()).contains("a");
        does("UPDATE chancery.store_job SET until = 0");
        assertThat(get(b.jobs().forgetTokens(soon()))).isEqualTo(1);
        assertThat(get(a.jobs().forgetTokens(soon()))).isZero();
        assertThat(get(a.probe(soon())).jobNode()).contains("b");
    }

    @Test
    void nodes_without_a_cluster_share_a_database_as_others_do_and_none_takes_another_s_write_for_lost_memory()
            throws Exception {
        Store a = store("alone");
        Store b = store("alone");
        for (Store each : List.of(a, b)) {
            assertThat(awaitProbe(each)).isNotNull();
        }
        does("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'chancery alone'");
        for (Store each : List.of(a, b)) {
            assertThat(awaitProbe(each).epoch()).isEqualTo(1);
        }
        assertThat(sql("SELECT count(*) FROM chancery.store_replication")).isEqualTo("2");
        // One of the two does the jobs.
        String token =
                "INSERT INTO chancery.used_token (token_key, serial, expires_at, provisioner) VALUES ('\\x01', '1', 1, '')";
        assertThat(get(a.jobs().forgetTokens(soon()))).isZero();
        does(token);
        assertThat(get(b.jobs().forgetTokens(soon()))).isZero();
        assertThat(get(a.jobs().forgetTokens(soon()))).isEqualTo(1);
        assertThat(get(b.probe(soon())).jobNode()).contains("alone");
    }

    @Test
    void what_a_process_without_a_cluster_left_long_ago_is_forgotten_and_what_a_node_left_is_not() throws Exception {
        store("a").close();
        does(
                "INSERT INTO chancery.store_probe SELECT name, 'p', 1, extract(epoch FROM now() - age::interval)::bigint"
                        + " FROM (VALUES ('n1', '31 days'), ('alone p1', '31 days'), ('alone p2', '29 days')) AS former (name, age)");
        does("INSERT INTO chancery.store_replication SELECT node, 'asynchronous' FROM chancery.store_probe");
        store("alone").close();
        assertThat(sql("SELECT node FROM chancery.store_probe ORDER BY node")).isEqualTo("alone p2\nn1");
        assertThat(sql("SELECT node FROM chancery.store_replication ORDER BY node"))
                .isEqualTo("a\nalone p2\nalone process-2\nn1");
    }

    @Test
    void many_nodes_that_start_at_once_on_an_empty_database_begin_one_epoch() throws Exception {
        startAtOnce("a", "b", "c", "d");
        assertThat(sql("SELECT count(*), min(reason) FROM chancery.store_epoch"))
                .isEqualTo("1|NEW");
    }

    @Test
    void a_writer_and_its_server_each_let_go_of_the_other_within_five_seconds_and_of_a_lock_within_one()
            throws Exception {
        Map<String, String> limits = new HashMap<>();
        try (Connection writing = new PostgresServer(source(server)).forWriting("chancery a");
                Statement statement = writing.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT name, setting FROM pg_settings WHERE name LIKE 'tcp\\_%'"
                                + " OR name IN ('lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout')")) {
            assertThat(writing.getNetworkTimeout()).isEqualTo(5_000);
            while (rows.next()) {
                limits.put(rows.getString(1), rows.getString(2));
            }
        }
        assertThat(limits)
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "tcp_user_timeout", "5000",
                        "tcp_keepalives_idle", "2",
                        "tcp_keepalives_interval", "1",
                        "tcp_keepalives_count", "3",
                        "lock_timeout", "1000",
                        "statement_timeout", "4000",
                        "idle_in_transaction_session_timeout", "3000"));
    }
}
