package io.chancery.core.issuer;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.name.NameConstraints;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of the issuers of a configuration.
 *
 * @param name what people call it
 * @param certificate its own, with the URLs that new certificates carry
 * @param chain what goes out behind a certificate of it: its own first, then what else its file has, in that order: those
 *     above it, and the root only where somebody put it there
 * @param constraints of every CA certificate above its leaves
 * @param listUrl where its list of revoked certificates is had, as the list says itself
 * @param rule which certificates it signs; none when empty: it is the next one, or a former one
 */
public record Issuer(
        String name,
        IssuerCertificate certificate,
        List<X509Certificate> chain,
        NameConstraints constraints,
        Optional<String> listUrl,
        Optional<IssuingRule> rule) {
    private static final String API = "/1.0";
    private static final Pattern HTTP = Pattern.compile("^https?://[^/?#]*(/[^?#]*)", Pattern.CASE_INSENSITIVE);

    public Issuer {
        chain = List.copyOf(chain);
    }

    public KeyId keyId() {
        return certificate.keyId();
    }

    /** Whether its certificates say that its list is had at a path of this server, at the API's prefix or without. */
    public boolean isListedAt(String path) {
        return certificate.urls().crl().stream()
                .map(Issuer::path)
                .anyMatch(named -> named.equals(path) || named.equals(API + path));
    }

    private static String path(String url) {
        Matcher parts = HTTP.matcher(url);
        return parts.find() ? parts.group(1) : "";
    }

    /** Whether its certificate is good at a moment. */
    boolean isValidAt(Instant now) {
        return !now.isBefore(certificate.certificate().getNotBefore().toInstant())
                && !now.isAfter(certificate.certificate().getNotAfter().toInstant());
    }
}
