package io.chancery.cli.start;

import io.chancery.cli.FindingList;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.der.Sha256;
import io.chancery.core.secret.Secret;
import io.chancery.signer.admin.HsmModule;
import io.chancery.signer.admin.SignerFindings;
import io.chancery.signer.admin.TokenReport;
import io.chancery.signer.admin.TokenState;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.key.RefusedPins;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What the tokens are like that this node's signers work with, looked at when somebody asks, beside the signers and with no
 * PIN tried. Used on one context.
 */
final class OwnTokens {
    /** Member with what the doctor finds there; the others are of the token itself, and not there where no key signs. */
    static final String FINDINGS = "findings";

    private final Looks<Place> looks;

    /** @param refused PINs of this node */
    OwnTokens(Vertx vertx, RefusedPins refused) {
        this(vertx, place -> place.signs() ? signing(place, refused) : refusing(place));
    }

    OwnTokens(Vertx vertx, Function<Place, JsonObject> look) {
        this.looks = new Looks<>(vertx, "token-look", Place::certificate, look);
    }

    /**
     * Of a key that signs at this moment, or whose PIN was refused or may not be tried.
     *
     * @param kmsPin the one that is taken where the URI has none
     * @param signaturesAtOnce as configured
     */
    record Place(
            IssuerCertificate issuer, Pkcs11Uri uri, Optional<Secret> kmsPin, int signaturesAtOnce, boolean signs) {
        Sha256 certificate() {
            return issuer.hash();
        }
    }

    /** As {@link Looks#look}. */
    Future<Map<Sha256, JsonObject>> look(List<Place> places) {
        return looks.look(places);
    }

    private static JsonObject refusing(Place place) {
        return new JsonObject().put(FINDINGS, FindingList.json(SignerFindings.ofTokenThatRefuses(place.uri())));
    }

    private static JsonObject signing(Place place, RefusedPins refused) {
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
                        names(report.mechanisms(), mechanism -> mechanism.uses().contains("sign")))
                .put(
                        FINDINGS,
                        FindingList.json(SignerFindings.ofToken(
                                report,
                                place.uri(),
                                place.kmsPin(),
                                refused,
                                place.issuer().certificate().getPublicKey())));
    }

    private static JsonArray names(List<HsmModule.Mechanism> all, Predicate<HsmModule.Mechanism> wanted) {
        return new JsonArray(
                all.stream().filter(wanted).map(HsmModule.Mechanism::name).toList());
    }
}
