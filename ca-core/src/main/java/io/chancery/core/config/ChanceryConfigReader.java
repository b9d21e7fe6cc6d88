package io.chancery.core.config;

import io.chancery.core.certificate.IssuerUrls;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.json.Json;
import io.chancery.core.lint.Lint;
import io.chancery.core.name.AddressRange;
import io.chancery.core.time.GoDuration;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads chancery.json. It is ours alone, so a member that nobody knows is an error, not a warning. */
public final class ChanceryConfigReader {
    private static final CaConfig.HostPort MANAGEMENT = new CaConfig.HostPort("127.0.0.1", 9090);
    private static final int IN_FLIGHT = 1_000;
    private static final int STORE_QUEUE = 1_000;
    private static final int SESSIONS = 4;
    private static final int MOST_NODES = 1_000;
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    /** Long enough for a balancer that looks every second and believes the second look. */
    private static final Duration DRAIN_IN_A_CLUSTER = Duration.ofSeconds(5);
    /** Nobody else would serve meanwhile. */
    private static final Duration DRAIN_ALONE = Duration.ZERO;

    private static final Duration LONGEST_DRAIN = Duration.ofMinutes(5);
    /** Whoever wants to see why a certificate was not renewed in the night finds it in the morning. */
    private static final Duration LEAST_KEPT = Duration.ofDays(1);

    private ChanceryConfigReader() {}

    /** What holds when there is no file. */
    public static ChanceryConfig defaults() {
        return read("chancery.json", "{}", Path.of(""))
                .config()
                .orElseThrow(() -> new IllegalStateException("an empty file has no problems"));
    }

    /**
     * @param file the file's name, for messages
     * @param folder what relative paths count from
     */
    public static ConfigResult<ChanceryConfig> read(String file, String json, Path folder) {
        Problems problems = new Problems(file);
        try {
            if (Json.parse(json) instanceof Map<?, ?> map) {
                @SuppressWarnings("unchecked") // JSON objects have string keys
                Node node = new Node(problems, "", (Map<String, @Nullable Object>) map);
                node.accept("$schema");
                ChanceryConfig config = new ChanceryConfig(
                        cluster(problems, node, folder),
                        keyRules(problems, node.object("keyRules")),
                        management(node.object("management")),
                        proxies(problems, node),
                        limits(problems, node.object("limits"), node.has("cluster")),
                        kms(node.object("kms"), folder),
                        store(problems, node.object("store"), folder),
                        certificates(problems, node.object("certificates")),
                        new ProvisionerSettingsReader(problems, folder).read(node.object("provisioners")),
                        IssuersReader.issuers(problems, node, folder),
                        IssuersReader.abandoned(problems, node));
                node.reportUnknown(true);
                return ConfigResult.of(problems.all(), config);
            }
            problems.error("", "no JSON object", "an object");
        } catch (IllegalArgumentException e) {
            problems.error("", String.valueOf(e.getMessage()), "an object");
        }
        return ConfigResult.nothing(problems.all());
    }

    private static Optional<ChanceryConfig.Cluster> cluster(Problems problems, Node root, Path folder) {
        if (!root.has("cluster")) {
            return Optional.empty();
        }
        Node node = root.object("cluster");
        String name = node.required("node", "this node's id: lower-case letters, digits and hyphens");
        if (!name.isEmpty() && !name.matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")) {
            problems.error("/cluster/node", Node.quoted(name), "1 to 63 lower-case letters, digits and inner hyphens");
        }
        List<String> members = node.texts("members");
        if (members.isEmpty()) {
            problems.error("/cluster/members", "nothing", "host:port of every node's Hazelcast");
        }
        String clusterName = node.required("name", "the cluster's name, the same on all nodes");
        Optional<String> apiNode = node.text("apiNode");
        CaConfig.HostPort hazelcast = address(problems, node, "hazelcast");
        CaConfig.HostPort bus = address(problems, node, "bus");
        ChanceryConfig.Cluster cluster = new ChanceryConfig.Cluster(
                name,
                clusterName,
                apiNode,
                members,
                node.integer("size", 1, MOST_NODES, 0),
                hazelcast,
                bus,
                file(node, "certificate", folder),
                file(node, "key", folder),
                file(node, "ca", folder));
        node.reportUnknown(true);
        return Optional.of(cluster);
    }

    private static CaConfig.HostPort address(Problems problems, Node node, String name) {
        String allowed = "host:port to listen on, such as \"10.0.0.1:5701\"";
        if (node.required(name, allowed).isEmpty()) {
            return new CaConfig.HostPort("", 0);
        }
        CaConfig.HostPort address = node.hostPort(name).orElse(new CaConfig.HostPort("-", 0));
        if (address.host().isEmpty()) {
            problems.error(
                    node.pointer(name), "no host", allowed + "; the host must be one that the other nodes reach");
        }
        return address;
    }

    private static Path file(Node node, String name, Path folder) {
        String text = node.required(name, "the path of a PEM file that chancery cluster init made");
        return node.toPath(node.pointer(name), text, folder).orElse(folder);
    }

    private static ChanceryConfig.KeyRules keyRules(Problems problems, Node node) {
        Optional<Duration> maxValidity = node.duration("maxValidity");
        if (maxValidity.filter(d -> d.isZero() || d.isNegative()).isPresent()) {
            problems.error(node.pointer("maxValidity"), GoDuration.print(maxValidity.get()), "more than 0s");
        }
        ChanceryConfig.KeyRules rules = new ChanceryConfig.KeyRules(
                maxValidity,
                node.flag("allowCa"),
                node.integer("maxPathLength", 0, 10, 0),
                node.flag("allowOcspSigning"));
        node.reportUnknown(true);
        return rules;
    }

