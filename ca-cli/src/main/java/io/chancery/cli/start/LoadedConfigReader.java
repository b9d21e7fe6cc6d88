package io.chancery.cli.start;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cluster.mtls.BusFilesException;
import io.chancery.cluster.mtls.BusIdentity;
import io.chancery.core.certificate.ServerCertificateProfile;
import io.chancery.core.config.CaConfigReader;
import io.chancery.core.config.ChanceryConfig;
import io.chancery.core.config.ConfigProblem;
import io.chancery.core.config.ProvisionerNames;
import io.chancery.core.config.ProvisionerProblems;
import io.chancery.core.config.ProvisionerWarnings;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.error.CaException;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.issuer.IssuingRule;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.template.TemplateSources;
import io.chancery.node.crypto.CryptoProviders;
import io.chancery.node.webhook.WebhookSecrets;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Reads what both files name, each file once, and sees whether it fits together: a configuration that can be used, or all
 * that a start would stop at, since each is looked at by itself as far as it can be. Waits for the disk.
 */
final class LoadedConfigReader {
    private static final String CA_JSON = "ca.json";
    private static final String CHANCERY_JSON = "chancery.json";
    private final ConfigReading.Draft draft;
    private final Ca.Role role;
    private final Surroundings surroundings;
    private final ConfigFiles files;
    private final List<ConfigProblem> found;
    private final Optional<KeyCheck> fits;

    /**
     * @param found takes what is wrong
     * @param fits opens the keys besides, where nobody else will
     */
    LoadedConfigReader(
            ConfigReading.Draft draft,
            List<ConfigProblem> found,
            Ca.Role role,
            Optional<KeyCheck> fits,
            Surroundings surroundings) {
        this.draft = draft;
        this.found = found;
        this.role = role;
        this.fits = fits;
        this.surroundings = surroundings;
        this.files = draft.files();
    }

    /**
     * For a process of that role; empty when something is wrong.
     *
     * @param running whether it has its keys and its place in the cluster, so that nobody looks for those
     */
    Optional<LoadedConfig> read(boolean running) {
        CertificateFiles.OfCaJson certificates =
                CertificateFiles.read(files.ca().pki(), role != Ca.Role.signer, found::add);
        IssuerFiles.Legible issuers = IssuerFiles.read(files, certificates);
        found.addAll(issuers.problems());
        if (issuers.problems().isEmpty() && issuers.standing().isPresent()) {
            distinct(issuers.whole());
            givenUp(issuers);
        }
        Optional<LoadedConfig.Served> served = Optional.empty();
        if (role != Ca.Role.signer) {
            served = Optional.of(served(certificates.federatedRoots()));
            serverNames(issuers);
        }
        if (role != Ca.Role.api) {
            Optional<ChanceryConfig.IssuerEntry> withKey = files.entryWithIssuersKey();
            withKey.ifPresent(this::keyInTwoPlaces);
            if (running) {
                passwords(issuers);
            } else {
                keys(issuers, withKey);
            }
        }
        Optional<BusIdentity> bus = running ? Optional.empty() : cluster();
        return found.stream().anyMatch(problem -> problem.severity() == ConfigProblem.Severity.ERROR)
                ? Optional.empty()
                : Optional.of(new LoadedConfig(files, certificates.roots(), issuers.whole(), served, bus));
    }

    private void distinct(IssuerFiles.Found issuers) {
        try {
            Issuers unused = issuers.with(key -> true);
        } catch (IllegalArgumentException e) {
            found.add(ConfigProblem.error(
                    CHANCERY_JSON,
                    "/issuers",
                    String.valueOf(e.getMessage()),
                    "issuers that each have a name, a subject and a key of their own"));
        }
    }

    /** What signs, or signed, for this CA by the one member, and is believed by nobody by the other. */
    private void givenUp(IssuerFiles.Legible issuers) {
        Stream.concat(issuers.standing().stream(), issuers.listed().values().stream())
                .map(KeyedIssuer::issuer)
                .distinct()
                .filter(issuer -> files.chancery()
                        .abandonedIssuers()
                        .has(issuer.certificate().certificate()))
                .forEach(issuer -> found.add(ConfigProblem.error(
                        CHANCERY_JSON,
                        "/abandonedIssuers",
                        "the key of " + issuer.name() + ", which is an issuer of this configuration",
                        "keys of former issuers; take it out of issuers, or of this list")));
    }

