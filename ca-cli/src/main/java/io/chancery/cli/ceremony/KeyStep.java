package io.chancery.cli.ceremony;

import io.chancery.cli.UsageException;
import io.chancery.cli.ceremony.CeremonyPlan.Authority;
import io.chancery.cli.ceremony.CeremonyPlan.KeyPlan;
import io.chancery.cli.hsm.SharedKey;
import io.chancery.core.der.Sha256;
import io.chancery.signer.admin.KeyMaker;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes an authority's key on its token, or, if it is to have shares, outside and imports it. */
final class KeyStep implements CeremonyStep {
    /** How the origin of a key begins that is not made on the token. */
    static final String OUTSIDE = "outside";

    private final Authority authority;
    private final KeyPlan place;
    private final Workshop workshop;

    KeyStep(Authority authority, KeyPlan place, Workshop workshop) {
        this.authority = authority;
        this.place = place;
        this.workshop = workshop;
    }

    @Override
    public String what() {
        return what(authority.name());
    }

    static String made(boolean shares) {
        return shares ? OUTSIDE + ", and imported: it has shares" : "on the token";
    }

    static String what(String name) {
        return "make the key of " + name;
    }

    @Override
    public Map<String, String> facts() throws UsageException {
        try (TokenSession session = workshop.open(place)) {
            // Before there is a key that cannot do its work.
            session.refuseUnable(place.scheme().orElse(place.algorithm().scheme()));
            Map<String, String> facts = new LinkedHashMap<>();
            facts.put("algorithm", place.algorithm().toString());
            place.scheme().ifPresent(scheme -> facts.put("signature algorithm", scheme.text()));
            facts.put("token", session.token().slot().label());
            facts.put("token serial", session.token().slot().serial());
            facts.put("object", Workshop.uri(place).object().orElseThrow());
            facts.put("backup", place.backup());
            facts.put("made", made(place.shares().isPresent()));
            return facts;
        }
    }

    @Override
    public JsonObject run() throws UsageException, IOException {
        try (TokenSession session = workshop.open(place)) {
            Pkcs11Uri uri = workshop.newKey(place);
            ManagedKey key = place.shares().isPresent()
                    ? SharedKey.make(
                            session,
                            uri,
                            place.algorithm(),
                            place.shares().get().toString(),
                            shares(),
                            workshop.surroundings())
                    : KeyMaker.generate(session, uri, place.algorithm());
            JsonObject made = new JsonObject()
                    .put("authority", authority.name())
                    .put("tokenLabel", session.token().slot().label())
                    .put("tokenSerial", session.token().slot().serial())
                    .put("object", key.label())
                    .put("id", key.idHex())
                    .put(
                            "publicKeySha256",
                            Sha256.digest(key.publicKey().getEncoded()).hex())
                    .put(
                            "attributes",
                            new JsonObject(new LinkedHashMap<>(key.attributes().asMap())))
                    .put("imported", key.attributes().imported())
                    .put("backup", place.backup());
            return place.shares().isPresent()
                    ? made.put("backupFiles", MadeFiles.hashes(workshop.folder(), shares()))
                    : made;
        }
    }

    private Path shares() {
        return workshop.folder().resolve(authority.name() + "-shares");
    }
}
