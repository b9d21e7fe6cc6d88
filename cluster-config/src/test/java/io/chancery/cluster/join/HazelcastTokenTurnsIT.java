package io.chancery.cluster.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hazelcast.map.IMap;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.signers.TokenTurns;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class HazelcastTokenTurnsIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    @Test
    void nodes_are_at_a_token_one_after_the_other_and_hear_of_its_refusals(Vertx vertx) throws Exception {
        try (TestGrid grid = TestGrid.of(vertx, 2)) {
            TokenTurns a = new HazelcastTokenTurns(grid.member(0), new NodeId("a"), LONG);
            TokenTurns b = new HazelcastTokenTurns(grid.member(1), new NodeId("b"), LONG);

            TokenTurns.Turn first = a.take("serial", LONG);
            assertThat(first.refusal()).isEmpty();
            b.take("another token", LONG).close();
            CompletableFuture<TokenTurns.Turn> waiting = CompletableFuture.supplyAsync(() -> b.take("serial", LONG));
            first.refused("id");
            assertThatThrownBy(() -> waiting.get(300, TimeUnit.MILLISECONDS))
                    .as("b's turn, while a is at the token")
                    .isInstanceOf(TimeoutException.class);
            first.close();
            try (TokenTurns.Turn second = waiting.get(60, TimeUnit.SECONDS)) {
                assertThat(second.refusal()).contains("id");
                second.accepted();
                assertThat(second.refusal()).isEmpty();
            }
        }
    }

    @Test
    void who_died_at_a_token_or_hangs_there_is_not_waited_for_longer_than_the_patience(Vertx vertx) throws Exception {
        try (TestGrid grid = TestGrid.of(vertx, 1)) {
            TokenTurns a = new HazelcastTokenTurns(grid.member(0), new NodeId("a"));
            TokenTurns b = new HazelcastTokenTurns(grid.member(0), new NodeId("b"));
            TokenTurns.Turn unused = a.take("serial", LONG);
            a.take("serial", LONG).close(); // its own, as after a restart
            unused = a.take("serial", LONG);
            long began = System.nanoTime();
            b.take("serial", Duration.ofMillis(200)).close();
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isBetween(Duration.ofMillis(200), Duration.ofSeconds(9));
        }
    }

    @Test
    void what_a_node_left_to_a_login_that_hangs_keeps_others_away_whatever_the_node_tries_after_it(Vertx vertx)
            throws Exception {
        try (TestGrid grid = TestGrid.of(vertx, 1)) {
            IMap<String, String> map = grid.member(0).getMap(HazelcastConfigs.TOKENS);
            TokenTurns a = new HazelcastTokenTurns(grid.member(0), new NodeId("a"));
            TokenTurns.Turn unusedLeft = a.take("serial", LONG);
            a.take("another token", LONG).close();
            a.take("serial", LONG).close();
            assertThat(map.get("turn/serial")).isEqualTo("a");
            assertThat(map.get("turn/another token")).isNull();
        }
    }

    @Test
    void a_turn_that_follows_a_nodes_own_lasts_as_long_as_any_other(Vertx vertx) throws Exception {
        try (TestGrid grid = TestGrid.of(vertx, 1)) {
            IMap<String, String> map = grid.member(0).getMap(HazelcastConfigs.TOKENS);
            TokenTurns a = new HazelcastTokenTurns(grid.member(0), new NodeId("a"));
            map.set("turn/serial", "a", 5, TimeUnit.SECONDS);
            TokenTurns.Turn turn = a.take("serial", LONG);
            assertThat(map.getEntryView("turn/serial").getExpirationTime())
                    .isGreaterThan(System.currentTimeMillis() + 5_000);
            turn.close();
            assertThat(map.get("turn/serial"))
                    .as("left by nobody of this process")
                    .isNull();
        }
    }

    @Test
    void what_is_no_text_in_the_grid_is_another_ones_turn_and_no_refusal(Vertx vertx) throws Exception {
        try (TestGrid grid = TestGrid.of(vertx, 1)) {
            IMap<String, Object> map = grid.member(0).getMap(HazelcastConfigs.TOKENS);
            TokenTurns a = new HazelcastTokenTurns(grid.member(0), new NodeId("a"));
            map.set("turn/serial", 42);
            map.set("refused/serial", 42);
            try (TokenTurns.Turn turn = a.take("serial", Duration.ofMillis(200))) {
                assertThat(turn.refusal()).isEmpty();
            }
            assertThat(map.get("turn/serial")).isEqualTo(42);
        }
    }

    @Test
    void who_names_another_holder_again_and_again_keeps_nobody_waiting_for_ever(Vertx vertx) throws Exception {
        try (TestGrid grid = TestGrid.of(vertx, 1)) {
            TokenTurns b = new HazelcastTokenTurns(grid.member(0), new NodeId("b"));
            IMap<String, String> map = grid.member(0).getMap(HazelcastConfigs.TOKENS);
            map.set("turn/serial", "x");
            AtomicBoolean ended = new AtomicBoolean();
            CompletableFuture<Void> alternates = CompletableFuture.runAsync(() -> {
                // Each time that the waiting node can have looked.
                for (int i = 0; !ended.get(); i++) {
                    map.set("turn/serial", i % 2 == 0 ? "y" : "x");
                    LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
                }
            });
            try {
                long began = System.nanoTime();
                CompletableFuture.supplyAsync(() -> b.take("serial", Duration.ofMillis(400)))
                        .get(30, TimeUnit.SECONDS)
                        .close();
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofMillis(400));
            } finally {
                ended.set(true);
            }
            Void unused = alternates.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void without_a_grid_everybody_goes_on(Vertx vertx) throws Exception {
        TestGrid grid = TestGrid.of(vertx, 1);
        TokenTurns a = new HazelcastTokenTurns(grid.member(0), new NodeId("a"));
        grid.close();
        try (TokenTurns.Turn turn = a.take("serial", LONG)) {
            assertThat(turn.refusal()).isEmpty();
            turn.refused("id");
        }
    }
}
