package io.chancery.core.config;

import java.util.List;

/** The list of revoked certificates says where it is had, and so do the certificates that it is about. */
public final class ListPlaces {
    private ListPlaces() {}

    /**
     * A warning where they say different places (RFC 5280 s. 6.3.3 (b) (2) (i)). Of ca.json's issuer alone: the list of one in
     * chancery.json says the place that its entry does.
     *
     * @param file the name of ca.json, for messages
     */
    public static List<ConfigProblem> check(String file, CaConfig ca, ChanceryConfig chancery) {
        List<String> inCertificates = chancery.certificates().crlUrls();
        boolean listed = chancery.issuers().stream()
                .anyMatch(entry -> entry.crt().equals(ca.pki().crt()));
        if (!ca.crl().enabled()
                || listed
                || inCertificates.isEmpty()
                || inCertificates.contains(ca.crl().idpUrl())) {
            return List.of();
        }
        return List.of(new ConfigProblem(
                file,
                "/crl/idpURL",
                "lists that say they are had at " + ca.crl().idpUrl(),
                "one of certificates.crlUrls of chancery.json, such as " + inCertificates.get(0)
                        + ": OpenSSL does not take a list that says another place than the certificates do",
                ConfigProblem.Severity.WARNING));
    }
}
