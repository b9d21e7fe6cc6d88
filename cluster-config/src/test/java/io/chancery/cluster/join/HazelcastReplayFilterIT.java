package io.chancery.cluster.join;

import static io.chancery.cluster.replay.ReplayFilter.Answer.MISS;
import static io.chancery.cluster.replay.ReplayFilter.Answer.RECENT;
import static io.chancery.cluster.replay.ReplayFilter.Answer.REPEAT;
import static io.chancery.cluster.replay.ReplayFilter.Answer.UNUSABLE;
import static io.chancery.cluster.replay.ReplayFilter.Answer.USED;
import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.core.HazelcastJsonValue;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.members.ClusterIdentity;
import io.chancery.cluster.members.ClusterMembers;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.cluster.replay.ReplayFilter.Answer;
import io.chancery.cluster.replay.UsedToken;
import io.chancery.core.der.Sha256;
import io.chancery.testing.Answers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What real members remember together, apart, and after one of them is gone. */
@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class HazelcastReplayFilterIT {
    private static final Sha256 REPEAT_KEY = hash("repeat");

    private TestGrid grid;

    @AfterEach
    void stop() {
        if (grid != null) {
            grid.close();
        }
    }

    private static Sha256 hash(String text) {
        return Sha256.digest(text.getBytes(StandardCharsets.UTF_8));
    }

    private static UsedToken token(String id) {
        return new UsedToken(hash(id), REPEAT_KEY, Duration.ofHours(2));
    }

    /** Until the grid confirms: a busy machine may make it late, and then nothing is lost. */
    private void tell(int member, UsedToken token) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TestGrid.PATIENCE_SECONDS);
        while (!grid.onLoop(() -> grid.filter(member).tell(token))) {
            assertThat(System.nanoTime() - end).as("the grid confirms").isNegative();
        }
    }

    /** The first answer that is none of "unusable", which a busy machine may give at any time. */
    private Answer ask(int member, Sha256 key, Optional<Sha256> repeatKey) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TestGrid.PATIENCE_SECONDS);
        Answer answer;
        do {
            answer = grid.onLoop(() -> grid.filter(member).ask(key, repeatKey));
        } while (answer == UNUSABLE && System.nanoTime() - end < 0);
        return answer;
    }

    @Test
    void a_token_told_to_one_member_is_used_for_all_and_its_repeat_is_known(Vertx vertx) throws Exception {
        grid = TestGrid.of(vertx, 3);
        tell(0, token("a"));
        for (int member = 0; member < 3; member++) {
            assertThat(ask(member, hash("a"), Optional.empty())).isEqualTo(USED);
            assertThat(ask(member, hash("a"), Optional.of(hash("another")))).isEqualTo(RECENT);
            assertThat(ask(member, hash("a"), Optional.of(REPEAT_KEY))).isEqualTo(REPEAT);
            assertThat(ask(member, hash("b"), Optional.of(REPEAT_KEY))).isEqualTo(MISS);
        }
        assertThat(grid.map(1).getEntryView(hash("a").value()).getTtl())
                .isEqualTo(Duration.ofHours(2).toMillis());
    }

    @Test
    void nothing_but_hashes_is_in_the_grid(Vertx vertx) throws Exception {
        grid = TestGrid.of(vertx, 1);
        tell(0, token("a"));
        assertThat(grid.map(0).entrySet()).singleElement().satisfies(entry -> {
            assertThat(entry.getKey()).isEqualTo(hash("a").value());
            assertThat(entry.getValue()).isEqualTo(REPEAT_KEY.value());
        });
    }

    @Test
    void a_member_that_dies_takes_no_memory_with_it(Vertx vertx) throws Exception {
        grid = TestGrid.of(vertx, 3);
        List<UsedToken> tokens =
                IntStream.range(0, 300).mapToObj(i -> token("t" + i)).toList();
        fillWith(2, tokens);
        grid.kill(2);
        for (UsedToken token : tokens) {
            assertThat(ask(0, token.key(), Optional.empty())).isEqualTo(USED);
        }
    }

    /** A young grid does not confirm everything in the few milliseconds that a filter waits. */
    private void fillWith(int member, List<UsedToken> tokens) throws Exception {
        int confirmed = 0;
        for (int tries = 0; confirmed < tokens.size() && tries < 50; tries++) {
            confirmed = grid.onLoop(() -> grid.filter(member).fill(tokens));
        }
        assertThat(confirmed).isEqualTo(tokens.size());
    }

    @Test
    void members_that_die_at_once_take_memory_with_them_and_that_is_told(Vertx vertx) throws Exception {
        grid = TestGrid.of(vertx, 4);
        NodeFacts facts = new NodeFacts(
                new NodeId("n0"),
                new ClusterIdentity(hash("roots"), hash("ca"), Set.of(hash("ca"))),
                "1.2.3",
                "all",
                List.of(),
                new NodeFacts.Files(hash("ca.json"), hash("chancery.json")));
        ClusterMembers members =
                grid.onLoop(() -> HazelcastMembers.start(vertx, grid.member(0), facts, HazelcastMembers.Pace.USUAL));
        CountDownLatch forgotten = new CountDownLatch(1);
        members.whenForgotten(forgotten::countDown);
        List<UsedToken> tokens =
                IntStream.range(0, 300).mapToObj(i -> token("t" + i)).toList();
        fillWith(0, tokens);
        grid.kill(3);
        grid.awaitWhole(0, 3);
        assertThat(forgotten.getCount())
                .as("one died, and its backup had it all")
                .isEqualTo(1);

        CompletableFuture<Void> both = CompletableFuture.allOf(
                CompletableFuture.runAsync(() -> grid.kill(1)), CompletableFuture.runAsync(() -> grid.kill(2)));
        both.get(TestGrid.PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(forgotten.await(TestGrid.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void what_a_stranger_writes_is_not_believed_and_fails_nothing(Vertx vertx) throws Exception {
        grid = TestGrid.of(vertx, 1);
        List<Object> poison = List.of(
                "text",
                new byte[0],
                new byte[31],
                Arrays.copyOf(REPEAT_KEY.value(), 33),
                42L,
                new int[32],
                new HazelcastJsonValue("{}"),
                new HashSet<>(Set.of("a type that may not be deserialised")));
        for (Object value : poison) {
            grid.map(0).set(hash("a").value(), value);
            // More than once, as a slow answer would be the same one.
            for (int i = 0; i < 20; i++) {
                assertThat(grid.onLoop(() -> grid.filter(0).ask(hash("a"), Optional.of(REPEAT_KEY))))
                        .as(value.getClass().getName())
                        .isEqualTo(UNUSABLE);
            }
        }
        tell(0, token("a"));
        assertThat(ask(0, hash("a"), Optional.empty())).isEqualTo(USED);
    }

    @Test
    void the_small_part_of_a_split_grid_says_nothing_and_a_merge_forgets_nothing(Vertx vertx) throws Exception {
        grid = TestGrid.of(vertx, 3);
        List<UsedToken> before =
                IntStream.range(0, 200).mapToObj(i -> token("before" + i)).toList();
        fillWith(0, before);

        TestGrid.Split split = grid.split(2);
        for (int i = 0; i < 20; i++) {
            assertThat(grid.onLoop(() -> grid.filter(2).ask(hash("before1"), Optional.empty())))
                    .isEqualTo(UNUSABLE);
        }
        assertThat(grid.onLoop(() -> grid.filter(2).tell(token("lost")))).isFalse();
        tell(0, token("meanwhile"));
        assertThat(ask(1, hash("meanwhile"), Optional.empty())).isEqualTo(USED);

        assertThat(split.awaitMerge(TestGrid.PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isTrue();
        assertThat(ask(2, hash("meanwhile"), Optional.empty())).isEqualTo(USED);
        for (UsedToken token : before) {
            assertThat(ask(2, token.key(), Optional.empty())).isEqualTo(USED);
        }
        assertThat(ask(2, hash("lost"), Optional.empty())).isEqualTo(MISS);
    }

    @Test
    void a_grid_that_hangs_costs_some_milliseconds_and_a_limited_number_of_calls(Vertx vertx) throws Exception {
        grid = TestGrid.of(vertx, 1);
        CountDownLatch hangs = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        // Takes the thread that the key's partition has, and keeps it.
        var stuck = grid.map(0).submitToKey(REPEAT_KEY.value(), entry -> {
            hangs.countDown();
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return null;
        });
        try {
            assertThat(hangs.await(TestGrid.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            long began = System.nanoTime();
            assertThat(grid.onLoop(() -> grid.filter(0).ask(REPEAT_KEY, Optional.empty())))
                    .isEqualTo(UNUSABLE);
            assertThat(grid.onLoop(
                            () -> grid.filter(0).tell(new UsedToken(REPEAT_KEY, REPEAT_KEY, Duration.ofHours(1)))))
                    .isFalse();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(HazelcastReplayFilter.FILL_PATIENCE);

            for (int asked = 0; asked < HazelcastReplayFilter.MOST_CALLS + 1_000; asked += 100) {
                List<Answer> flood = grid.onLoop(() -> {
                    List<Future<Answer>> all = new ArrayList<>();
                    for (int i = 0; i < 100; i++) {
                        all.add(grid.filter(0).ask(REPEAT_KEY, Optional.empty()));
                    }
                    return Future.all(all).map(done -> done.<Answer>list());
                });
                assertThat(flood).containsOnly(UNUSABLE);
            }
            assertThat(grid.filter(0).callsUnderWay()).isEqualTo(HazelcastReplayFilter.MOST_CALLS);
            assertThat(grid.filter(0).patience()).isLessThan(HazelcastReplayFilter.PATIENCE);
        } finally {
            released.countDown();
        }
        Answers.of(Future.fromCompletionStage(stuck), Duration.ofSeconds(TestGrid.PATIENCE_SECONDS));
        assertThat(ask(0, REPEAT_KEY, Optional.empty())).as("well again").isEqualTo(USED);
        assertThat(grid.filter(0).patience()).isEqualTo(HazelcastReplayFilter.PATIENCE);
    }

    @Test
    void what_the_grid_has_just_said_of_a_used_token_need_not_be_asked_again(Vertx vertx) throws Exception {
        grid = TestGrid.of(vertx, 1);
        tell(0, token("a"));
        assertThat(ask(0, hash("a"), Optional.empty())).isEqualTo(USED);
        grid.kill(0);
        assertThat(grid.onLoop(() -> grid.filter(0).ask(hash("a"), Optional.empty())))
                .isEqualTo(RECENT);
        assertThat(grid.onLoop(() -> grid.filter(0).ask(hash("a"), Optional.of(REPEAT_KEY))))
                .isEqualTo(REPEAT);
    }

    @Test
    void a_grid_that_is_gone_is_unusable_and_no_error(Vertx vertx) throws Exception {
        grid = TestGrid.of(vertx, 1);
        grid.kill(0);
        assertThat(grid.onLoop(() -> grid.filter(0).ask(hash("a"), Optional.empty())))
                .isEqualTo(UNUSABLE);
        assertThat(grid.onLoop(() -> grid.filter(0).tell(token("a")))).isFalse();
        assertThat(grid.onLoop(() -> grid.filter(0).fill(List.of(token("a"), token("b")))))
                .isZero();
    }
}
