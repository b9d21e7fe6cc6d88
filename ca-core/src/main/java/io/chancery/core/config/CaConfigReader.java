package io.chancery.core.config;

import io.chancery.core.json.Json;
import io.chancery.core.secret.Secret;
import io.chancery.core.template.SubjectDefaults;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads step's ca.json (wire contract s. 8). What step-ca knows and we do not support yet is a warning, unless it
 * restricts or shapes what is issued, or who may ask: that stops the start.
 */
public final class CaConfigReader {
    private static final String BBOLT = "bbolt";
    private static final Set<String> BADGER = Set.of("badger", "badgerv1", "badgerv2", BBOLT);
    private static final List<String> DEFAULT_DNS_NAMES = List.of("localhost", "127.0.0.1", "::1");

    private final Problems problems;
    private final Path folder;

    private CaConfigReader(Problems problems, Path folder) {
        this.problems = problems;
        this.folder = folder;
    }

    /**
     * @param file the file's name, for messages
     * @param base what relative paths count from: step-ca's own is the working directory
     * @param beside the file's own folder, where the database goes when none is named
     */
    public static ConfigResult<CaConfig> read(String file, String json, Path base, Path beside) {
        Problems problems = new Problems(file);
        try {
            if (Json.parse(json) instanceof Map<?, ?> map) {
                @SuppressWarnings("unchecked") // JSON objects have string keys
                Map<String, @Nullable Object> members = (Map<String, @Nullable Object>) map;
                CaConfig config = new CaConfigReader(problems, base).read(new Node(problems, "", members), beside);
                return ConfigResult.of(problems.all(), config);
            }
            problems.error("", "no JSON object", "an object, as step ca init writes it");
        } catch (IllegalArgumentException e) {
            problems.error("", String.valueOf(e.getMessage()), "an object, as step ca init writes it");
        }
        return ConfigResult.nothing(problems.all());
    }

    private CaConfig read(Node node, Path beside) {
        node.accept("$schema");
        CaConfig.Pki pki = pki(node);
        CaConfig.Listeners listeners = listeners(node);
        CaConfig config = new CaConfig(
                pki,
                listeners,
                node.text("password").map(Secret::of),
                kms(node.object("kms")),
                db(node, beside),
                tls(node.object("tls")),
                CrlReader.read(problems, node.object("crl"), listeners.dnsNames()),
                authority(node));
        if (config.listeners().insecureAddress().isPresent() && !config.crl().enabled()) {
            problems.warning(
                    "/insecureAddress",
                    "an address",
                    "nothing without crl.enabled: lists of revoked certificates are all that is served there");
        }
        node.unsupported("ssh", "templates", "monitoring");
        node.reportUnknown(false);
        return config;
    }

    private CaConfig.Pki pki(Node node) {
        List<Path> roots = paths(node, "root");
        if (roots.isEmpty()) {
            problems.error("/root", "nothing", "the path of the root certificate, or a list of paths");
        }
        Path none = folder;
        String unusedKey = node.required("key", "the path of the intermediate's key, or a pkcs11: URI");
        return new CaConfig.Pki(
                roots,
                paths(node, "federatedRoots"),
                node.toPath("/crt", node.required("crt", "the path of the intermediate certificate"), folder)
                        .orElse(none),
                node.key("key", folder).orElse(""));
    }

    /** Whether a key's place is a URI and not a path; schemes are compared without regard to case (RFC 3986 s. 3.1). */
    public static boolean isUri(String key) {
        return key.matches("(?is)[a-z][a-z0-9+.-]+:.*");
    }

    private List<Path> paths(Node node, String name) {
        List<Path> paths = new ArrayList<>();
        for (String text : node.texts(name)) {
            if (text.isBlank()) {
                problems.error(node.pointer(name), "a blank path", "the path of a certificate");
            } else {
                node.toPath(node.pointer(name), text, folder).ifPresent(paths::add);
            }
        }
        return paths;
    }

