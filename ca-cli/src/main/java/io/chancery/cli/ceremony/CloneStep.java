package io.chancery.cli.ceremony;

import io.chancery.cli.UsageException;
import io.chancery.cli.ceremony.CeremonyPlan.Authority;
import io.chancery.cli.ceremony.CeremonyPlan.KeyPlan;
import io.chancery.cli.hsm.VendorClone;
import io.chancery.core.der.Sha256;
import io.chancery.signer.admin.HsmModule;
import io.chancery.signer.admin.SoftHsmFolder;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.HsmException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Copies the token of an authority whose backup is a clone. */
final class CloneStep implements CeremonyStep {
    private final Authority authority;
    private final KeyPlan place;
    private final Optional<Path> tool;
    private final Workshop workshop;

    /**
     * @param tool the program that clones; without one, the token is SoftHSM's
     */
    CloneStep(Authority authority, KeyPlan place, Optional<Path> tool, Workshop workshop) {
        this.tool = tool;
        this.authority = authority;
        this.place = place;
        this.workshop = workshop;
    }

    @Override
    public String what() {
        return what(authority.name());
    }

    static String what(String name) {
        return "copy the token of " + name;
    }

    @Override
    public Map<String, String> facts() throws UsageException, IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        try (TokenSession session = workshop.open(place)) {
            if (tool.isEmpty()) {
                refuseWithoutTool(authority, session);
            }
            facts.put("token serial", session.token().slot().serial());
        }
        if (tool.isPresent()) {
            facts.put("by", tool.get().getFileName().toString());
            facts.put(
                    "program SHA-256",
                    Sha256.digest(Files.readAllBytes(tool.get())).hex());
        }
        return facts;
    }

    static void refuseWithoutTool(Authority authority, TokenSession session) {
        if (!SoftHsmFolder.isSoftHsm(session.module())) {
            throw HsmException.misconfigured("the token of " + authority.name() + " is cloned with the tool of "
                    + session.module().info().manufacturer()
                    + ", which alone can: put it into a program, and that into the plan as cloneTool");
        }
    }

    @Override
    public JsonObject run() throws UsageException, IOException {
        JsonObject result = new JsonObject().put("authority", authority.name());
        if (tool.isPresent()) {
            workshop.leftBehind().copy(authority, tool.get());
            VendorClone.run(
                    tool.get(), HsmModule.open(Workshop.uri(place).modulePath()).token(Workshop.uri(place)));
            return result.put("by", tool.get().getFileName().toString());
        }
        Path copy = SoftHsmFolder.copy(
                Workshop.uri(place), workshop.pin(place), workshop.folder().resolve(authority.name() + "-clone"));
        return result.put("folder", copy.getFileName().toString())
                .put("backupFiles", MadeFiles.hashes(workshop.folder(), copy));
    }
}
