package io.chancery.node.store;

import static io.chancery.node.store.LedgerContract.failure;
import static io.chancery.node.store.LedgerContract.get;
import static io.chancery.node.store.LedgerContract.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.config.ChanceryConfig.Replication;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.IssuanceLedger.Claim;
import io.chancery.node.issuance.IssuanceLedger.Reservation;
import io.chancery.testing.PostgresProcess;
import io.vertx.core.Future;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A store whose server is not what it was: put back from a copy, rewound, promoted, or an old primary that has a successor. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PostgresSuccessionIT extends PostgresFixture {
    @Test
    void a_dump_that_was_put_back_refuses_the_tokens_that_it_may_have_forgotten() throws Exception {
        Store store = store("a");
        reserve(store, fixture.claim("t"));
        store.close();
        dumpAndPutBack();
        Store after = store("a");
        assertThat(reserve(after, fixture.claim("never seen"))).isInstanceOf(Reservation.Used.class);
        assertThat(sql("SELECT number, reason, needs_issued_at FROM chancery.store_epoch ORDER BY number DESC LIMIT 1"))
                .isEqualTo("2|RESTORED|1");
        assertThat(Long.parseLong(sql("SELECT max(tokens_not_before) FROM chancery.store_epoch")))
                .isGreaterThan(Instant.now().getEpochSecond());
    }

    @Test
    void many_nodes_that_start_at_once_on_a_dump_that_was_put_back_begin_one_epoch() throws Exception {
        store("a").close();
        dumpAndPutBack();
        startAtOnce("a", "b", "c", "d");
        assertThat(sql("SELECT string_agg(reason, ',' ORDER BY number) FROM chancery.store_epoch"))
                .isEqualTo("NEW,RESTORED");
    }

    @Test
    void an_epoch_is_of_one_system_and_its_tables() throws Exception {
        store("a").close();
        assertThat(sql("SELECT birth_id FROM chancery.store_epoch"))
                .startsWith(sql("SELECT system_identifier::text || '/' || 'chancery.store_epoch'::regclass::oid"
                                + " FROM pg_control_system()")
                        + "/");
        PostgresIdentity one = new PostgresIdentity("7", 16_400, 1);
        assertThat(one.sameTables(new PostgresIdentity("7", 16_400, 2))).isTrue();
        assertThat(one.sameTables(new PostgresIdentity("8", 16_400, 1))).isFalse();
        assertThat(one.sameTables(new PostgresIdentity("7", 16_500, 1))).isFalse();
        assertThat(new PostgresIdentity("8", 16_400, 1).text()).isNotEqualTo(one.text());
        assertThat(PostgresIdentity.parse(one.text())).contains(one);
    }

    /** After a snapshot was put back, by which the server says of itself what it did before. */
    @Test
    void an_operators_new_epoch_refuses_older_tokens_at_nodes_that_run_and_what_was_reserved_is_revoked_by_command()
            throws Exception {
        Store store = store("a");
        Claim reserved = fixture.claim("reserved");
        assertThat(reserve(store, reserved)).isInstanceOf(Reservation.Owned.class);
        StorePlace place = StorePlace.postgres(source(server));
        assertThat(place.newEpoch(Instant.now())).isAfter(Instant.now());
        assertThat(reserve(store, fixture.claim("never seen"))).isInstanceOf(Reservation.Used.class);
        assertThat(place.revokeReserved(Instant.now())).isEqualTo(1);
        assertThat(sql("SELECT state FROM chancery.certificate")).isEqualTo("abandoned");
        assertThat(sql("SELECT serial FROM chancery.revocation"))
                .isEqualTo(reserved.issuance().certificate().serial().decimal());
        assertThat(place.revokeReserved(Instant.now())).isZero();
        store("b").close();
        assertThat(sql("SELECT string_agg(reason, ',' ORDER BY number) FROM chancery.store_epoch"))
                .as("it is of this server, so nobody begins another")
                .isEqualTo("NEW,RESTORED");
    }

    @Test
    void while_another_node_is_at_the_epoch_the_store_is_not_written_to() throws Exception {
        store("a").close();
        dumpAndPutBack();
        try (Connection other = new PostgresServer(source(server)).forWriting("another node")) {
            other.setAutoCommit(false);
            SqlSession holder = new SqlSession(other, PostgresTransactions.forTools());
            int unused = holder.update(
                    "SET idle_in_transaction_session_timeout = 30000"); // a slow machine is not to end it early
            PostgresSessions.lockEpoch(holder);
            Store store = store("b");
            assertThat(failure(store.probe(soon()))).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
            assertThat(sql("SELECT count(*) FROM chancery.store_epoch")).isEqualTo("1");
            other.rollback();
            assertThat(awaitProbe(store).epoch()).isEqualTo(2);
        }
    }

    @Test
    void a_dump_that_is_put_back_under_a_connection_that_lasts_refuses_the_tokens_that_it_has_forgotten()
            throws Exception {
        Store store = store("a");
        String dump = folder.resolve("dump").toString();
        server.dump(DATABASE, dump);
        assertThat(reserve(store, fixture.claim("t"))).isInstanceOf(Reservation.Owned.class);
        server.restoreOver(DATABASE, dump);
        assertThat(failure(store.ledger().reserve(fixture.claim("t"), soon()))).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThat(awaitProbe(store).epoch()).isEqualTo(2);
        assertThat(reserve(store, fixture.claim("t"))).isInstanceOf(Reservation.Used.class);
        assertThat(sql("SELECT reason FROM chancery.store_epoch ORDER BY number DESC LIMIT 1"))
                .isEqualTo("RESTORED");
    }

    @Test
    void a_standby_that_stands_alone_is_named_as_what_it_is() throws Exception {
        store("a").close();
        Store store = store("b", Replication.asynchronous, false, closed(server.standby("standby")));
        assertThatThrownBy(() -> get(store.probe(soon()))).hasMessageContaining("read-only standby");
    }

    @Test
    void after_the_promotion_of_a_standby_that_may_lack_writes_older_tokens_are_refused() throws Exception {
        PostgresProcess standby = closed(server.standby("standby"));
        Store store = store("a", Replication.asynchronous, false, server, standby);
        reserve(store, fixture.claim("before"));
        server.kill();
        assertThat(failure(store.probe(soon()))).as("by its old connection").isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThatThrownBy(() -> get(store.probe(soon()))).hasMessageContaining("none of the servers");
        Store other = store("b", Replication.asynchronous, false, standby, server);
        assertThatThrownBy(() -> get(other.probe(soon())))
                .as("whichever stands last")
                .hasMessageContaining("none of the servers");
        standby.promote();
        assertThat(awaitProbe(store)).isNotNull();
        assertThat(reserve(store, fixture.claim("old, unused"))).isInstanceOf(Reservation.Used.class);
        assertThat(standby.sql(DATABASE, "SELECT reason FROM chancery.store_epoch ORDER BY number DESC LIMIT 1"))
                .isEqualTo("RESTORED");
    }

    @Tag("long")
    @Test
    void after_the_promotion_of_a_synchronous_standby_unused_tokens_are_still_good_and_used_ones_still_used()
            throws Exception {
        PostgresProcess standby = synchronousStandby();
        Store store = store("a", Replication.synchronous, false, server, standby);
        reserve(store, fixture.claim("used"));
        Store.Probe seen = awaitProbe(store);
        PostgresProcess next = takeOver(standby);
        Store.Probe back = awaitProbe(store);
        assertThat(back.number()).isGreaterThan(seen.number());
        assertThat(reserve(store, fixture.claim("used"))).isInstanceOf(Reservation.Used.class);
        assertThat(reserve(store, fixture.claim("unused"))).isInstanceOf(Reservation.Owned.class);
        assertThat(next.sql(DATABASE, "SELECT reason FROM chancery.store_epoch ORDER BY number DESC LIMIT 1"))
                .isEqualTo("PROMOTED");
    }

    private PostgresProcess synchronousStandby() throws Exception {
        PostgresProcess standby = closed(server.standby("standby"));
        server.set("synchronous_standby_names", "standby");
        return standby;
    }

    /** A standby becomes the primary; answers its own one, as nothing counts before a standby has it. */
    private PostgresProcess takeOver(PostgresProcess standby) throws Exception {
        server.kill();
        standby.set("synchronous_standby_names", "*");
        standby.promote();
        return closed(standby.standby("next"));
    }

    @Tag("long")
    @Test
    void a_promotion_refuses_older_tokens_when_another_node_has_lately_declared_replication_asynchronous()
            throws Exception {
        PostgresProcess standby = synchronousStandby();
        Store store = store("a", Replication.synchronous, false, server, standby);
        does("INSERT INTO chancery.store_replication (node, declared) VALUES ('z', 'asynchronous')");
        does("INSERT INTO chancery.store_probe (node, process, number, at)"
                + " VALUES ('z', 'p', 1, extract(epoch FROM now())::bigint)");
        assertThat(awaitProbe(store)).isNotNull();
        PostgresProcess next = takeOver(standby);
        assertThat(awaitProbe(store)).isNotNull();
        assertThat(reserve(store, fixture.claim("unused"))).isInstanceOf(Reservation.Used.class);
        assertThat(next.sql(DATABASE, "SELECT reason FROM chancery.store_epoch ORDER BY number DESC LIMIT 1"))
                .isEqualTo("RESTORED");
    }

    @Tag("long")
    @Test
    void a_server_that_was_rewound_is_no_promotion_though_replication_was_declared_synchronous() throws Exception {
        PostgresProcess first = synchronousStandby();
        Store store = store("a", Replication.synchronous, false, server, first);
        Store.Probe early = awaitProbe(store);
        // It lags from here on, as a copy would that is put back: what is acknowledged later is not in it.
        PostgresProcess copy = closed(server.standby("copy"));
        copy.kill();
        reserve(store, fixture.claim("used later"));
        Store.Probe late = awaitProbe(store);
        assertThat(late.number()).isGreaterThan(early.number());
        server.kill();
        first.kill();
        copy.startAgain();
        copy.promote();
        store.close();
        Store other = store("b", Replication.synchronous, false, copy);
        copy.set("synchronous_standby_names", "next");
        assertThat(closed(copy.standby("next")).port()).isPositive();
        assertThat(awaitProbe(other)).isNotNull();
        assertThat(reserve(other, fixture.claim("used later"))).isInstanceOf(Reservation.Used.class);
        assertThat(copy.sql(DATABASE, "SELECT reason FROM chancery.store_epoch ORDER BY number DESC LIMIT 1"))
                .isEqualTo("RESTORED");
    }

    /** The number of the last write of this node that a server has; empty when it has none. */
    private static String lastWrite(PostgresProcess at, String node) throws Exception {
        return at.sql(DATABASE, "SELECT process, number FROM chancery.store_probe WHERE node = '" + node + "'");
    }

    @Tag("long")
    @Test
    void a_node_that_starts_takes_the_primary_though_the_standby_stands_first() throws Exception {
        PostgresProcess standby = closed(server.standby("standby"));
        Store store = store("a", Replication.asynchronous, false, standby, server);
        assertThat(get(store.probe(soon())).epoch()).isEqualTo(1);
        assertThat(reserve(store, fixture.claim("t"))).isInstanceOf(Reservation.Owned.class);
        assertThat(sql("SELECT count(*) FROM chancery.used_token")).isEqualTo("1");
    }

    @Tag("long")
    @Test
    void an_old_primary_that_comes_back_is_refused_and_its_successor_used_whichever_stands_first() throws Exception {
        PostgresProcess successor = closed(server.standby("standby"));
        Store store = store("a", Replication.asynchronous, false, server, successor);
        Store.Probe before = awaitProbe(store);
        server.kill();
        successor.promote();
        assertThat(awaitProbe(store).epoch()).isGreaterThan(before.epoch());
        server.startAgain(); // as nobody should: it takes writes, and stands first
        String oldPrimary = lastWrite(server, "a");

        String unused = successor.sql(
                DATABASE,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'chancery a'");
        Store.Probe after = awaitProbe(store);
        assertThat(lastWrite(successor, "a")).endsWith("|" + after.number());
        assertThat(lastWrite(server, "a")).isEqualTo(oldPrimary);

        Store started = store("b", Replication.asynchronous, false, server, successor);
        assertThat(awaitProbe(started).epoch()).isEqualTo(after.epoch());
        assertThat(lastWrite(server, "b")).isEmpty();
        assertThat(lastWrite(successor, "b")).isNotEmpty();

        successor.kill();
        for (Store each : List.of(store, started)) {
            // The first answer may still be of the connection that has ended.
            assertThat(failure(each.probe(soon()))).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
            long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            String reason = "";
            while (!reason.contains("an old primary") && System.nanoTime() < end) {
                reason = reason(each.probe(soon()));
            }
            assertThat(reason).contains("an old primary", "timeline is 1, and 2 has been seen");
        }
        assertThat(lastWrite(server, "a")).isEqualTo(oldPrimary);
        assertThat(lastWrite(server, "b")).isEmpty();
    }

    @Tag("long")
    @Test
    void a_node_whose_connection_to_an_old_primary_lasts_leaves_it_once_its_successor_takes_writes() throws Exception {
        PostgresProcess successor = closed(server.standby("standby"));
        Store store = store("a", Replication.asynchronous, false, server, successor);
        Store.Probe before = awaitProbe(store);
        successor.promote();
        long end = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        Store.Probe after = before;
        while (after.epoch() == before.epoch()) {
            assertThat(System.nanoTime()).isLessThan(end);
            after = awaitProbe(store);
        }
        String oldPrimary = lastWrite(server, "a");
        after = awaitProbe(store);
        assertThat(lastWrite(successor, "a")).endsWith("|" + after.number());
        assertThat(lastWrite(server, "a")).isEqualTo(oldPrimary);
    }

    @Tag("long")
    @Test
    void a_commit_that_waits_for_a_standby_that_is_gone_is_in_doubt_and_never_said_to_be_done() throws Exception {
        PostgresProcess standby = synchronousStandby();
        Store store = store("a", Replication.synchronous, false, server);
        assertThat(awaitProbe(store)).isNotNull();
        standby.kill();
        Claim claim = fixture.claim("t");
        assertThat(failure(store.ledger().reserve(claim, Deadline.in(Duration.ofSeconds(20)))))
                .isEqualTo(ErrorCode.STORE_UNAVAILABLE);
    }

    private static final String WAITING =
            " FROM pg_stat_activity WHERE application_name = 'chancery a' AND wait_event = 'SyncRep'";

    /** A reservation whose commit waits, at this moment, for a standby that is gone. */
    private Future<Reservation> waitingForStandby() throws Exception {
        PostgresProcess standby = synchronousStandby();
        Store store = store("a", Replication.synchronous, false, server);
        assertThat(awaitProbe(store)).isNotNull();
        standby.kill();
        Future<Reservation> waiting = store.ledger().reserve(fixture.claim("t"), Deadline.in(Duration.ofSeconds(20)));
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (sql("SELECT count(*)" + WAITING).equals("0")) {
            assertThat(System.nanoTime() - end).isNegative();
        }
        return waiting;
    }

    @Tag("long")
    @Test
    void a_commit_that_is_cancelled_while_it_waits_for_a_standby_is_in_doubt() throws Exception {
        Future<Reservation> waiting = waitingForStandby();
        assertThat(sql("SELECT pg_cancel_backend(pid)" + WAITING)).isEqualTo("t");
        assertThat(failure(waiting)).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
    }

    @Tag("long")
    @Test
    void a_commit_that_is_let_go_as_no_standby_is_named_any_more_is_in_doubt() throws Exception {
        Future<Reservation> waiting = waitingForStandby();
        server.reset("synchronous_standby_names");
        assertThat(failure(waiting)).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
    }

    @Test
    void a_server_that_has_not_what_it_said_is_durable_begins_a_new_epoch_whatever_it_says_of_itself()
            throws Exception {
        Store store = store("a");
        assertThat(awaitProbe(store)).isNotNull();
        // As after a snapshot of the disk that was put back under a running node.
        does("DELETE FROM chancery.store_probe");
        does("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'chancery a'");
        assertThat(awaitProbe(store)).isNotNull();
        assertThat(sql("SELECT number, reason FROM chancery.store_epoch ORDER BY number DESC LIMIT 1"))
                .isEqualTo("2|RESTORED");
        does("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'chancery a'");
        assertThat(awaitProbe(store)).isNotNull();
        assertThat(sql("SELECT max(number) FROM chancery.store_epoch")).isEqualTo("2");
    }

    /** Why it fails; empty when it does not. */
    private static String reason(Future<?> future) throws Exception {
        try {
            Object unused = get(future);
            return "";
        } catch (CaException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