    private CaConfig.Listeners listeners(Node node) {
        if (node.required("address", "host:port or :port, such as \":9000\"").isEmpty()) {
            node.accept("address");
        }
        List<String> names = node.has("dnsNames") ? node.texts("dnsNames") : DEFAULT_DNS_NAMES;
        if (names.isEmpty()) {
            problems.error("/dnsNames", "an empty list", "at least one name or address that clients use");
        }
        for (int i = 0; i < names.size(); i++) {
            checkName(names.get(i), "/dnsNames/" + i);
        }
        Node logger = node.object("logger");
        Optional<String> traceHeader = logger.text("traceHeader");
        if (traceHeader.isPresent() && !traceHeader.get().matches("[A-Za-z0-9-]{1,64}")) {
            problems.error("/logger/traceHeader", Node.quoted(traceHeader.get()), "the name of a header");
        }
        // A logger that names no format writes text, as step-ca's does.
        Optional<String> format =
                word(logger, "format").or(() -> node.has("logger") ? Optional.of("text") : Optional.empty());
        logger.reportUnknown(false);
        if (format.isPresent() && !Set.of("text", "json", "common").contains(format.get())) {
            problems.error("/logger/format", Node.quoted(format.get()), "text, json or common");
        }
        return new CaConfig.Listeners(
                node.hostPort("address").orElse(new CaConfig.HostPort("", 0)),
                names,
                node.text("commonName").orElse("Step Online CA"),
                node.hostPort("metricsAddress"),
                node.hostPort("insecureAddress"),
                new CaConfig.RequestLog(format, traceHeader));
    }

    private void checkName(String name, String pointer) {
        // The server's own certificate has to hold it, or the port would never be opened.
        if (!name.matches("[\\x21-\\x7e]+")) {
            problems.error(
                    pointer, Node.quoted(name), "a name of ASCII letters, as xn--… writes others, or an address");
        } else if (!CaConfig.Listeners.withoutPort(name).equals(name)) {
            // step-ca starts with it, and takes tokens for it; no client finds that name in the server's certificate.
            problems.warning(
                    pointer,
                    Node.quoted(name),
                    "a name or an address without a port, such as " + Node.quoted(CaConfig.Listeners.withoutPort(name))
                            + "; the port is that of \"address\"");
        }
    }

    // Of a few that step compares without regard to case.
    private static Optional<String> word(Node node, String name) {
        return node.text(name).map(text -> text.toLowerCase(Locale.ROOT));
    }

    private CaConfig.Kms kms(Node node) {
        Optional<String> type = word(node, "type");
        if (type.isPresent() && !Set.of("softkms", "pkcs11").contains(type.get())) {
            problems.error("/kms/type", Node.quoted(type.get()), "pkcs11 or softkms");
        }
        node.accept("credentialsFile", "managementKey", "region", "profile", "storageDirectory");
        CaConfig.Kms kms =
                new CaConfig.Kms(type, node.text("uri"), node.text("pin").map(Secret::of));
        node.reportUnknown(false);
        return kms;
    }

    private CaConfig.Db db(Node root, Path beside) {
        Node node = root.object("db");
        node.accept("valueDir", "database", "badgerFileLoadingMode");
        String type = word(node, "type").orElse("sqlite");
        if (type.equals("postgresql")) {
            return postgres(node, beside);
        }
        Optional<Path> source = node.path("dataSource", folder);
        Optional<Path> bboltFile = source.filter(file -> type.equals(BBOLT));
        Optional<Path> folderOfDb = bboltFile.map(Path::getParent).or(() -> source);
        if (type.equals("mysql")) {
            problems.error("/db/type", "\"mysql\"", "postgresql or sqlite; MySQL is not supported");
        } else if (!type.equals("sqlite") && !BADGER.contains(type)) {
            problems.error("/db/type", Node.quoted(type), "postgresql, sqlite, badger, badgerv2 or bbolt");
        }
        node.reportUnknown(false);
        Optional<String> announced = folderOfDb.isPresent()
                ? Optional.empty()
                : Optional.of("no db in the file: the store is chancery.db in " + beside);
        return new CaConfig.Db(type, folderOfDb.orElse(beside), announced, Optional.empty(), bboltFile);
    }

