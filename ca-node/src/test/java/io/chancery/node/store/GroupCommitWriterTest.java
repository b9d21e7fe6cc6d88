package io.chancery.node.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.node.issuance.Deadline;
import io.chancery.testing.Answers;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults of a commit: each write fails in two ways, not persisted and persisted. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
@org.junit.jupiter.api.Timeout(60)
class GroupCommitWriterTest {
    @TempDir
    private Path folder;

    private final AtomicInteger commits = new AtomicInteger();
    private volatile CommitFault fault = CommitFault.NONE;

    private enum CommitFault {
        NONE,
        NOT_PERSISTED,
        PERSISTED
    }

    @BeforeEach
    void table() throws SQLException {
        try (Connection connection = plain()) {
            connection.createStatement().executeUpdate("CREATE TABLE t (v TEXT)");
        }
    }

    private Connection plain() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("t.db"));
    }

    /** A session whose commit fails as the test says, once: checks are made before and after each. */
    private SqlSession faulty() throws SQLException {
        AtomicInteger checks = new AtomicInteger();
        return new SqlSession(
                plain(),
                new CheckedTransactions(
                        () -> {
                            boolean before = checks.getAndIncrement() % 2 == 0;
                            if (before) {
                                commits.incrementAndGet();
                            }
                            if (fault == (before ? CommitFault.NOT_PERSISTED : CommitFault.PERSISTED)) {
                                fault = CommitFault.NONE;
                                throw new SQLException("the connection was lost");
                            }
                        },
                        InstantSource.system()));
    }

    private GroupCommitWriter writer(int limit) {
        return new GroupCommitWriter(limit, this::faulty);
    }

    private static Future<Integer> insert(GroupCommitWriter writer, String value) {
        return writer.submit(
                session -> session.update("INSERT INTO t (v) VALUES (?)", value), Deadline.in(Duration.ofSeconds(20)));
    }

    private long rows() throws SQLException {
        try (Connection connection = plain();
                var result = connection.createStatement().executeQuery("SELECT count(*) FROM t")) {
            result.next();
            return result.getLong(1);
        }
    }

    private static ErrorCode failure(Future<?> future) throws Exception {
        return ((CaException) Answers.failureOf(future)).code();
    }

    private static <T> T get(Future<T> future) throws Exception {
        return Answers.of(future);
    }

    @Test
    void a_commit_that_failed_and_left_nothing_is_unavailable_and_the_next_one_works() throws Exception {
        fault = CommitFault.NOT_PERSISTED;
        try (GroupCommitWriter writer = writer(10)) {
            writer.start();
            assertThat(failure(insert(writer, "a"))).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
            assertThat(rows()).isZero();
            assertThat(get(insert(writer, "b"))).isEqualTo(1);
        }
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void a_commit_that_failed_and_was_persisted_is_unavailable_all_the_same() throws Exception {
        fault = CommitFault.PERSISTED;
        try (GroupCommitWriter writer = writer(10)) {
            writer.start();
            assertThat(failure(insert(writer, "a"))).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        }
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void what_has_gathered_is_committed_once() throws Exception {
        CountDownLatch gathered = new CountDownLatch(1);
        try (GroupCommitWriter writer = writer(200)) {
            writer.start();
            Future<Boolean> first = writer.submit(
                    session -> {
                        try {
                            return gathered.await(20, TimeUnit.SECONDS);
                        } catch (InterruptedException e) {
                            throw new SQLException(e);
                        }
                    },
                    Deadline.in(Duration.ofSeconds(20)));
            List<Future<Integer>> others = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                others.add(insert(writer, "v" + i));
            }
            gathered.countDown();
            get(first);
            for (Future<Integer> other : others) {
                get(other);
            }
        }
        assertThat(rows()).isEqualTo(100);
        // One for the first; the hundred that waited meanwhile share one, or two if the first took some with it.
        assertThat(commits.get()).isLessThanOrEqualTo(3);
    }

    @Test
    void beyond_its_limit_the_queue_refuses() throws Exception {
        // Not started: nothing leaves the queue.
        GroupCommitWriter writer = writer(2);
        Future<Integer> waiting = insert(writer, "a");
        insert(writer, "b");
        assertThat(failure(insert(writer, "c"))).isEqualTo(ErrorCode.OVERLOADED);
        writer.close();
        assertThat(failure(waiting)).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
    }

    @Test
    void what_asks_after_the_store_itself_needs_no_place_and_goes_before_all_that_waits() throws Exception {
        List<String> ran = new CopyOnWriteArrayList<>();
        GroupCommitWriter writer = writer(1);
        Deadline deadline = Deadline.in(Duration.ofSeconds(20));
        Future<Boolean> waiting = writer.submit(session -> ran.add("waiting"), deadline);
        assertThat(failure(insert(writer, "no place"))).isEqualTo(ErrorCode.OVERLOADED);
        Future<Boolean> question = writer.submitFirst(session -> ran.add("question"), deadline);
        try (writer) {
            writer.start();
            get(waiting);
            get(question);
        }
        assertThat(ran).containsExactly("question", "waiting");
    }

    @Test
    void what_asks_after_the_store_itself_is_answered_before_any_of_many_that_wait_has_run() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        Deadline deadline = Deadline.in(Duration.ofSeconds(20));
        try (GroupCommitWriter writer = writer(600)) {
            writer.start();
            Future<Boolean> running = writer.submit(waitingFor(begun, go), deadline);
            begun.await();
            List<Future<Boolean>> waiting = new ArrayList<>();
            for (int i = 0; i < 600; i++) {
                // A question that shared a transaction with one of them would be answered after it.
                waiting.add(writer.submit(session -> answered.getCount() == 0, deadline, LedgerFixture.key("w" + i)));
            }
            assertThat(failure(insert(writer, "no place"))).isEqualTo(ErrorCode.OVERLOADED);
            Future<Boolean> question =
                    writer.submitFirst(session -> true, deadline).onComplete(done -> answered.countDown());
            go.countDown();
            assertThat(get(running)).isTrue();
            assertThat(get(question)).isTrue();
            for (Future<Boolean> each : waiting) {
                assertThat(get(each)).isTrue();
            }
        }
    }

    @Test
    void what_asks_after_the_store_itself_runs_first_in_a_batch_that_was_being_taken_when_it_came() {
        Deadline deadline = Deadline.in(Duration.ofSeconds(20));
        QueuedWrite<Boolean> keyed = new QueuedWrite<>(
                session -> true, deadline, QueuedWrite.Place.IN_TURN, Optional.of(LedgerFixture.key("k")));
        QueuedWrite<Boolean> other =
                new QueuedWrite<>(session -> true, deadline, QueuedWrite.Place.IN_TURN, Optional.empty());
        QueuedWrite<Boolean> question =
                new QueuedWrite<>(session -> true, deadline, QueuedWrite.Place.FIRST, Optional.empty());
        List<QueuedWrite<?>> batch = new ArrayList<>(List.of(other, keyed, question));
        batch.sort(QueuedWrite.IN_BATCH);
        assertThat(batch).isEqualTo(List.of(question, keyed, other));
    }

    @Test
    void after_closing_nothing_is_taken_and_what_waited_was_written() throws Exception {
        GroupCommitWriter writer = writer(10);
        Future<Integer> waiting = insert(writer, "a");
        writer.start();
        writer.close();
        assertThat(get(waiting)).isEqualTo(1);
        assertThat(failure(insert(writer, "b"))).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
    }

    private static GroupCommitWriter.Work<Boolean> waitingFor(CountDownLatch begun, CountDownLatch go) {
        return session -> {
            begun.countDown();
            try {
                return go.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new SQLException(e);
            }
        };
    }

    @Test
    void a_write_whose_time_is_over_when_its_turn_comes_never_runs() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (GroupCommitWriter writer = writer(10)) {
            writer.start();
            Future<Boolean> first = writer.submit(waitingFor(begun, go), Deadline.in(Duration.ofSeconds(20)));
            begun.await();
            Deadline over = Deadline.in(Duration.ofNanos(1));
            Future<Integer> late = writer.submit(session -> session.update("INSERT INTO t (v) VALUES ('late')"), over);
            go.countDown();
            assertThat(get(first)).isTrue();
            assertThat(failure(late)).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
        }
        assertThat(rows()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_write_whose_time_is_over_when_its_batch_has_come_to_it_never_runs_also_alone(boolean brokenOff)
            throws Exception {
        Deadline over = Deadline.in(Duration.ofSeconds(2)); // long enough for the batch to begin
        AtomicInteger runs = new AtomicInteger();
        GroupCommitWriter writer = writer(10);
        Future<Integer> slow = writer.submit(
                session -> {
                    while (!over.passed()) {
                        Thread.onSpinWait();
                    }
                    if (brokenOff && runs.incrementAndGet() == 1) {
                        throw new SQLException("broken off", "40001");
                    }
                    return session.update("INSERT INTO t (v) VALUES ('slow')");
                },
                Deadline.in(Duration.ofSeconds(20)));
        Future<Integer> late = writer.submit(session -> session.update("INSERT INTO t (v) VALUES ('late')"), over);
        try (writer) {
            writer.start();
            assertThat(get(slow)).isEqualTo(1);
            assertThat(failure(late)).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
        }
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void the_refusal_of_one_write_is_answered_after_the_commit_and_rolls_nothing_back() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (GroupCommitWriter writer = writer(10)) {
            writer.start();
            Future<Boolean> first = writer.submit(waitingFor(begun, go), Deadline.in(Duration.ofSeconds(20)));
            begun.await();
            Future<Integer> refused = writer.submit(
                    session -> {
                        throw CaException.hidden(ErrorCode.TOKEN_USED, "used");
                    },
                    Deadline.in(Duration.ofSeconds(20)));
            Future<Integer> other = insert(writer, "other");
            go.countDown();
            get(first);
            assertThat(failure(refused)).isEqualTo(ErrorCode.TOKEN_USED);
            assertThat(get(other)).isEqualTo(1);
        }
        assertThat(commits.get()).isLessThanOrEqualTo(2);
    }

    @Test
    void a_refusal_whose_commit_fails_is_unavailable() throws Exception {
        fault = CommitFault.NOT_PERSISTED;
        try (GroupCommitWriter writer = writer(10)) {
            writer.start();
            assertThat(failure(writer.submit(
                            session -> {
                                throw CaException.hidden(ErrorCode.TOKEN_USED, "used");
                            },
                            Deadline.in(Duration.ofSeconds(20)))))
                    .isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        }
    }

    @Test
    void one_bad_write_harms_no_other_of_its_batch() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (GroupCommitWriter writer = writer(10)) {
            writer.start();
            Future<Boolean> first = writer.submit(waitingFor(begun, go), Deadline.in(Duration.ofSeconds(20)));
            begun.await();
            Future<Integer> before = insert(writer, "before");
            Future<Integer> bad = writer.submit(
                    session -> {
                        int unused = session.update("INSERT INTO t (v) VALUES ('half')");
                        return session.update("INSERT INTO none (v) VALUES (1)");
                    },
                    Deadline.in(Duration.ofSeconds(20)));
            Future<Integer> after = insert(writer, "after");
            go.countDown();
            get(first);
            assertThat(get(before)).isEqualTo(1);
            assertThat(failure(bad)).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
            assertThat(get(after)).isEqualTo(1);
        }
        assertThat(rows()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"40001", "40P01", "55P03"})
    void a_batch_that_the_database_breaks_off_for_one_of_its_writes_runs_again_one_by_one(String state)
            throws Exception {
        AtomicInteger runs = new AtomicInteger();
        GroupCommitWriter writer = writer(10);
        Future<Integer> before = insert(writer, "before");
        Future<Integer> locked = writer.submit(
                session -> {
                    if (runs.incrementAndGet() == 1) {
                        throw new SQLException("broken off", state);
                    }
                    return session.update("INSERT INTO t (v) VALUES ('in the end')");
                },
                Deadline.in(Duration.ofSeconds(20)));
        Future<Integer> after = insert(writer, "after");
        try (writer) {
            writer.start(); // all three in one batch
            assertThat(get(before)).isEqualTo(1);
            assertThat(get(locked)).isEqualTo(1);
            assertThat(get(after)).isEqualTo(1);
        }
        assertThat(rows()).as("each once").isEqualTo(3);
        assertThat(runs).hasValue(2);
    }

    @Test
    void writes_with_keys_run_in_the_order_of_their_keys_and_before_the_others() throws Exception {
        List<String> ran = java.util.Collections.synchronizedList(new ArrayList<>());
        List<io.chancery.core.der.Sha256> keys = new ArrayList<>();
        GroupCommitWriter writer = writer(100);
        Future<Boolean> last = writer.submit(session -> ran.add("none"), Deadline.in(Duration.ofSeconds(20)));
        for (int i = 0; i < 20; i++) {
            io.chancery.core.der.Sha256 key = LedgerFixture.key("k" + i);
            keys.add(key);
            writer.submit(session -> ran.add(key.hex()), Deadline.in(Duration.ofSeconds(20)), key);
        }
        try (writer) {
            writer.start(); // all in one batch, however slow the machine is
            get(last);
        }
        List<String> expected = new ArrayList<>(
                keys.stream().map(io.chancery.core.der.Sha256::hex).sorted().toList());
        expected.add("none");
        assertThat(ran).isEqualTo(expected);
    }

    @Test
    void a_store_that_cannot_be_opened_fails_a_batch_at_once_and_is_tried_again() throws Exception {
        AtomicInteger opened = new AtomicInteger();
        GroupCommitWriter writer = new GroupCommitWriter(100, () -> {
            if (opened.incrementAndGet() == 1) {
                throw new SQLException("not there");
            }
            return faulty();
        });
        List<Future<Integer>> batch = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            batch.add(insert(writer, "v" + i));
        }
        writer.start();
        for (Future<Integer> each : batch) {
            assertThat(failure(each)).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        }
        assertThat(opened.get()).isEqualTo(1);
        assertThat(get(insert(writer, "again"))).isEqualTo(1);
        writer.close();
    }

    @Test
    void a_close_while_a_write_hangs_answers_everybody_and_nothing_that_waited_runs_later() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        GroupCommitWriter writer = writer(10);
        writer.start();
        Future<Boolean> hanging = writer.submit(waitingFor(begun, go), Deadline.in(Duration.ofSeconds(20)));
        begun.await();
        Future<Integer> waiting = insert(writer, "waiting");
        assertThat(writer.close(Duration.ofMillis(50))).isFalse();
        assertThat(failure(hanging)).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThat(failure(waiting)).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        go.countDown();
        assertThat(writer.close(Duration.ofSeconds(20))).isTrue();
        assertThat(rows()).isZero();
    }

    @Test
    void an_error_in_a_write_ends_neither_the_writer_nor_the_wait_for_an_answer() throws Exception {
        try (GroupCommitWriter writer = writer(10)) {
            writer.start();
            assertThat(failure(writer.submit(
                            session -> {
                                throw new StackOverflowError();
                            },
                            Deadline.in(Duration.ofSeconds(20)))))
                    .isEqualTo(ErrorCode.STORE_UNAVAILABLE);
            assertThat(get(insert(writer, "b"))).isEqualTo(1);
        }
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void the_statements_that_a_session_keeps_have_a_limit() throws Exception {
        try (SqlSession session = faulty()) {
            for (int i = 0; i < SqlSession.MOST_STATEMENTS * 3; i++) {
                assertThat(session.first("SELECT " + i, row -> row.getInt(1))).contains(i);
            }
            assertThat(session.first("SELECT 0", row -> row.getInt(1))).contains(0);
        }
    }

    @Test
    void the_observer_sees_how_many_writes_shared_a_commit_and_how_many_failed() throws Exception {
        List<String> seen = java.util.Collections.synchronizedList(new ArrayList<>());
        GroupCommitWriter writer = writer(10);
        writer.observe(new WriteObserver() {
            @Override
            public void committed(int writes, Duration commit) {
                seen.add("committed " + writes + " " + !commit.isNegative());
            }

            @Override
            public void failed(int writes) {
                seen.add("failed " + writes);
            }
        });
        Future<Integer> a = insert(writer, "a");
        Future<Integer> b = insert(writer, "b");
        writer.start();
        get(a);
        get(b);
        fault = CommitFault.PERSISTED;
        failure(insert(writer, "c"));
        writer.close();
        assertThat(seen).containsExactly("committed 2 true", "failed 1");
    }

    @Test
    void where_each_write_is_slow_fewer_share_a_transaction_so_that_none_waits_for_all() throws Exception {
        List<Integer> sizes = new CopyOnWriteArrayList<>();
        try (GroupCommitWriter writer = writer(1000)) {
            writer.observe(new WriteObserver() {
                @Override
                public void committed(int writes, Duration commit) {
                    sizes.add(writes);
                }

                @Override
                public void failed(int writes) {}
            });
            CountDownLatch never = new CountDownLatch(1);
            GroupCommitWriter.Work<Boolean> slow = session -> {
                try {
                    return never.await(120, TimeUnit.MILLISECONDS);
                } catch (InterruptedException e) {
                    throw new SQLException(e);
                }
            };
            writer.start();
            answered(writer, slow, 5);
            int known = sizes.size();
            answered(writer, slow, 24);
            assertThat(sizes.subList(known, sizes.size())).allMatch(size -> size <= 8, "within a second");
        }
    }

    private static void answered(GroupCommitWriter writer, GroupCommitWriter.Work<Boolean> work, int times)
            throws Exception {
        List<Future<Boolean>> all = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            all.add(writer.submit(work, Deadline.in(Duration.ofSeconds(20))));
        }
        for (Future<Boolean> each : all) {
            assertThat(get(each)).isFalse();
        }
    }
}
