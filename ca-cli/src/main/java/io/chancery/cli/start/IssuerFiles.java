package io.chancery.cli.start;

import io.chancery.cli.UsageException;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.IssuerUrls;
import io.chancery.core.config.ChanceryConfig;
import io.chancery.core.config.ConfigProblem;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.IssuingRule;
import io.chancery.core.name.NameConstraints;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the certificates of all issuers that ca.json and chancery.json name, and sees that their chains hold. */
final class IssuerFiles {
    private static final String CA_JSON = "ca.json";
    private static final String LIST = "/crl";

    private final ConfigFiles files;
    private final List<X509Certificate> roots;
    private final List<X509Certificate> caJsonChain;

    private IssuerFiles(ConfigFiles files, List<X509Certificate> roots, List<X509Certificate> caJsonChain) {
        this.files = files;
        this.roots = roots;
        this.caJsonChain = caJsonChain;
    }

    /**
     * All of them.
     *
     * @param listed those of chancery.json, in its order
     * @param standing ca.json's; one of those when its certificate is there, too
     */
    record Found(List<KeyedIssuer> listed, KeyedIssuer standing) {
        List<KeyedIssuer> all() {
            List<KeyedIssuer> all = new ArrayList<>(listed);
            if (!listed.contains(standing)) {
                all.add(standing);
            }
            return all;
        }
    }

    /**
     * Those that can be read, whatever is wrong with the others.
     *
     * @param listed by their index in chancery.json
     * @param standing ca.json's, if it can
     * @param problems what is wrong with the others; what of ca.json's files cannot be read is not among it
     */
    record Legible(Map<Integer, KeyedIssuer> listed, Optional<KeyedIssuer> standing, List<ConfigProblem> problems) {}

    static Found read(ConfigFiles files, List<X509Certificate> roots) throws UsageException {
        IssuerFiles reader = new IssuerFiles(
                files, roots, CertificateFiles.read(files.ca().pki().crt()));
        List<KeyedIssuer> listed = new ArrayList<>();
        for (int i = 0; i < files.chancery().issuers().size(); i++) {
            listed.add(reader.listed(i));
        }
        Optional<KeyedIssuer> standing =
                listed.stream().filter(reader::isOfCaJson).findFirst();
        return new Found(listed, standing.isPresent() ? standing.get() : reader.caJsons());
    }

    /** As {@link #read}, one by one. */
    static Legible legible(ConfigFiles files) {
        List<List<X509Certificate>> roots =
                files.ca().pki().roots().stream().map(IssuerFiles::orNone).toList();
        boolean allRoots = roots.stream().noneMatch(List::isEmpty);
        IssuerFiles reader = new IssuerFiles(
                files,
                roots.stream().flatMap(List::stream).toList(),
                orNone(files.ca().pki().crt()));
        Map<Integer, KeyedIssuer> listed = new LinkedHashMap<>();
        List<ConfigProblem> problems = new ArrayList<>();
        for (int i = 0; i < files.chancery().issuers().size(); i++) {
            try {
                if (allRoots && !reader.caJsonChain.isEmpty()) {
                    listed.put(i, reader.listed(i));
                } else { // whether its chain holds, and whether it is ca.json's issuer, cannot be seen
                    List<X509Certificate> unused = reader.chain(i);
                }
            } catch (UsageException e) {
                problems.add(problem(e, "/issuers/" + i));
            }
        }
        Optional<KeyedIssuer> standing =
                listed.values().stream().filter(reader::isOfCaJson).findFirst();
        if (standing.isEmpty() && !reader.caJsonChain.isEmpty()) {
            try {
                standing = Optional.of(reader.caJsons());
            } catch (UsageException e) {
                problems.add(problem(e, "/certificates"));
            }
        }
        return new Legible(listed, standing, problems);
    }

    private static ConfigProblem problem(UsageException failure, String pointer) {
        return failure instanceof ConfigException wrong
                ? wrong.problem()
                : ConfigProblem.error(
                        "chancery.json", pointer, String.valueOf(failure.getMessage()), "an issuer that can be used");
    }

    private static List<X509Certificate> orNone(Path file) {
        try {
            return CertificateFiles.read(file);
        } catch (UsageException e) {
            return List.of(); // named where ca.json names it
        }
    }

    private boolean isOfCaJson(KeyedIssuer issuer) {
        return isOfCaJson(issuer.issuer().chain());
    }

    private boolean isOfCaJson(List<X509Certificate> chain) {
        return chain.get(0).equals(caJsonChain.get(0));
    }

    private List<X509Certificate> chain(int index) throws UsageException {
        try {
            return CertificateFiles.read(files.chancery().issuers().get(index).crt());
        } catch (UsageException e) {
            throw ConfigException.ofChanceryJson(
                    "/issuers/" + index + "/crt", String.valueOf(e.getMessage()), CertificateFiles.CERTIFICATES);
        }
    }

    private KeyedIssuer listed(int index) throws UsageException {
        ChanceryConfig.IssuerEntry entry = files.chancery().issuers().get(index);
        List<X509Certificate> chain = chain(index);
        boolean ofCaJson = isOfCaJson(chain);
        return new KeyedIssuer(issuer(entry, "/issuers/" + index, chain, ofCaJson), key(entry, ofCaJson));
    }

