package io.chancery.cli.start;

import io.chancery.cli.UsageException;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.IssuerUrls;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.config.ChanceryConfig;
import io.chancery.core.config.ConfigProblem;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.issuer.IssuingRule;
import io.chancery.core.name.NameConstraints;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Reads the certificates of all issuers that ca.json and chancery.json name, and sees that their chains hold. */
final class IssuerFiles {
    private static final String CA_JSON = "ca.json";
    private static final String LIST = "/crl";

    private final ConfigFiles files;
    private final CertificateFiles.OfCaJson caJson;
    private final Map<Integer, List<X509Certificate>> chains = new HashMap<>();

    private IssuerFiles(ConfigFiles files, CertificateFiles.OfCaJson caJson) {
        this.files = files;
        this.caJson = caJson;
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

        /**
         * Which of them signs what.
         *
         * @param answers whether a signer has the key at this moment
         * @throws IllegalArgumentException when two of them are alike; never of a configuration that can be used
         */
        Issuers with(Predicate<KeyId> answers) {
            return Issuers.of(listed.stream().map(KeyedIssuer::issuer).toList(), standing.issuer(), answers);
        }
    }

    /**
     * Those that can be read, whatever is wrong with the others.
     *
     * @param listed by their index in chancery.json
     * @param standing ca.json's, if it can
     * @param problems what is wrong with the others; what of ca.json's files cannot be read is not among it
     */
    record Legible(Map<Integer, KeyedIssuer> listed, Optional<KeyedIssuer> standing, List<ConfigProblem> problems) {
        /** All of them, where no problem is known. */
        Found whole() {
            return new Found(List.copyOf(listed.values()), standing.orElseThrow());
        }
    }

    static Legible read(ConfigFiles files, CertificateFiles.OfCaJson caJson) {
        IssuerFiles reader = new IssuerFiles(files, caJson);
        Map<Integer, KeyedIssuer> listed = new LinkedHashMap<>();
        List<ConfigProblem> problems = new ArrayList<>();
        for (int i = 0; i < files.chancery().issuers().size(); i++) {
            try {
                if (caJson.allRoots() && !caJson.crt().isEmpty()) {
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
        if (standing.isEmpty() && !caJson.crt().isEmpty()) {
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

    private boolean isOfCaJson(KeyedIssuer issuer) {
        return isOfCaJson(issuer.issuer().chain());
    }

    private boolean isOfCaJson(List<X509Certificate> chain) {
        return chain.get(0).equals(caJson.crt().get(0));
    }

    private List<X509Certificate> chain(int index) throws UsageException {
        try {
            List<X509Certificate> chain = chains.get(index);
            if (chain == null) {
                chain = CertificateFiles.read(
                        files.chancery().issuers().get(index).crt());
                chains.put(index, chain);
            }
            return chain;
        } catch (UsageException e) {
            throw ConfigException.ofChanceryJson(
                    "/issuers/" + index + "/crt", String.valueOf(e.getMessage()), CertificateFiles.CERTIFICATES);
        }
    }

    private KeyedIssuer listed(int index) throws UsageException {
        ChanceryConfig.IssuerEntry entry = files.chancery().issuers().get(index);
        List<X509Certificate> chain = chain(index);
        boolean ofCaJson = isOfCaJson(chain);
        return new KeyedIssuer(issuer(index, chain, ofCaJson), files.keyPlace(entry, ofCaJson));
    }

    private KeyedIssuer caJsons() throws UsageException {
        Issuer issuer = new Issuer(
                CA_JSON,
                certificate(caJson.crt(), files.chancery().certificates(), caJsonScheme()),
                caJson.crt(),
                constraints(caJson.crt()),
                Optional.of(files.ca().crl().idpUrl()),
                Optional.of(IssuingRule.ALL));
        return new KeyedIssuer(issuer, Optional.of(files.standingPlace()));
    }

    private SignatureScheme caJsonScheme() throws UsageException {
        return files.issuerScheme(caJson.crt().get(0), this::chain);
    }

    private Issuer issuer(int index, List<X509Certificate> chain, boolean ofCaJson) throws UsageException {
        ChanceryConfig.IssuerEntry entry = files.chancery().issuers().get(index);
        String pointer = "/issuers/" + index;
        if (!chain.equals(caJson.crt())) {
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
                certificate(chain, urls, ofCaJson ? caJsonScheme() : files.entryScheme(chain.get(0), index)),
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
                .beside(all())
                .withUrls(new IssuerUrls(urls.crlUrls(), urls.issuerUrls()))
                .withLint(files.chancery().certificates().lint())
                .withLongest(files.chancery().keyRules().maxValidity());
    }

    /** The certificates of every issuer that can be read; of any other, its own entry is the one that says so. */
    private List<X509Certificate> all() {
        List<X509Certificate> all = new ArrayList<>(caJson.crt());
        for (int i = 0; i < files.chancery().issuers().size(); i++) {
            all.addAll(legibleChain(i));
        }
        return all;
    }

    private List<X509Certificate> legibleChain(int index) {
        try {
            return chain(index);
        } catch (UsageException e) {
            return List.of();
        }
    }

    private NameConstraints constraints(List<X509Certificate> chain) {
        return NameConstraints.of(withRoots(chain));
    }

    private List<X509Certificate> withRoots(List<X509Certificate> chain) {
        List<X509Certificate> all = new ArrayList<>(caJson.roots());
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
            List<X509Certificate> above = i + 1 < chain.size() ? chain.subList(i + 1, i + 2) : caJson.roots();
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
