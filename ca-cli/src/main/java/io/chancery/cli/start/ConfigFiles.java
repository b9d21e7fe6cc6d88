package io.chancery.cli.start;

import io.chancery.cli.UsageException;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.core.config.CaConfig;
import io.chancery.core.config.CaConfigReader;
import io.chancery.core.config.ChanceryConfig;
import io.chancery.core.config.ChanceryConfigReader;
import io.chancery.core.config.ConfigProblem;
import io.chancery.core.config.ConfigProblem.Severity;
import io.chancery.core.config.ConfigResult;
import io.chancery.core.config.LongestValidity;
import io.chancery.core.config.ProvisionerNames;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Sha256;
import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * ca.json and the chancery.json beside it, read and checked together.
 *
 * @param hashes of what stood in them
 * @param whoGetsWhat as {@link WhoGetsWhat} has it
 */
public record ConfigFiles(CaConfig ca, ChanceryConfig chancery, NodeFacts.Files hashes, Sha256 whoGetsWhat) {
    /**
     * Reads both, prints every problem, and goes on if none of them stops the start.
     *
     * @param strict whether warnings stop it too
     * @throws UsageException when something does
     */
    public static ConfigFiles read(Path caJson, boolean strict, PrintStream err) throws UsageException {
        return read(caJson, strict, err::println);
    }

    /** As above, with each problem given to a consumer. */
    static ConfigFiles read(Path caJson, boolean strict, Consumer<String> problemLine) throws UsageException {
        return read(caJson, strict, files -> List.of(), problemLine);
    }

    /** As the first one, with problems of the files that ca.json names among the others: a start needs all of them. */
    static ConfigFiles forStart(Path caJson, boolean strict, Ca.Role role, PrintStream err) throws UsageException {
        return read(
                caJson,
                strict,
                files -> {
                    List<ConfigProblem> problems = new ArrayList<>(
                            CertificateFiles.check(caJson.toString(), files.ca().pki()));
                    if (role != Ca.Role.api) {
                        problems.addAll(files.unreadableKey(caJson));
                    }
                    return problems;
                },
                err::println);
    }

    private List<ConfigProblem> unreadableKey(Path caJson) {
        try {
            KeyPassword.checkReadable(issuerKey());
            return List.of();
        } catch (UsageException e) {
            boolean own = chancery.kms().key().isPresent();
            return List.of(new ConfigProblem(
                    own ? "chancery.json" : caJson.toString(),
                    own ? "/kms/key" : "/key",
                    String.valueOf(e.getMessage()),
                    "a file with the issuer's key, or a pkcs11: URI",
                    Severity.ERROR));
        }
    }

    private static ConfigFiles read(
            Path caJson,
            boolean strict,
            Function<ConfigFiles, List<ConfigProblem>> furtherProblems,
            Consumer<String> problemLine)
            throws UsageException {
        Path file = caJson.toAbsolutePath();
        Path folder = file.getParent() == null ? Path.of("/") : file.getParent();
        List<ConfigProblem> problems = new ArrayList<>();
        String caText = text(caJson);
        ConfigResult<CaConfig> ca =
                CaConfigReader.read(caJson.toString(), caText, Path.of("").toAbsolutePath(), folder);
        problems.addAll(ca.problems());
        Path chanceryJson = folder.resolve("chancery.json");
        Optional<String> chanceryText = Files.exists(chanceryJson) ? Optional.of(text(chanceryJson)) : Optional.empty();
        ConfigResult<ChanceryConfig> chancery = chanceryText.isPresent()
                ? ChanceryConfigReader.read(chanceryJson.toString(), chanceryText.get(), folder)
                : ChanceryConfigReader.read("chancery.json", "{}", folder);
        problems.addAll(chancery.problems());
        Optional<ConfigFiles> both = Optional.empty();
        if (ca.config().isPresent() && chancery.config().isPresent()) {
            both = Optional.of(new ConfigFiles(
                    ca.config().get(),
                    chancery.config().get(),
                    new NodeFacts.Files(
                            hash(caText), chanceryText.map(ConfigFiles::hash).orElse(Sha256.digest())),
                    WhoGetsWhat.hash(caText, chanceryText.orElse("{}"))));
            problems.addAll(furtherProblems.apply(both.get()));
            problems.addAll(ProvisionerNames.check(
                    chanceryJson.toString(),
                    ca.config().get(),
                    chancery.config().get()));
            problems.addAll(LongestValidity.check(
                    chanceryJson.toString(),
                    ca.config().get(),
                    chancery.config().get()));
        }
        problems.forEach(problem -> problemLine.accept(line(problem)));
        long errors = problems.stream()
                .filter(p -> strict || p.severity() == Severity.ERROR)
                .count();
        if (errors > 0 || both.isEmpty()) {
            throw new UsageException(errors + " problem(s) in the configuration; nothing was done");
        }
        return both.get();
    }

