package io.chancery.cli.start;

import io.chancery.core.der.Sha256;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * What a node looks at when somebody asks how it is, and what may hang: one look at a time, on a thread of its own. Used on
 * one context.
 *
 * @param <P> where to look
 */
final class Looks<P> {
    /** The one who asks waits for two seconds. */
    private static final long PATIENCE_MILLIS = 1_300;

    private final WorkerExecutor worker;
    private final Function<P, Sha256> certificate;
    private final Function<P, JsonObject> look;
    private List<Future<JsonObject>> underWay = List.of();

    /**
     * @param certificate hash of the issuer's, whose place it is
     * @param look blocks
     */
    Looks(Vertx vertx, String thread, Function<P, Sha256> certificate, Function<P, JsonObject> look) {
        this.worker = vertx.createSharedWorkerExecutor(thread, 1);
        this.certificate = certificate;
        this.look = look;
    }

    /** By the hash of the issuer's certificate; what could not be found out in time says "why". Never fails. */
    Future<Map<Sha256, JsonObject>> look(List<P> places) {
        if (!underWay.stream().allMatch(Future::isComplete)) {
            Map<Sha256, JsonObject> waiting = new HashMap<>();
            places.forEach(place -> waiting.put(certificate.apply(place), because("the last look has not ended yet")));
            return Future.succeededFuture(waiting);
        }
        underWay = places.stream()
                .map(place -> worker.executeBlocking(() -> look.apply(place), false))
                .toList();
        List<Future<JsonObject>> inTime = underWay.stream()
                .map(one -> one.timeout(PATIENCE_MILLIS, TimeUnit.MILLISECONDS).otherwise(Looks::failed))
                .toList();
        return Future.join(inTime).map(all -> {
            Map<Sha256, JsonObject> found = new HashMap<>();
            for (int i = 0; i < places.size(); i++) {
                found.put(certificate.apply(places.get(i)), inTime.get(i).result());
            }
            return found;
        });
    }

    private static JsonObject failed(Throwable cause) {
        return because(
                cause instanceof TimeoutException
                        ? "no answer within " + PATIENCE_MILLIS + " ms"
                        : String.valueOf(cause.getMessage()));
    }

    private static JsonObject because(String reason) {
        return new JsonObject().put("why", reason);
    }
}