    private KeyedIssuer caJsons() throws UsageException {
        Issuer issuer = new Issuer(
                CA_JSON,
                certificate(caJsonChain, files.chancery().certificates(), files.issuerScheme(caJsonChain.get(0))),
                caJsonChain,
                constraints(caJsonChain),
                Optional.of(files.ca().crl().idpUrl()),
                Optional.of(IssuingRule.ALL));
        return new KeyedIssuer(issuer, Optional.of(caJsonKey()));
    }

    private KeyedIssuer.KeyPlace caJsonKey() {
        return new KeyedIssuer.KeyPlace(files.issuerKey(), files.kmsUri(), files.kmsPin(), Optional.empty(), true);
    }

    private Optional<KeyedIssuer.KeyPlace> key(ChanceryConfig.IssuerEntry entry, boolean ofCaJson) {
        if (entry.key().isEmpty() && ofCaJson) {
            return Optional.of(caJsonKey());
        }
        return entry.key()
                .map(reference -> new KeyedIssuer.KeyPlace(
                        reference, entry.kmsUri(), Optional.empty(), entry.passwordFile(), false));
    }

    private Issuer issuer(
            ChanceryConfig.IssuerEntry entry, String pointer, List<X509Certificate> chain, boolean ofCaJson)
            throws UsageException {
        if (!chain.equals(caJsonChain)) {
            checkChain(chain, pointer + "/crt");
        }
        ChanceryConfig.Certificates usual = files.chancery().certificates();
        if (!ofCaJson
                && entry.urls().isEmpty()
                && !(usual.crlUrls().isEmpty() && usual.issuerUrls().isEmpty())) {
            throw ConfigException.ofChanceryJson(
                    pointer + "/certificates",
                    "nothing",
                    "where the list and the certificate of this issuer are had, or {} for nowhere: those of"
                            + " #/certificates are of ca.json's issuer");
        }
        ChanceryConfig.Certificates urls = entry.urls().orElse(ofCaJson ? usual : ChanceryConfig.Certificates.PLAIN);
        String idp = files.ca().crl().idpUrl();
        return new Issuer(
                entry.name(),
                certificate(chain, urls, files.issuerScheme(chain.get(0), entry)),
                chain,
                constraints(chain),
                Optional.of(
                        urls.crlUrls().isEmpty()
                                ? (ofCaJson ? idp : idp + "/" + entry.name())
                                : urls.crlUrls().get(0)),
                entry.rule());
    }

    private IssuerCertificate certificate(
            List<X509Certificate> chain, ChanceryConfig.Certificates urls, SignatureScheme scheme) {
        return IssuerCertificate.of(chain.get(0), scheme)
                .below(withRoots(chain))
                .withUrls(new IssuerUrls(urls.crlUrls(), urls.issuerUrls()))
                .withLint(files.chancery().certificates().lint())
                .withLongest(files.chancery().keyRules().maxValidity());
    }

    private NameConstraints constraints(List<X509Certificate> chain) {
        return NameConstraints.of(withRoots(chain));
    }

    private List<X509Certificate> withRoots(List<X509Certificate> chain) {
        List<X509Certificate> all = new ArrayList<>(roots);
        all.addAll(chain);
        return all;
    }

    /**
     * That {@code /crl} stays the list of the issuer whose certificates name it, where ca.json comes to name another one.
     *
     * @throws UsageException when it would be another one's list, which does not name what that one's certificates expect
     */
    static void checkListsStay(Found before, Found next) throws UsageException {
        if (next.standing().issuer().keyId().equals(before.standing().issuer().keyId())) {
            return;
        }
        for (KeyedIssuer old : before.all()) {
            boolean stays = next.all().stream()
                    .anyMatch(each -> each.issuer().keyId().equals(old.issuer().keyId()));
            boolean named = next.all().stream().anyMatch(each -> each.issuer().isListedAt(LIST));
            if (stays && !named && old.issuer().isListedAt(LIST)) {
                throw new UsageException("ca.json#/crt: names another issuer than before, and certificates of "
                        + old.issuer().name() + " say that their list is had at "
                        + String.join(", ", old.issuer().certificate().urls().crl())
                        + ", where that one's would be; say so in its entry of chancery.json#/issuers:"
                        + " \"certificates\": {\"crlUrls\": [\""
                        + old.issuer().certificate().urls().crl().get(0) + "\"]}");
            }
        }
    }

    /** Clients are believed because of it, and sent it: each signed by the next, the last by a root, all of them CAs. */
    private void checkChain(List<X509Certificate> chain, String pointer) throws UsageException {
        for (int i = 0; i < chain.size(); i++) {
            X509Certificate each = chain.get(i);
            List<X509Certificate> above = i + 1 < chain.size() ? chain.subList(i + 1, i + 2) : roots;
            if (each.getBasicConstraints() < 0 || above.stream().noneMatch(issuer -> hasSigned(issuer, each))) {
                throw ConfigException.ofChanceryJson(
                        pointer,
                        each.getSubjectX500Principal()
                                + (each.getBasicConstraints() < 0
                                        ? ", which is no CA certificate"
                                        : ", which is signed by none of the roots of ca.json#/root, nor by the next in"
                                                + " the file"),
                        "the issuer's certificate, then those above it, each signed by the next");
            }
        }
    }

    private static boolean hasSigned(X509Certificate issuer, X509Certificate certificate) {
        try {
            certificate.verify(issuer.getPublicKey());
            return certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
