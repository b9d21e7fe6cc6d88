package io.chancery.cli.start;

import io.chancery.cli.FindingList;
import io.chancery.cluster.members.ClusterMembers;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.der.Sha256;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.IssuingRule;
import io.chancery.signer.admin.SignerFindings;
import io.chancery.signer.admin.TokenDoctor;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.key.KeyState;
import io.chancery.signer.key.KeyStatus;
import io.chancery.signer.key.LastSignature;
import io.chancery.signer.key.SigningKeys;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;

/** What a node says of itself to {@code chancery cluster doctor}. Any thread; never waits; no secret is in it. */
final class NodeCheckUp {
    private final ClusterMembers members;
    private final Function<KeyedIssuer, Optional<KeyStatus>> keys;
    private final Function<KeyedIssuer, Optional<LastSignature>> signatures;

    /**
     * @param keys how the key of an issuer is in this process; empty when it is not here
     * @param signatures what came of its last one, as {@code SignerVerticle} tells it
     */
    NodeCheckUp(
            ClusterMembers members,
            Function<KeyedIssuer, Optional<KeyStatus>> keys,
            Function<KeyedIssuer, Optional<LastSignature>> signatures) {
        this.members = members;
        this.keys = keys;
        this.signatures = signatures;
    }

    /**
     * @param issuing the issuer that signs at this moment; empty for a node without the API
     * @param cannotIssue why a node with the API cannot issue
     * @param busEnd of this node's bus certificate
     * @param tokens what was found out of the tokens with issuers' keys, by the hash of the issuer's certificate
     * @param files what the doctor finds of issuers' files, by the same
     */
    record Moment(
            Instant now,
            Optional<Issuer> issuing,
            Optional<String> cannotIssue,
            Optional<Instant> busEnd,
            Map<Sha256, JsonObject> tokens,
            Map<Sha256, JsonArray> files) {}

    /**
     * Where to look for what {@link Moment#tokens} wants: at keys that sign now, and at those whose PIN the token does not
     * take. The library of another one may be in the middle of a start.
     */
    List<OwnTokens.Place> tokens(LoadedConfig config) {
        List<OwnTokens.Place> places = new ArrayList<>();
        for (KeyedIssuer keyed : config.issuers().all()) {
            Optional<KeyStatus> status = keys.apply(keyed)
                    .filter(here -> isOnToken(keyed))
                    .filter(here -> here.canSign() || here.state() == KeyState.PIN_REFUSED);
            if (status.isPresent()) {
                KeyedIssuer.KeyPlace key = keyed.key().orElseThrow();
                places.add(new OwnTokens.Place(
                        keyed.issuer().certificate(),
                        uri(key),
                        key.pin(),
                        SigningKeys.signaturesAtOnce(
                                key.reference(),
                                key.kmsUri(),
                                config.files().chancery().limits().pkcs11Sessions()),
                        status.get().canSign()));
            }
        }
        return places;
    }

    /** Where to look for what {@link Moment#files} wants. */
    List<OwnFiles.Place> files(LoadedConfig config, Instant now) {
        List<OwnFiles.Place> places = new ArrayList<>();
        for (KeyedIssuer keyed : config.issuers().all()) {
            places.add(new OwnFiles.Place(
                    keyed.issuer().certificate().hash(),
                    keys.apply(keyed).filter(here -> isOnToken(keyed)).map(here -> pin(config.files(), keyed)),
                    new TokenDoctor.Trust(keyed.issuer().chain(), config.roots(), List.of()),
                    now));
        }
        return places;
    }

    private static SignerFindings.PinPlace pin(ConfigFiles files, KeyedIssuer keyed) {
        KeyedIssuer.KeyPlace key = keyed.key().orElseThrow();
        return new SignerFindings.PinPlace(
                uri(key), files.fileWithPin(uri(key), !key.ofCaJson(), key.pin().isPresent()));
    }

    private static Pkcs11Uri uri(KeyedIssuer.KeyPlace key) {
        return Pkcs11Uri.of(key.reference(), key.kmsUri());
    }

