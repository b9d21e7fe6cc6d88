package io.chancery.cli.start;

import io.chancery.cli.FindingList;
import io.chancery.core.der.Sha256;
import io.chancery.signer.admin.Finding;
import io.chancery.signer.admin.SignerFindings;
import io.chancery.signer.admin.TokenDoctor;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the doctor finds of the file with an issuer's PIN and of the issuer's chain, looked at when somebody asks; apart from
 * {@link OwnTokens}, as a disk does not hang with an HSM. Used on one context.
 */
final class OwnFiles {
    private final Looks<Place> looks;

    OwnFiles(Vertx vertx) {
        this(vertx, place -> SignerFindings.ofFiles(place.pin(), place.trust(), place.now()));
    }

    OwnFiles(Vertx vertx, Function<Place, List<Finding>> look) {
        this.looks = new Looks<>(
                vertx,
                "file-look",
                Place::certificate,
                place -> new JsonObject().put(OwnTokens.FINDINGS, FindingList.json(look.apply(place))));
    }

    /**
     * @param certificate hash of the issuer's
     * @param pin empty where this node has the issuer's key on no token
     * @param trust as it is in force
     */
    record Place(Sha256 certificate, Optional<SignerFindings.PinPlace> pin, TokenDoctor.Trust trust, Instant now) {}

    /** Findings by the hash of the issuer's certificate. Never fails. */
    Future<Map<Sha256, JsonArray>> look(List<Place> places) {
        return looks.look(places).map(all -> {
            Map<Sha256, JsonArray> findings = new HashMap<>();
            all.forEach((certificate, found) -> findings.put(
                    certificate,
                    Optional.ofNullable(found.getJsonArray(OwnTokens.FINDINGS)).orElseGet(() -> notLookedAt(found))));
            return findings;
        });
    }

    private static JsonArray notLookedAt(JsonObject found) {
        return FindingList.json(List.of(new Finding(
                "pin-file",
                Finding.Status.WARNING,
                "neither it nor the chain was looked at: " + found.getString("why"),
                "once more; if it stays so, see whether the disk answers")));
    }
}
