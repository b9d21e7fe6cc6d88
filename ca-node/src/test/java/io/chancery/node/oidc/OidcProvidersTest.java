package io.chancery.node.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.chain.AbandonedIssuers;
import io.chancery.core.oidc.OpenIdEndpoint;
import io.chancery.core.oidc.WantedKey;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class OidcProvidersTest {
    private static final OpenIdEndpoint ONE = OpenIdEndpoint.of("https://one.example", "");
    private static final OpenIdEndpoint OTHER = OpenIdEndpoint.of("https://other.example", "");

    private final ScriptedQuestion question = new ScriptedQuestion();
    private final AtomicLong nanos = new AtomicLong();
    private final List<Boolean> heard = new ArrayList<>();
    private OidcProviders providers;

    @BeforeEach
    void make(Vertx vertx) {
        providers = new OidcProviders(vertx, question, nanos::get, bound -> 0);
        providers.observe(heard::add);
    }

    private void used(OpenIdEndpoint... endpoints) throws Exception {
        int before = question.asked();
        Future<Void> unused = providers.use(Set.of(endpoints), List.of(), AbandonedIssuers.NONE);
        if (question.asked() > before) {
            question.answers("a");
        }
    }

    @Test
    void another_configuration_keeps_what_is_known_of_the_providers_that_it_names_too() throws Exception {
        used(ONE);
        assertThat(providers.state(OTHER).provider()).isEmpty();
        used(ONE, OTHER);
        assertThat(question.asked()).isEqualTo(2);
        assertThat(providers.state(ONE).provider()).isPresent();
        assertThat(providers.state(OTHER).provider()).isPresent();
        used(OTHER);
        assertThat(question.asked()).isEqualTo(2);
        assertThat(providers.state(ONE).provider()).isEmpty();
    }

    @Test
    void how_providers_are_and_how_asking_them_ends_is_counted() throws Exception {
        used(ONE);
        Future<Void> unused = providers.use(Set.of(ONE, OTHER), List.of(), AbandonedIssuers.NONE);
        question.fails("away");
        assertThat(heard).containsExactly(true, false);
        assertThat(providers.count(OidcProviders.Condition.READY)).isEqualTo(1);
        assertThat(providers.count(OidcProviders.Condition.UNKNOWN)).isEqualTo(1);
        long unusedTime = nanos.addAndGet(TimeUnit.HOURS.toNanos(1));
        Future<Void> unusedTick = providers.wanted(new WantedKey(ONE, "b"));
        question.fails("away");
        assertThat(providers.count(OidcProviders.Condition.AWAY)).isEqualTo(1);
    }

    @Test
    void whoever_waits_goes_on_upon_their_own_context(Vertx vertx, VertxTestContext test) throws Exception {
        used(ONE);
        long unusedTime = nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
        Context own = vertx.getOrCreateContext();
        own.runOnContext(go -> {
            providers
                    .wanted(new WantedKey(ONE, "b"))
                    .onComplete(test.succeeding(done -> test.verify(() -> {
                        assertThat(vertx.getOrCreateContext()).isSameAs(own);
                        test.completeNow();
                    })));
            vertx.executeBlocking(() -> {
                        question.answers("b");
                        return "";
                    })
                    .onFailure(test::failNow);
        });
    }
}