    private static boolean isOnToken(KeyedIssuer keyed) {
        return keyed.key().filter(key -> Pkcs11Uri.isPkcs11(key.reference())).isPresent();
    }

    JsonObject of(LoadedConfig config, Moment moment) {
        NodeFacts facts = members.members().stream()
                .filter(ClusterMembers.Member::self)
                .findFirst()
                .orElseThrow()
                .facts();
        JsonArray issuers = new JsonArray();
        config.issuers().all().forEach(issuer -> issuers.add(issuer(issuer, moment)));
        return new JsonObject()
                .put("role", facts.role())
                .put("version", facts.version())
                .put("clockMillis", moment.now().toEpochMilli())
                .put("roots", facts.identity().roots().hex())
                .put("provisioners", config.files().whoGetsWhat().hex())
                .put("keyRules", config.files().chancery().keyRules().toString())
                .put("members", configuredMembers(config))
                .put("issuers", issuers)
                .put("issuing", moment.issuing().map(issuer -> hash(issuer)).orElse(null))
                .put("cannotIssue", moment.cannotIssue().orElse(null))
                .put("deaf", members.deaf().orElse(null))
                .put(
                        "busEndSeconds",
                        moment.busEnd().map(Instant::getEpochSecond).orElse(null));
    }

    private JsonObject issuer(KeyedIssuer keyed, Moment moment) {
        Issuer issuer = keyed.issuer();
        KeyId key = issuer.keyId();
        Optional<KeyStatus> status = keys.apply(keyed);
        Optional<JsonObject> looked = Optional.ofNullable(
                        moment.tokens().get(issuer.certificate().hash()))
                .map(JsonObject::copy);
        JsonArray findings = findings(keyed, status, moment);
        looked.map(found -> (JsonArray) found.remove(OwnTokens.FINDINGS)).ifPresent(findings::addAll);
        return new JsonObject()
                .put("name", issuer.name())
                .put("certificate", hash(issuer))
                .put("keyId", key.value())
                .put(
                        "endSeconds",
                        issuer.certificate()
                                .certificate()
                                .getNotAfter()
                                .toInstant()
                                .getEpochSecond())
                .put("issues", issuer.rule().map(NodeCheckUp::text).orElse("nothing"))
                .put(
                        "key",
                        status.map(here -> here.state().name().toLowerCase(Locale.ROOT))
                                .orElse(null))
                .put("why", status.map(KeyStatus::why).orElse(""))
                .put(
                        "kept",
                        status.map(here -> isOnToken(keyed) ? "on a token" : "in a file")
                                .orElse(null))
                .put("token", looked.filter(token -> !token.isEmpty()).orElse(null))
                .put("findings", findings);
    }

    /** What the doctor finds of the files and the signer. */
    private JsonArray findings(KeyedIssuer keyed, Optional<KeyStatus> status, Moment moment) {
        JsonArray findings = new JsonArray();
        Optional.ofNullable(moment.files().get(keyed.issuer().certificate().hash()))
                .ifPresent(findings::addAll);
        status.map(here -> FindingList.json(SignerFindings.ofKey(here, signatures.apply(keyed), isOnToken(keyed))))
                .ifPresent(findings::addAll);
        return findings;
    }

    private static String hash(Issuer issuer) {
        return issuer.certificate().hash().hex();
    }

    private static String text(IssuingRule rule) {
        StringBuilder text = new StringBuilder("all");
        rule.from().ifPresent(from -> text.append(" from ").append(from));
        if (!rule.provisioners().isEmpty()) {
            text.append(" of ").append(new TreeSet<>(rule.provisioners()));
        }
        if (!rule.keyTypes().isEmpty()) {
            text.append(" for ").append(new TreeSet<>(rule.keyTypes()));
        }
        return text.toString();
    }

    /** How many nodes the configuration names; 0 when it does not say. */
    private static int configuredMembers(LoadedConfig config) {
        int named = config.files()
                .chancery()
                .cluster()
                .map(cluster -> Math.max(cluster.size(), cluster.members().size()))
                .orElse(0);
        return named > 1 ? named : 0; // one name may stand for all of them
    }
}
