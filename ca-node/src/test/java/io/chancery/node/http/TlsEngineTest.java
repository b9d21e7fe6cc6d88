package io.chancery.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class TlsEngineTest {
    @Test
    void the_library_is_loaded_on_no_event_loop_also_when_one_asks_for_it(Vertx vertx) throws Exception {
        CompletableFuture<Boolean> loadedOnALoop = new CompletableFuture<>();
        CompletableFuture<TlsEngine> engine = new CompletableFuture<>();
        vertx.runOnContext(loop -> TlsEngine.load(vertx, () -> {
                    loadedOnALoop.complete(Context.isOnEventLoopThread());
                    return true;
                })
                .onSuccess(engine::complete));
        assertThat(loadedOnALoop.get(20, TimeUnit.SECONDS)).isFalse();
        assertThat(engine.get(20, TimeUnit.SECONDS).isNative()).isTrue();
    }
}