    private LoadedConfig.Served served(List<X509Certificate> federatedRoots) {
        PublicKeys keys = new PublicKeys(CryptoProviders.choose());
        Provisioners provisioners = provisioners(keys);
        WebhookSecrets webhooks = new WebhookSecrets(Map.of());
        if (draft.knowsProvisioners()) {
            if (!draft.standsIn(CA_JSON, "/authority/claims")) { // theirs may be out of order with stand-ins alone
                found.addAll(ProvisionerWarnings.refusing(CA_JSON, files.ca(), provisioners, draft.known()));
            }
            if (!draft.standsIn(CHANCERY_JSON, "/keyRules")) {
                found.addAll(ProvisionerWarnings.makingCas(CA_JSON, files.ca(), files.chancery(), provisioners));
            }
            found.addAll(ProvisionerNames.checkIssuers(CHANCERY_JSON, files.ca(), files.chancery()));
            webhooks = WebhookFiles.read(
                    files.chancery().provisioners(),
                    files.ca().authority().provisioners(),
                    provisioners::webhooks,
                    found::add);
        }
        return new LoadedConfig.Served(federatedRoots, keys, provisioners, webhooks);
    }

    private Provisioners provisioners(PublicKeys keys) {
        List<Map<String, Object>> raw = files.ca().authority().provisioners();
        Map<String, String> texts = new HashMap<>();
        Set<String> unread = new HashSet<>();
        for (int i = 0; i < raw.size(); i++) {
            for (String name : Provisioners.templateFiles(List.of(raw.get(i)))) {
                try {
                    if (!texts.containsKey(name)) { // several provisioners may share one
                        texts.put(name, TemplateFiles.read(name, System.getenv()));
                    }
                } catch (UsageException e) {
                    String pointer = "/authority/provisioners/" + i + "/options/x509/templateFile";
                    unread.add(pointer);
                    found.add(ConfigProblem.error(
                            CA_JSON, pointer, String.valueOf(e.getMessage()), "a text file of at most 1 MiB"));
                }
            }
        }
        return Provisioners.read(
                raw,
                files.ca().authority().claims(),
                keys,
                new TemplateSources(texts, computed(), surroundings.random()::nextLong),
                unusable -> {
                    ConfigProblem problem = ProvisionerProblems.of(CA_JSON, unusable);
                    if (!unread.contains(problem.pointer())) {
                        found.add(problem);
                    }
                });
    }