    private static ChanceryConfig.Management management(Node node) {
        Optional<CaConfig.HostPort> address = node.hostPort("address");
        ChanceryConfig.Management management =
                new ChanceryConfig.Management(address.orElse(MANAGEMENT), address.isPresent());
        node.reportUnknown(true);
        return management;
    }

    /** Each is of no use without the other: a port that admits nobody, or names that nothing asks for. */
    private static ChanceryConfig.Proxies proxies(Problems problems, Node root) {
        Node listeners = root.object("listeners");
        Optional<CaConfig.HostPort> address = listeners.hostPort("proxyAddress");
        listeners.reportUnknown(true);
        List<String> texts = root.texts("trustedProxies");
        List<AddressRange> trusted = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            try {
                trusted.add(AddressRange.parse(texts.get(i)));
            } catch (IllegalArgumentException e) {
                problems.error("/trustedProxies/" + i, Node.quoted(texts.get(i)), String.valueOf(e.getMessage()));
            }
        }
        if (listeners.has("proxyAddress") && texts.isEmpty()) {
            problems.error(
                    "/trustedProxies", "nothing", "the addresses of the proxies that use listeners.proxyAddress");
        }
        if (!texts.isEmpty() && !listeners.has("proxyAddress")) {
            problems.error("/listeners/proxyAddress", "nothing", "the port for trustedProxies, such as \":9443\"");
        }
        return new ChanceryConfig.Proxies(address, trusted);
    }

    private static ChanceryConfig.Limits limits(Problems problems, Node node, boolean clustered) {
        Duration deadline = node.duration("requestDeadline").orElse(DEADLINE);
        if (deadline.compareTo(Duration.ofMillis(100)) < 0 || deadline.compareTo(Duration.ofMinutes(1)) > 0) {
            problems.error("/limits/requestDeadline", GoDuration.print(deadline), "from 100ms to 1m");
        }
        Duration drain = node.duration("drain").orElse(clustered ? DRAIN_IN_A_CLUSTER : DRAIN_ALONE);
        if (drain.isNegative() || drain.compareTo(LONGEST_DRAIN) > 0) {
            problems.error("/limits/drain", GoDuration.print(drain), "from 0s to 5m");
        }
        ChanceryConfig.Limits limits = new ChanceryConfig.Limits(
                node.integer("inFlight", 1, 100_000, IN_FLIGHT),
                node.integer("storeQueue", 1, 100_000, STORE_QUEUE),
                deadline,
                node.integer("pkcs11Sessions", 1, 256, SESSIONS),
                drain);
        node.reportUnknown(true);
        return limits;
    }

    private static ChanceryConfig.KmsOverride kms(Node node, Path folder) {
        ChanceryConfig.KmsOverride kms = new ChanceryConfig.KmsOverride(
                node.text("uri"),
                node.key("key", folder),
                node.flag("writeMissingCertificate"),
                node.flag("allowWeakKey"));
        node.reportUnknown(true);
        return kms;
    }

    private static ChanceryConfig.Certificates certificates(Problems problems, Node node) {
        Lint lint = LintReader.read(problems, node.object("lint"));
        ChanceryConfig.Certificates links = links(problems, node);
        return new ChanceryConfig.Certificates(links.crlUrls(), links.issuerUrls(), links.signatureAlgorithm(), lint);
    }

    /** Of one issuer: what certificates are held against is the same for all of them. */
    static ChanceryConfig.Certificates links(Problems problems, Node node) {
        ChanceryConfig.Certificates links = new ChanceryConfig.Certificates(
                urls(problems, node, "crlUrls"),
                urls(problems, node, "issuerUrls"),
                signatureAlgorithm(problems, node),
                Lint.STANDARD);
        node.reportUnknown(true);
        return links;
    }

    private static Optional<SignatureScheme> signatureAlgorithm(Problems problems, Node node) {
        Optional<String> text = node.text("signatureAlgorithm");
        Optional<SignatureScheme> scheme = text.flatMap(SignatureScheme::named);
        if (text.isPresent() && scheme.isEmpty()) {
            problems.error(node.pointer("signatureAlgorithm"), Node.quoted(text.get()), SignatureScheme.names());
        }
        return scheme;
    }

    private static List<String> urls(Problems problems, Node node, String name) {
        List<String> urls = node.texts(name);
        for (int i = 0; i < urls.size(); i++) {
            if (!IssuerUrls.isUrl(urls.get(i))) {
                problems.error(
                        node.pointer(name) + "/" + i,
                        Node.quoted(urls.get(i)),
                        "a URL such as \"http://ca.example/crl\"");
            }
        }
        return urls;
    }

    private static ChanceryConfig.Store store(Problems problems, Node node, Path folder) {
        String text = node.text("replication").orElse("asynchronous");
        Optional<Path> own = node.path("folder", folder);
        Optional<Duration> keepExpired = node.duration("keepExpired");
        if (keepExpired.isPresent() && keepExpired.get().compareTo(LEAST_KEPT) < 0) {
            problems.error("/store/keepExpired", GoDuration.print(keepExpired.get()), "24h or more");
        }
        node.reportUnknown(true);
        for (ChanceryConfig.Replication replication : ChanceryConfig.Replication.values()) {
            if (replication.name().equals(text)) {
                return new ChanceryConfig.Store(replication, own, keepExpired);
            }
        }
        problems.error("/store/replication", Node.quoted(text), "asynchronous or synchronous");
        return new ChanceryConfig.Store(ChanceryConfig.Replication.asynchronous, own, keepExpired);
    }
}