    /** Where the issuer's key is: this node's own place of it wins over ca.json's. */
    public String issuerKey() {
        return chancery.kms().key().orElse(ca.pki().key());
    }

    /** What a {@code pkcs11:} key does not repeat; this node's own wins over ca.json's. */
    public Optional<String> kmsUri() {
        return chancery.kms().uri().or(() -> ca.kms().uri());
    }

    /** ca.json's kms.pin, where it is for the token with the issuer's key. */
    Optional<Secret> kmsPin() {
        if (!Pkcs11Uri.isPkcs11(issuerKey())) {
            return ca.kms().pin();
        }
        try {
            return kmsPin(Pkcs11Uri.of(issuerKey(), kmsUri()));
        } catch (IllegalArgumentException e) {
            return ca.kms().pin(); // whoever opens the key says what is wrong
        }
    }

    /** As above, for a key and its token: it stands beside ca.json's kms.uri, and to another token it would be a wrong one. */
    public Optional<Secret> kmsPin(Pkcs11Uri key) {
        boolean elsewhere = ca.kms()
                .uri()
                .filter(Pkcs11Uri::isPkcs11)
                .map(Pkcs11Uri::parse)
                .filter(key::namesAnotherTokenThan)
                .isPresent();
        return elsewhere ? Optional.empty() : ca.kms().pin();
    }

    /**
     * How the key of ca.json's issuer signs.
     *
     * @throws UsageException when what chancery.json says does not fit it
     */
    public SignatureScheme issuerScheme(X509Certificate issuer) throws UsageException {
        List<ChanceryConfig.IssuerEntry> entries = chancery.issuers();
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i)
                            .urls()
                            .flatMap(ChanceryConfig.Certificates::signatureAlgorithm)
                            .isPresent()
                    && CertificateFiles.read(entries.get(i).crt()).get(0).equals(issuer)) {
                return scheme(issuer, entries.get(i).urls().get(), "/issuers/" + i);
            }
        }
        return scheme(issuer, chancery.certificates(), "");
    }

    /**
     * How the key of an issuer of chancery.json signs: ca.json's own settings are not for it.
     *
     * @throws UsageException when what chancery.json says does not fit it
     */
    public SignatureScheme issuerScheme(X509Certificate issuer, ChanceryConfig.IssuerEntry entry)
            throws UsageException {
        return CertificateFiles.read(ca.pki().crt()).get(0).equals(issuer)
                ? issuerScheme(issuer)
                : scheme(
                        issuer,
                        entry.urls().orElse(ChanceryConfig.Certificates.PLAIN),
                        "/issuers/" + chancery.issuers().indexOf(entry));
    }

    /**
     * How an issuer's key signs: as its settings say, else as step-ca would.
     *
     * @param pointer of the object that has the settings as its {@code certificates}
     */
    private static SignatureScheme scheme(X509Certificate issuer, ChanceryConfig.Certificates settings, String pointer)
            throws UsageException {
        try {
            return settings.signatureAlgorithm().isPresent()
                    ? settings.signatureAlgorithm().get().fitting(issuer.getPublicKey())
                    : SignatureScheme.defaultFor(issuer);
        } catch (IllegalArgumentException e) {
            throw new UsageException("chancery.json#" + pointer + "/certificates/signatureAlgorithm: found "
                    + settings.signatureAlgorithm().map(SignatureScheme::text).orElse("nothing")
                    + ", which does not fit the key of " + issuer.getSubjectX500Principal() + "; allowed: "
                    + SignatureScheme.namesFor(issuer.getPublicKey()));
        }
    }

    private static Sha256 hash(String text) {
        return Sha256.digest(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String line(ConfigProblem problem) {
        return (problem.severity() == Severity.ERROR ? "error: " : "warning: ") + problem.file() + "#"
                + problem.pointer() + ": found " + problem.found() + "; allowed: " + problem.allowed();
    }

    /** Where it is in a folder that stands for it. */
    private static Optional<Path> inside(Path folder) {
        return Stream.of(folder.resolve("ca.json"), folder.resolve("config").resolve("ca.json"))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private static String text(Path file) throws UsageException {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UsageException("cannot read " + file + ": " + FileTrouble.of(file, e)
                    + "; name the ca.json that step ca init or chancery quickstart wrote"
                    + inside(file).map(found -> ", perhaps " + found).orElse(""));
        }
    }
}