    /** What the thread itself has computed: no template pays for a machine that is busy with something else. */
    private static LongSupplier computed() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return threads.isCurrentThreadCpuTimeSupported() && threads.isThreadCpuTimeEnabled()
                ? threads::getCurrentThreadCpuTime
                : System::nanoTime;
    }

    /** Where the issuer that signs for the server may not have its names there is no certificate to open the API port with. */
    private void serverNames(IssuerFiles.Legible issuers) {
        boolean anotherIsUnread =
                files.chancery().issuers().size() > issuers.listed().size();
        if (draft.standsIn(CA_JSON, "/dnsNames") || issuers.standing().isEmpty() || anotherIsUnread) {
            return;
        }
        List<SubjectAltName> names =
                ServerCertificateProfile.names(files.ca().listeners().dnsNames());
        for (Issuer issuer : signingForTheServer(issuers)) {
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
    private List<Issuer> signingForTheServer(IssuerFiles.Legible issuers) {
        Instant now = surroundings.clock().instant();
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
        signing.add(issuers.standing().orElseThrow().issuer());
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

    /** Who reads one of them alone might take a key for the one that signs that is not. */
    private void keyInTwoPlaces(ChanceryConfig.IssuerEntry entry) {
        if (draft.whole() && !files.keyPlace(entry, true).orElseThrow().mayBe(files.standingPlace())) {
            found.add(new ConfigProblem(
                    CHANCERY_JSON,
                    files.pointerToKey(entry),
                    "another place for the key of ca.json's issuer than "
                            + (files.chancery().kms().key().isPresent() ? "#/kms/key" : "ca.json#/key")
                            + "; it is this one that signs",
                    "the same one in both",
                    ConfigProblem.Severity.WARNING));
        }
    }

    /** @param withKey the one that says where the key of ca.json's issuer is */
    private void keys(IssuerFiles.Legible issuers, Optional<ChanceryConfig.IssuerEntry> withKey) {
        if (draft.whole() && !placeStandsIn()) { // chancery.json may have another place for ca.json's
            boolean own = withKey.isPresent() || files.chancery().kms().key().isPresent();
            String pointer = withKey.map(files::pointerToKey).orElse(own ? "/kms/key" : "/key");
            key(own ? CHANCERY_JSON : CA_JSON, pointer, () -> {
                KeyPassword.checkReadable(files.issuerKey());
                if (issuers.standing().filter(KeyedIssuer::hasKeyOfCaJson).isPresent()) {
                    look(issuers.standing().get());
                }
            });
        }
        issuers.listed().forEach((index, issuer) -> {
            if (!issuer.hasKeyOfCaJson()) {
                key(CHANCERY_JSON, "/issuers/" + index + "/key", () -> look(issuer));
            }
        });
    }

    /** The signer of a former configuration goes on with a key that the next start could not open. */
    private void passwords(IssuerFiles.Legible issuers) {
        issuers.listed().forEach((index, issuer) -> {
            Optional<KeyedIssuer.KeyPlace> file = issuer.key()
                    .filter(place -> !CaConfigReader.isUri(place.reference()))
                    .filter(place -> Files.isReadable(Path.of(place.reference())));
            if (file.isPresent()) {
                key(CHANCERY_JSON, "/issuers/" + index + "/key", () -> OwnSigners.checkPassword(issuer));
            }
        });
    }

    /** Whether chancery.json has, or may have, a place for the key of ca.json's issuer that cannot be read. */
    private boolean placeStandsIn() {
        return draft.standsIn(CHANCERY_JSON, "/kms/key")
                || IntStream.range(0, files.chancery().issuers().size())
                        .anyMatch(i -> draft.standsIn(CHANCERY_JSON, "/issuers/" + i + "/key"));
    }

    private void look(KeyedIssuer issuer) throws UsageException {
        OwnSigners.check(issuer);
        if (fits.isPresent()) {
            fits.get().check(issuer, files.ca().password());
        }
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

    private Optional<BusIdentity> cluster() {
        if (role != Ca.Role.all && files.chancery().cluster().isEmpty()) {
            found.add(ConfigProblem.error(
                    CHANCERY_JSON,
                    "/cluster",
                    "nothing, and --role " + role + " needs other nodes",
                    "this node's place among them; chancery cluster init makes it"));
        }
        if (!draft.standsIn(CA_JSON, "/db")) {
            noSecondApiNode();
        }
        try {
            return files.chancery().cluster().isPresent()
                    ? Optional.of(BusIdentity.read(files.chancery().cluster().get()))
                    : Optional.empty();
        } catch (BusFilesException e) {
            found.add(ConfigProblem.error(
                    CHANCERY_JSON,
                    "/cluster",
                    String.valueOf(e.getMessage()),
                    "the files that chancery cluster init made for this node"));
            return Optional.empty();
        }
    }

    /** Two stores that do not know of each other would each take the same token once. */
    private void noSecondApiNode() {
        Optional<ChanceryConfig.Cluster> cluster = files.chancery().cluster();
        if (role == Ca.Role.signer
                || cluster.isEmpty()
                || files.ca().db().postgres().isPresent()) {
            return;
        }
        String self = cluster.get().node();
        Optional<String> apiNode = cluster.get().apiNode();
        if (apiNode.isEmpty()) {
            found.add(ConfigProblem.error(
                    CHANCERY_JSON,
                    "/cluster/apiNode",
                    "nothing, and no PostgreSQL in ca.json (\"db\")",
                    "the name of the node that has the API and the store: with SQLite there is one"));
        } else if (!apiNode.get().equals(self)) {
            found.add(ConfigProblem.error(
                    CHANCERY_JSON,
                    "/cluster/apiNode",
                    apiNode.get() + ", which is not this node (" + self + ")",
                    "this one, since with SQLite one node has the API and the store; start others with --role signer"));
        }
    }
}
