package io.chancery.cli.ceremony;

import io.chancery.cli.UsageException;
import io.chancery.cli.ceremony.CeremonyPlan.Authority;
import io.chancery.cli.ceremony.CeremonyPlan.KeyPlan;
import io.chancery.cli.hsm.SignIntermediateCommand;
import io.chancery.signer.admin.KeyImport;
import io.chancery.signer.admin.KeyMaker;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;

/**
 * Sees before the first step of a ceremony whether the last ones can be done: each token takes its PIN, no key of a new
 * one's name is there, each token can do what its key is for, requests can be read, and what is to be copied can be. A
 * ceremony that breaks off has to begin again, with new keys.
 */
final class LookAhead {
    private final CeremonyPlan plan;
    private final Workshop workshop;
    private final Set<String> names = new HashSet<>();

    private LookAhead(CeremonyPlan plan, Workshop workshop) {
        this.plan = plan;
        this.workshop = workshop;
    }

    /** Each PIN is tried once. HsmException or UsageException say what the ceremony would have met. */
    static void run(CeremonyPlan plan, Workshop workshop) throws UsageException {
        LookAhead look = new LookAhead(plan, workshop);
        for (Authority authority : plan.authorities()) {
            if (authority.request().isPresent()) {
                Object unused =
                        SignIntermediateCommand.request(authority.request().get());
            }
            if (authority.place().isPresent()) {
                look.at(authority, authority.place().get());
            }
        }
    }

    private void at(Authority authority, KeyPlan place) throws UsageException {
        try (TokenSession session = workshop.open(place)) {
            Pkcs11Uri uri = Workshop.uri(place);
            String token = session.token().slot().identity();
            if (uri.object().isPresent()) {
                refuseTaken(
                        session,
                        token,
                        "object=" + Pkcs11Uri.encoded(uri.object().get()));
            }
            if (uri.id().isPresent()) {
                refuseTaken(
                        session,
                        token,
                        "id=" + HexFormat.of().formatHex(uri.id().get().bytes()));
            }
            session.refuseUnable(place.scheme().orElse(place.algorithm().scheme()));
            if (place.shares().isPresent()) {
                KeyImport.refuseUnable(session);
            } else {
                KeyMaker.refuseUnable(session, place.algorithm());
            }
            if (place.cloned()) {
                refuseUncloneable(authority, session);
            }
        }
    }

    private void refuseTaken(TokenSession session, String token, String name) {
        boolean there = !session.keys(Pkcs11Uri.parse("pkcs11:" + name)).isEmpty();
        if (there || !names.add(token + ";" + name)) {
            throw HsmException.misconfigured("token " + session.token().slot().label()
                    + (there ? " has a key " : " would get two keys ") + name + (there ? " already" : "")
                    + "; a new key gets a new name"
                    + (there
                            ? ". If a ceremony that broke off has left it: " + LeftBehind.FILE + " in that one's folder"
                                    + " has the command that deletes it"
                            : ""));
        }
    }

    private void refuseUncloneable(Authority authority, TokenSession session) {
        if (plan.cloneTool().isEmpty()) {
            CloneStep.refuseWithoutTool(authority, session);
            return;
        }
        Path tool = plan.cloneTool().get();
        if (!Files.isExecutable(tool)) {
            throw HsmException.misconfigured("cloneTool: " + tool + " is no program that can be run");
        }
    }
}
