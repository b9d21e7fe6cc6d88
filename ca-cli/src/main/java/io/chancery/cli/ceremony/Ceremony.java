package io.chancery.cli.ceremony;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.ceremony.CeremonyPlan.Authority;
import io.chancery.cli.ceremony.CeremonyPlan.KeyPlan;
import io.chancery.cli.ceremony.CeremonyPlan.Person;
import io.chancery.core.der.Der;
import io.chancery.signer.admin.HsmModule;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.TokenSlot;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Follows a plan: each step is shown, confirmed by as many people as the plan names, done, and recorded. */
final class Ceremony {
    private static final FileAttribute<Set<PosixFilePermission>> OF_ITS_OWNER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final CeremonyPlan plan;
    private final Confirming confirming;
    private final Surroundings surroundings;
    private final Workshop workshop;
    private final Transcript transcript;

    Ceremony(CeremonyPlan plan, Path folder, Confirming confirming, Surroundings surroundings) {
        this.plan = plan;
        this.confirming = confirming;
        this.surroundings = surroundings;
        this.workshop = new Workshop(folder, surroundings);
        this.transcript = new Transcript(plan, folder);
    }

    /** What breaks off leaves its steps in the transcript, without the closing one, and says what else it leaves. */
    void run() throws UsageException, IOException, GeneralSecurityException {
        try (workshop) {
            refuseSharedTokens();
            LookAhead.run(plan, workshop);
            // Not before: whatever they find, the same command goes on once that is mended.
            Path unused = Files.createDirectories(workshop.folder(), OF_ITS_OWNER);
            runSteps();
        }
    }

    private void runSteps() throws UsageException, IOException, GeneralSecurityException {
        LeftBehind left = workshop.leftBehind();
        left.begin();
        try {
            for (CeremonyStep step : steps()) {
                run(step);
            }
            run(new Closing());
        } catch (UsageException | IOException | GeneralSecurityException | RuntimeException e) {
            left.tell();
            throw e;
        }
        left.closed();
    }

    private List<CeremonyStep> steps() {
        List<CeremonyStep> steps = new ArrayList<>();
        for (Authority authority : plan.authorities()) {
            authority.place().ifPresent(place -> steps.add(new KeyStep(authority, place, workshop)));
            if (authority.isSignedElsewhere()) {
                authority.place().ifPresent(place -> steps.add(new RequestStep(authority, place, workshop)));
            } else {
                steps.add(new CertificateStep(authority, authority.issuer().map(plan::authority), workshop));
            }
        }
        // Last, so that certificates are on the copies too.
        for (Authority authority : plan.authorities()) {
            authority
                    .place()
                    .filter(KeyPlan::cloned)
                    .ifPresent(place -> steps.add(new CloneStep(authority, place, plan.cloneTool(), workshop)));
        }
        return steps;
    }

    private void run(CeremonyStep step) throws UsageException, IOException, GeneralSecurityException {
        String intent = transcript.intent(step.what(), step.facts());
        surroundings.err().println();
        surroundings.err().print(intent);
        JsonArray confirmations = confirmations(intent);
        JsonObject result = step.run();
        transcript.done(
                step.what(),
                intent,
                confirmations,
                result,
                surroundings.clock().instant().toString());
        surroundings.err().println("done: " + result.encode());
    }

    /** Of the first who are here. */
    private JsonArray confirmations(String intent) throws UsageException {
        JsonArray confirmations = new JsonArray();
        int left = plan.people().size();
        for (Person person : plan.people()) {
            if (confirmations.size() == plan.needed()) {
                break;
            }
            Optional<byte[]> signature = confirming.confirm(person, intent);
            if (signature.isPresent()) {
                confirmations.add(confirmed(person, intent, signature.get()));
            }
            left--;
            if (confirmations.size() + left < plan.needed()) {
                throw new UsageException(person.name() + " is not here, and fewer than the " + plan.needed()
                        + " who must confirm are left; the ceremony ends here. What was done until now is in the"
                        + " transcript");
            }
        }
        return confirmations;
    }

    private static JsonObject confirmed(Person person, String intent, byte[] signature) throws UsageException {
        if (!ManagedKey.verifies(person.key(), Der.of(intent.getBytes(StandardCharsets.UTF_8)), Der.of(signature))) {
            throw new UsageException("the signature for " + person.name()
                    + " is not by the key that the plan names for them; the ceremony ends here");
        }
        return new JsonObject()
                .put("person", person.name())
                .put("signature", Base64.getEncoder().encodeToString(signature));
    }

    /** A root beside what it issues goes online with it. */
    private void refuseSharedTokens() {
        if (plan.sameToken()) {
            return;
        }
        for (Authority root : plan.authorities()) {
            for (Authority other : plan.authorities()) {
                Optional<TokenSlot> token = token(root);
                if (root.isRoot()
                        && !other.isRoot()
                        && token.isPresent()
                        && token.map(TokenSlot::identity).equals(token(other).map(TokenSlot::identity))) {
                    throw HsmException.misconfigured("the plan has the root " + root.name() + " and " + other.name()
                            + " on one token (" + token.get().label() + ", serial "
                            + token.get().serial() + "); use two, or write sameToken: allowed into the plan");
                }
            }
        }
    }

    private static Optional<TokenSlot> token(Authority authority) {
        return authority
                .place()
                .map(place -> HsmModule.open(Workshop.uri(place).modulePath())
                        .token(Workshop.uri(place))
                        .slot());
    }

    /** Does nothing but be signed: over the hash of all steps, their results with them. */
    private static final class Closing implements CeremonyStep {
        @Override
        public String what() {
            return Transcript.CLOSING;
        }

        @Override
        public Map<String, String> facts() {
            return Map.of("confirmed", "all steps above and their results");
        }

        @Override
        public JsonObject run() {
            return new JsonObject();
        }
    }
}
