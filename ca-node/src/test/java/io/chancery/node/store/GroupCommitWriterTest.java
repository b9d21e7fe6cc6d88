package io.chancery.node.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults of a commit: each write fails in two ways, not persisted and persisted. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
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
        return new SqlSession(plain(), () -> {
            boolean before = checks.getAndIncrement() % 2 == 0;
            if (before) {
                commits.incrementAndGet();
            }
            if (fault == (before ? CommitFault.NOT_PERSISTED : CommitFault.PERSISTED)) {
                fault = CommitFault.NONE;
                throw new SQLException("the connection was lost");
            }
        });
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
        try {
            future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return ((CaException) e.getCause()).code();
        }
        throw new AssertionError("it succeeded");
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
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
        insert(writer, "a");
        insert(writer, "b");
        assertThat(failure(insert(writer, "c"))).isEqualTo(ErrorCode.OVERLOADED);
        writer.close();
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
}
