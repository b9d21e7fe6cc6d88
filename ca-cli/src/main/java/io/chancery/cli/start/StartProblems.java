package io.chancery.cli.start;

import io.chancery.cli.UsageException;
import io.chancery.cluster.mtls.BusIdentity;
import io.chancery.core.certificate.ServerCertificateProfile;
import io.chancery.core.config.ConfigProblem;
import io.chancery.core.config.ProvisionerNames;
import io.chancery.core.config.ProvisionerProblems;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.error.CaException;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.issuer.IssuingRule;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.template.TemplateSources;
import io.chancery.node.crypto.CryptoProviders;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a start would stop at besides the text of both files: files that they name, and what does not fit together. Each is
 * looked at by itself as far as it can be, so that all of it is told at once. Waits for the disk.
 */
final class StartProblems {
    private static final String CA_JSON = "ca.json";
    private final ConfigReading.Draft draft;
    private final Instant now;
    private final ConfigFiles files;
    private final IssuerFiles.Legible issuers;
    private final List<ConfigProblem> found = new ArrayList<>();

    private StartProblems(ConfigReading.Draft draft, Instant now) {
        this.draft = draft;
        this.now = now;
        this.files = draft.files();
        this.issuers = IssuerFiles.legible(files);
    }

    /** Those of a start in that role. */
    static List<ConfigProblem> of(ConfigReading.Draft draft, Ca.Role role, Instant now) {
        StartProblems problems = new StartProblems(draft, now);
        problems.look(role);
        if (role != Ca.Role.api) {
            problems.keys();
        }
        problems.cluster(role);
        return List.copyOf(problems.found);
    }

    /** As above, of what a running process takes up: its keys and its place in the cluster are there. */
    static List<ConfigProblem> whileRunning(ConfigReading.Draft draft, Ca.Role role, Instant now) {
        StartProblems problems = new StartProblems(draft, now);
        problems.look(role);
        return List.copyOf(problems.found);
    }

    private void look(Ca.Role role) {
        found.addAll(CertificateFiles.check(files.ca().pki(), role != Ca.Role.signer));
        found.addAll(issuers.problems());
        if (issuers.problems().isEmpty() && issuers.standing().isPresent()) {
            distinct(issuers.standing().get());
        }
        if (role != Ca.Role.signer) {
            provisioners();
            if (draft.knowsProvisioners()) {
                found.addAll(ProvisionerNames.checkIssuers("chancery.json", files.ca(), files.chancery()));
                found.addAll(WebhookFiles.check(
                        files.chancery().provisioners(), files.ca().authority().provisioners()));
            }
            serverNames();
        }
    }

    private void distinct(KeyedIssuer standing) {
        try {
            Issuers unused = Issuers.of(
                    issuers.listed().values().stream().map(KeyedIssuer::issuer).toList(),
                    standing.issuer(),
                    key -> true);
        } catch (IllegalArgumentException e) {
            found.add(ConfigProblem.error(
                    "chancery.json", "/issuers", String.valueOf(e.getMessage()), LoadedConfig.DISTINCT));
        }
    }

    private void provisioners() {
        List<Map<String, Object>> raw = files.ca().authority().provisioners();
        Map<String, String> texts = new HashMap<>();
        Set<String> unread = new HashSet<>();
        for (int i = 0; i < raw.size(); i++) {
            for (String name : Provisioners.templateFiles(List.of(raw.get(i)))) {
                try {
                    texts.put(name, TemplateFiles.read(name));
                } catch (UsageException e) {
                    String pointer = "/authority/provisioners/" + i + "/options/x509/templateFile";
                    unread.add(pointer);
                    found.add(ConfigProblem.error(
                            CA_JSON, pointer, String.valueOf(e.getMessage()), "a text file of at most 1 MiB"));
                }
            }
        }
        ProvisionerProblems.check(
                        CA_JSON,
                        files.ca(),
                        new PublicKeys(CryptoProviders.choose()),
                        new TemplateSources(texts, System::nanoTime, bound -> 0))
                .stream()
                .filter(problem -> !unread.contains(problem.pointer()))
                .forEach(found::add);
    }

    /** Where the issuer that signs for the server may not have its names there is no certificate to open the API port with. */
    private void serverNames() {
        boolean anotherIsUnread =
                files.chancery().issuers().size() > issuers.listed().size();
        if (draft.standsIn(CA_JSON, "/dnsNames") || issuers.standing().isEmpty() || anotherIsUnread) {
            return;
        }
        List<SubjectAltName> names =
                ServerCertificateProfile.names(files.ca().listeners().dnsNames());
        for (Issuer issuer : signingForTheServer(issuers.standing().get().issuer())) {
            forbidden(issuer, names)
                    .ifPresent(why -> found.add(ConfigProblem.error(
                            CA_JSON,
                            "/dnsNames",
                            why + ", so the server can have no certificate by issuer " + issuer.name(),
                            "names that the chain of this issuer permits, or another issuer for certificates of no"
                                    + " provisioner, before it in chancery.json")));
        }
    }

    /** The one that signs for the server now, and those that will, unless no signer answers for it. */
    private List<Issuer> signingForTheServer(Issuer standing) {
        List<Issuer> signing = new ArrayList<>();
        for (KeyedIssuer listed : issuers.listed().values()) {
            Optional<IssuingRule> rule = listed.issuer().rule().filter(IssuingRule::coversServer);
            if (rule.isPresent()) {
                signing.add(listed.issuer());
                if (!rule.get().from().filter(now::isBefore).isPresent()) {
                    return signing; // those behind it never have their turn
                }
            }
        }
        signing.add(standing);
        return signing;
    }

    private static Optional<String> forbidden(Issuer issuer, List<SubjectAltName> names) {
        try {
            issuer.constraints().check(names);
            return Optional.empty();
        } catch (CaException e) {
            return Optional.of(e.publicDetail());
        }
    }

    private void keys() {
        if (draft.whole()) { // chancery.json may have another place for ca.json's
            boolean own = files.chancery().kms().key().isPresent();
            key(own ? "chancery.json" : CA_JSON, own ? "/kms/key" : "/key", () -> {
                KeyPassword.checkReadable(files.issuerKey());
                if (issuers.standing().isPresent()) {
                    OwnSigners.check(issuers.standing().get());
                }
            });
        }
        issuers.listed().forEach((index, issuer) -> {
            if (!issuers.standing().filter(issuer::equals).isPresent()) {
                key("chancery.json", "/issuers/" + index + "/key", () -> OwnSigners.check(issuer));
            }
        });
    }

    /** Looks at something that says what is wrong with it. */
    private interface Look {
        void at() throws UsageException;
    }

    private void key(String file, String pointer, Look look) {
        try {
            look.at();
        } catch (UsageException e) {
            found.add(ConfigProblem.error(
                    file,
                    pointer,
                    String.valueOf(e.getMessage()),
                    "a file with the issuer's key, readable as its password's file is, or a pkcs11: URI"));
        }
    }

    private void cluster(Ca.Role role) {
        if (!draft.standsIn(CA_JSON, "/db")) {
            note(() -> Ca.refuseASecondApiNode(files, role));
        }
        note(() -> {
            Optional<BusIdentity> unused = Ca.busIdentity(files.chancery());
        });
    }

    /** As {@link Look}, of what knows its place. */
    private interface PlacedLook {
        void at() throws ConfigException;
    }

    private void note(PlacedLook look) {
        try {
            look.at();
        } catch (ConfigException e) {
            found.add(e.problem());
        }
    }
}
