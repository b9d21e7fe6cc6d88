package io.chancery.cli.ceremony;

import io.chancery.cli.UsageException;
import io.chancery.cli.ceremony.CeremonyPlan.Authority;
import io.chancery.cli.ceremony.CeremonyPlan.KeyPlan;
import io.chancery.cli.hsm.PemFiles;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.signer.admin.CaSigning;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.TokenSession;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes a request for a root that is offline: it goes out, and the certificate comes in by import-cert. */
final class RequestStep implements CeremonyStep {
    private final Authority authority;
    private final KeyPlan place;
    private final Workshop workshop;

    RequestStep(Authority authority, KeyPlan place, Workshop workshop) {
        this.authority = authority;
        this.place = place;
        this.workshop = workshop;
    }

    @Override
    public String what() {
        return what(authority.name());
    }

    static String what(String name) {
        return "write the request of " + name + " for a root elsewhere";
    }

    @Override
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("subject", authority.subject().toString());
        place.scheme().ifPresent(scheme -> facts.put("signature algorithm", scheme.text()));
        return facts;
    }

    @Override
    public JsonObject run() throws UsageException, IOException {
        try (TokenSession session = workshop.open(place)) {
            ManagedKey key = session.key(Workshop.uri(place));
            SignatureScheme scheme = place.scheme().orElseGet(() -> SignatureScheme.defaultFor(key.publicKey()));
            String pem = PemFiles.pem("CERTIFICATE REQUEST", CaSigning.request(key, authority.subject(), scheme));
            return workshop.file(authority.name() + ".csr", pem).put("authority", authority.name());
        }
    }
}
