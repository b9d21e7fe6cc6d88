package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cli.UsageException;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.store.IssuerMemory;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class FormerIssuersTest {
    private static final KeyId KEY = new KeyId("ab".repeat(16));

    @TempDir
    private Path folder;

    private Vertx vertx;
    private IssuerPlace place;
    private final Memory memory = new Memory();
    private final AtomicReference<LoadedConfig> inForce = new AtomicReference<>();
    private FormerIssuers former;
    private LoadedConfig both;
    private LoadedConfig one;

    /** Knows of two issuers, when it answers. */
    private static final class Memory implements IssuerMemory {
        private final AtomicInteger asked = new AtomicInteger();
        private final List<List<String>> remembered = new CopyOnWriteArrayList<>();
        private final Promise<Void> done = Promise.promise();
        private volatile boolean away;
        private final AtomicInteger refusals = new AtomicInteger();

        @Override
        public Future<List<Missed>> missed(Issuers configured, Deadline deadline) {
            asked.incrementAndGet();
            return away
                    ? Future.failedFuture(CaException.hidden(ErrorCode.STORE_UNAVAILABLE, "away"))
                    : Future.succeededFuture(
                            configured.named("next").isPresent()
                                    ? List.of()
                                    : List.of(new Missed("next", KEY, Sha256.digest(), Instant.EPOCH)));
        }

        @Override
        public Future<Void> remember(Issuers configured, Deadline deadline) {
            if (refusals.getAndDecrement() > 0) {
                return Future.failedFuture(CaException.hidden(ErrorCode.OVERLOADED, "not now"));
            }
            remembered.add(configured.all().stream().map(Issuer::name).toList());
            boolean unused = done.tryComplete();
            return Future.succeededFuture();
        }
    }

    @BeforeEach
    void make(Vertx ofTheTest) throws Exception {
        vertx = ofTheTest;
        place = new IssuerPlace(folder);
        place.make("first");
        place.make("next");
        both = place.load("first", List.of(place.entry("next")));
        one = place.load("first", Map.of());
        former = new FormerIssuers(vertx, memory, Duration.ofMillis(10));
    }

    private void use(LoadedConfig config) {
        inForce.set(config);
        former.remember(inForce::get);
    }

    private Future<Void> askedTimes(int times) {
        return memory.asked.get() >= times
                ? Future.succeededFuture()
                : vertx.timer(5).compose(waited -> askedTimes(times));
    }

    @Test
    void one_that_is_left_out_stops_the_start_when_the_store_answers() {
        assertThatThrownBy(() -> former.check(one))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("the issuer next is left out")
                .hasMessageContaining("\"abandonedIssuers\": [\"" + KEY + "\"]");
    }

    @Test
    void one_that_is_given_up_by_its_key_or_by_its_certificate_may_be_left_out() throws Exception {
        for (String given : List.of(KEY.value(), Sha256.digest().hex())) {
            former.check(place.load("first", Map.of("abandonedIssuers", List.of(given))));
        }
    }

    @Test
    void none_is_forgotten_before_the_store_has_seen_that_it_may_be(VertxTestContext test) throws Exception {
        memory.away = true;
        former.check(one); // starts all the same
        use(one);
        askedTimes(3)
                .compose(asked -> {
                    memory.away = false;
                    return askedTimes(memory.asked.get() + 3);
                })
                .compose(asked -> {
                    assertThat(memory.remembered).isEmpty();
                    use(both);
                    return memory.done.future();
                })
                .onComplete(test.succeeding(done -> test.verify(() -> {
                    assertThat(memory.remembered).containsExactly(List.of("next", "ca.json"));
                    test.completeNow();
                })));
    }

    @Test
    void the_configuration_that_is_in_force_then_is_what_is_remembered(VertxTestContext test) {
        memory.away = true;
        use(one);
        askedTimes(2)
                .compose(asked -> {
                    inForce.set(both);
                    memory.away = false;
                    return memory.done.future();
                })
                .onComplete(test.succeeding(done -> test.verify(() -> {
                    assertThat(memory.remembered).containsExactly(List.of("next", "ca.json"));
                    test.completeNow();
                })));
    }

    @Test
    void what_the_store_did_not_take_is_told_again(VertxTestContext test) {
        memory.refusals.set(2);
        use(both);
        memory.done
                .future()
                .onComplete(test.succeeding(done -> test.verify(() -> {
                    assertThat(memory.asked.get()).isEqualTo(3);
                    test.completeNow();
                })));
    }
}
