package io.chancery.core.chain;

import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.function.BiPredicate;

/**
 * Which of the certificates that somebody sent are what they seem. A path is sought among these alone: among certificates
 * that a stranger made to look like each other's issuers the search could go on for ever (n! ways through n of them).
 */
public final class GenuineCertificates {
    /** As many as a chain may have certificates: one that is what it seems has few, if any. */
    static final int MOST_FAILED = 10;

    private GenuineCertificates() {}

    /**
     * CAs that a trusted one, or one of them, has signed. Ends early after {@value #MOST_FAILED} signatures that were not what
     * they should be.
     *
     * @param isSigned by the first, whose subject the second one's issuer is
     */
    public static List<X509Certificate> among(
            Collection<X509Certificate> trusted,
            Collection<X509Certificate> sent,
            BiPredicate<X509Certificate, X509Certificate> isSigned) {
        List<X509Certificate> rest = new ArrayList<>();
        for (X509Certificate each : sent) {
            if (each.getBasicConstraints() >= 0 && !rest.contains(each)) {
                rest.add(each);
            }
        }
        List<X509Certificate> genuine = new ArrayList<>();
        Deque<X509Certificate> issuers = new ArrayDeque<>(trusted);
        int failed = 0;
        for (X509Certificate issuer = issuers.poll(); issuer != null; issuer = issuers.poll()) {
            for (X509Certificate each : List.copyOf(rest)) {
                if (!isNamed(issuer, each)) {
                    continue;
                }
                if (isSigned.test(issuer, each)) {
                    rest.remove(each);
                    genuine.add(each);
                    issuers.add(each);
                } else if (++failed == MOST_FAILED) {
                    return genuine;
                }
            }
        }
        return genuine;
    }

    static boolean isNamed(X509Certificate issuer, X509Certificate certificate) {
        return certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal());
    }
}
