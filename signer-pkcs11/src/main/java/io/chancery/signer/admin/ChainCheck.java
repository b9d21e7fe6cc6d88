package io.chancery.signer.admin;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Whether an issuer's certificate leads to a root, by certificates that may sign and are valid now. */
final class ChainCheck {
    private static final String CHECK = "chain-to-root";
    private static final int KEY_CERT_SIGN = 5;

    private final List<X509Certificate> chain;
    private final Instant now;
    private final Findings findings;

    private ChainCheck(List<X509Certificate> chain, Instant now, Findings findings) {
        this.chain = chain;
        this.now = now;
        this.findings = findings;
    }

    /** @param chain the issuer's certificate first; one at least */
    static void run(List<X509Certificate> chain, List<X509Certificate> roots, Instant now, Findings findings) {
        new ChainCheck(chain, now, findings).run(roots);
    }

    private void run(List<X509Certificate> roots) {
        for (int i = 0; i < chain.size(); i++) {
            if (i > 0 && !signs(chain.get(i), chain.get(i - 1))) {
                findings.failed(
                        CHECK,
                        "the chain in crt is broken after " + chain.get(i - 1).getSubjectX500Principal(),
                        "put the certificates into crt in order, the issuer's first");
                return;
            }
            Optional<String> objection = objection(chain.get(i), i);
            if (objection.isPresent()) {
                findings.failed(
                        CHECK,
                        objection.get(),
                        "have it made anew (chancery hsm csr, sign-intermediate), and put that into crt");
                return;
            }
        }
        root(roots);
    }

    private void root(List<X509Certificate> roots) {
        X509Certificate last = chain.get(chain.size() - 1);
        List<X509Certificate> above =
                roots.stream().filter(root -> signs(root, last)).toList();
        if (above.isEmpty()) {
            findings.failed(
                    CHECK,
                    last.getSubjectX500Principal() + " is signed by no root of the configuration",
                    "name the right root in ca.json, or let the root sign this intermediate");
            return;
        }
        Optional<String> objection = Optional.empty();
        for (X509Certificate root : above) {
            objection = objection(root, root.equals(last) ? chain.size() - 1 : chain.size());
            if (objection.isEmpty()) {
                findings.ok(CHECK, "the issuer's certificate leads to a root of the configuration");
                return;
            }
        }
        findings.failed(
                CHECK, objection.orElseThrow(), "name a root in ca.json that is valid; clients refuse this one");
    }

    /**
     * Why the certificate may not stand where it does (RFC 5280 s. 6.1.4), or empty.
     *
     * @param below how many CA certificates stand below it
     */
    private Optional<String> objection(X509Certificate certificate, int below) {
        String name = certificate.getSubjectX500Principal().toString();
        Instant from = certificate.getNotBefore().toInstant();
        Instant to = certificate.getNotAfter().toInstant();
        boolean[] usage = certificate.getKeyUsage();
        if (now.isBefore(from) || now.isAfter(to)) {
            return Optional.of(name + " is valid from " + from + " to " + to + ", and not now");
        }
        if (certificate.getBasicConstraints() < 0) {
            return Optional.of(name + " is no CA certificate");
        }
        if (usage != null && !usage[KEY_CERT_SIGN]) {
            return Optional.of(name + " may not sign certificates: its key usage lacks keyCertSign");
        }
        return certificate.getBasicConstraints() < below
                ? Optional.of(name + " allows " + certificate.getBasicConstraints() + " CA certificates below it, and "
                        + below + " are there")
                : Optional.empty();
    }

    private static boolean signs(X509Certificate issuer, X509Certificate certificate) {
        try {
            certificate.verify(issuer.getPublicKey());
            return certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
