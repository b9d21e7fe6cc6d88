package io.chancery.cli.start;

import io.chancery.core.der.Sha256;
import io.chancery.signer.admin.HsmModule;
import io.chancery.signer.admin.TokenReport;
import io.chancery.signer.admin.TokenState;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What the tokens are like that this node's signers work with, looked at when somebody asks: one look at a time, on a
 * thread of its own beside the signers'. Used on one context.
 */
final class OwnTokens {
    /** The one who asks waits for two seconds. */
    private static final long PATIENCE_MILLIS = 1_300;

    private final WorkerExecutor worker;
    private final Function<Place, JsonObject> look;
    private List<Future<JsonObject>> underWay = List.of();

    OwnTokens(Vertx vertx) {
        this(vertx, OwnTokens::json);
    }

    OwnTokens(Vertx vertx, Function<Place, JsonObject> look) {
        this.look = look;
        this.worker = vertx.createSharedWorkerExecutor("token-look", 1);
    }

    /**
     * A key that signs at this moment.
     *
     * @param certificate hash of the issuer's
     * @param signaturesAtOnce as configured
     */
    record Place(Sha256 certificate, Pkcs11Uri uri, int signaturesAtOnce) {}

    /** By the hash of the issuer's certificate; what could not be found out in time says why. Never fails. */
    Future<Map<Sha256, JsonObject>> look(List<Place> places) {
        if (!underWay.stream().allMatch(Future::isComplete)) {
            Map<Sha256, JsonObject> waiting = new HashMap<>();
            places.forEach(place -> waiting.put(place.certificate(), why("the last look has not ended yet")));
            return Future.succeededFuture(waiting);
        }
        underWay = places.stream()
                .map(place -> worker.executeBlocking(() -> look.apply(place), false))
                .toList();
        List<Future<JsonObject>> inTime = underWay.stream()
                .map(one -> one.timeout(PATIENCE_MILLIS, TimeUnit.MILLISECONDS).otherwise(OwnTokens::failed))
                .toList();
        return Future.join(inTime).map(all -> {
            Map<Sha256, JsonObject> found = new HashMap<>();
            for (int i = 0; i < places.size(); i++) {
                found.put(places.get(i).certificate(), inTime.get(i).result());
            }
            return found;
        });
    }

    private static JsonObject failed(Throwable cause) {
        return why(
                cause instanceof TimeoutException
                        ? "no answer within " + PATIENCE_MILLIS + " ms"
                        : String.valueOf(cause.getMessage()));
    }

    private static JsonObject why(String reason) {
        return new JsonObject().put("why", reason);
    }

    private static JsonObject json(Place place) {
        TokenReport report = TokenReport.of(place.uri());
        TokenState token = report.token();
        return new JsonObject()
                .put("label", token.slot().label())
                .put("serial", token.slot().serial())
                .put("model", (token.slot().manufacturer() + " " + token.slot().model()).strip())
                .put("firmware", token.firmware())
                .put("library", report.library().version())
                .put(
                        "attributes",
                        new JsonObject(new LinkedHashMap<>(report.key().asMap())))
                .put("signaturesAtOnce", place.signaturesAtOnce())
                .put("sessionLimit", token.maxSessions())
                .put("sessionsOpen", token.sessions())
                .put("mechanisms", names(report.mechanisms(), mechanism -> true))
                .put(
                        "signing",
                        names(report.mechanisms(), mechanism -> mechanism.uses().contains("sign")));
    }

    private static JsonArray names(List<HsmModule.Mechanism> all, Predicate<HsmModule.Mechanism> wanted) {
        return new JsonArray(
                all.stream().filter(wanted).map(HsmModule.Mechanism::name).toList());
    }
}
