package io.chancery.cli.start;

import io.chancery.cluster.members.ClusterMembers;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.der.Sha256;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.IssuingRule;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.key.KeyStatus;
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

    /** @param keys how the key of an issuer is in this process; empty when it is not here */
    NodeCheckUp(ClusterMembers members, Function<KeyedIssuer, Optional<KeyStatus>> keys) {
        this.members = members;
        this.keys = keys;
    }

    /**
     * @param issuing the issuer that signs at this moment; empty for a node without the API
     * @param cannotIssue why a node with the API cannot issue
     * @param busEnd of this node's bus certificate
     * @param tokens what was found out of the tokens with issuers' keys, by the hash of the issuer's certificate
     */
    record Moment(
            Instant now,
            Optional<Issuer> issuing,
            Optional<String> cannotIssue,
            Optional<Instant> busEnd,
            Map<Sha256, JsonObject> tokens) {}

    /** Where to look for what {@link Moment#tokens} wants: at keys that sign now, since others may wait for a PIN. */
    List<OwnTokens.Place> tokens(LoadedConfig config) {
        List<OwnTokens.Place> places = new ArrayList<>();
        for (KeyedIssuer keyed : config.issuers().all()) {
            if (isOnToken(keyed) && keys.apply(keyed).filter(KeyStatus::canSign).isPresent()) {
                KeyedIssuer.KeyPlace key = keyed.key().orElseThrow();
                places.add(new OwnTokens.Place(
                        keyed.issuer().certificate().hash(),
                        Pkcs11Uri.of(key.reference(), key.kmsUri()),
                        SigningKeys.signaturesAtOnce(
                                key.reference(),
                                key.kmsUri(),
                                config.files().chancery().limits().pkcs11Sessions())));
            }
        }
        return places;
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
                .put("token", moment.tokens().get(issuer.certificate().hash()));
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