    private CaConfig.Db postgres(Node node, Path beside) {
        String text = node.required("dataSource", "postgresql://user:password@host:5432/database");
        Optional<PostgresSource> source = Optional.empty();
        try {
            source = Optional.of(PostgresSource.parse(text, node.text("database")));
            source.get()
                    .unknown()
                    .forEach(name -> problems.warning(
                            "/db/dataSource", "the setting " + Node.quoted(name), "nothing; it has no effect"));
        } catch (IllegalArgumentException e) {
            // The text is not shown: it may hold a password.
            problems.error("/db/dataSource", "something else", String.valueOf(e.getMessage()));
        }
        node.reportUnknown(false);
        return new CaConfig.Db("postgresql", beside, Optional.empty(), source, Optional.empty());
    }

    private CaConfig.Tls tls(Node node) {
        node.unsupported("renegotiation");
        List<String> suites = CipherSuites.read(problems, "/tls/cipherSuites", node.texts("cipherSuites"));
        double least = version(node, "minVersion", 1.2);
        double most = version(node, "maxVersion", 1.3);
        if (least > most) {
            problems.error("/tls/minVersion", String.valueOf(least), "at most maxVersion");
        }
        node.reportUnknown(false);
        return new CaConfig.Tls(suites, least, most);
    }

    private double version(Node node, String name, double otherwise) {
        // step writes 0 for what is not set
        double version = node.number(name)
                .filter(number -> number.signum() != 0)
                .map(BigDecimal::doubleValue)
                .orElse(otherwise);
        if (version != 1.2 && version != 1.3) {
            problems.error("/tls/" + name, String.valueOf(version), "1.2 or 1.3");
        }
        return version;
    }

    private CaConfig.Authority authority(Node root) {
        Node node = root.object("authority");
        if (node.flag("enableAdmin")) {
            problems.error(
                    "/authority/enableAdmin", "true", "false; provisioners in the database are not supported yet");
        }
        Optional<String> type = word(node, "type");
        if (type.isPresent() && !type.get().equals("softcas")) {
            problems.error("/authority/type", Node.quoted(type.get()), "softcas");
        }
        node.accept("authorityId", "disableGetSSHHosts");
        Optional<String> deployment = word(node, "deploymentType").filter(word -> !word.equals("standalone"));
        if (deployment.isPresent()) {
            problems.warning(
                    "/authority/deploymentType",
                    Node.quoted(deployment.get()),
                    "standalone; provisioners and all else that Smallstep's service keeps for a CA are not known here");
            node.unsupported("authorityId"); // by which that service knows it
        }
        node.unsupported(
                "certificateAuthority",
                "certificateAuthorityFingerprint",
                "certificateIssuer",
                "credentialsFile",
                "config");
        Duration backdate = node.duration("backdate").orElse(Duration.ofMinutes(1));
        if (backdate.isNegative()) {
            problems.error("/authority/backdate", "a negative duration", "0s or more");
        }
        Map<String, Object> claims = new ClaimsReader(problems).ofAuthority(node.object("claims"));
        CaConfig.Authority authority = new CaConfig.Authority(
                new ProvisionersReader(problems).read(node, claims),
                claims,
                backdate,
                node.flag("disableIssuedAtCheck"),
                new NamePolicyReader(problems).read(node.object("policy")),
                subjects(node.object("template")));
        node.reportUnknown(false);
        return authority;
    }

    private static SubjectDefaults subjects(Node node) {
        Map<String, String> values = new HashMap<>();
        for (String member : SubjectDefaults.MEMBERS) {
            node.text(member).ifPresent(text -> values.put(member, text));
        }
        node.reportUnknown(false);
        return new SubjectDefaults(values);
    }

    /** Go leaves null members as if absent; inner objects are only passed on and keep theirs. */
    static Map<String, Object> withoutNulls(Map<String, @Nullable Object> map) {
        Map<String, Object> result = new java.util.LinkedHashMap<>();
        map.forEach((name, value) -> {
            if (value != null) {
                result.put(name, value);
            }
        });
        return java.util.Collections.unmodifiableMap(result);
    }
}
