package io.chancery.cli.ceremony;

import io.chancery.cli.UsageException;
import io.chancery.cli.ceremony.CeremonyPlan.Authority;
import io.chancery.cli.ceremony.CeremonyPlan.KeyPlan;
import io.chancery.signer.admin.SoftHsmFolder;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.HsmException;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Copies the token of an authority whose backup is a clone. */
final class CloneStep implements CeremonyStep {
    private final Authority authority;
    private final KeyPlan place;
    private final Workshop workshop;

    CloneStep(Authority authority, KeyPlan place, Workshop workshop) {
        this.authority = authority;
        this.place = place;
        this.workshop = workshop;
    }

    @Override
    public String what() {
        return "copy the token of " + authority.name();
    }

    @Override
    public Map<String, String> facts() throws UsageException {
        Map<String, String> facts = new LinkedHashMap<>();
        try (TokenSession session = workshop.open(place)) {
            if (!SoftHsmFolder.isSoftHsm(session.module())) {
                throw HsmException.misconfigured(
                        "the token of " + authority.name() + " is cloned with the tool of "
                                + session.module().info().manufacturer()
                                + ", which alone can; write backup: none into the plan, and the cloning into your own protocol");
            }
            facts.put("token serial", session.token().slot().serial());
        }
        return facts;
    }

    @Override
    public JsonObject run() throws UsageException {
        Path copy = SoftHsmFolder.copy(
                Workshop.uri(place), workshop.pin(place), workshop.folder().resolve(authority.name() + "-clone"));
        return new JsonObject()
                .put("authority", authority.name())
                .put("folder", copy.getFileName().toString());
    }
}
