package io.chancery.node.step;

import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuer.Issuers;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a client needs to trust this CA: roots, intermediates, and those of others that it vouches for. */
final class TrustHandlers {
    private final Map<String, String> rootsByFingerprint = new HashMap<>();
    private final List<X509Certificate> roots;
    private final Issuers issuers;
    private final InstantSource clock;
    private final List<X509Certificate> federation;

    TrustHandlers(Authority authority, InstantSource clock) {
        this.roots = authority.roots();
        this.issuers = authority.issuers();
        this.clock = clock;
        this.federation = federation(authority.roots(), authority.federated());
        for (X509Certificate root : federation) {
            rootsByFingerprint.put(
                    Sha256.digest(CertificateText.der(root).bytes()).hex(), CertificateText.pem(root));
        }
    }

    /** Each once: a root may be named as one of a federation, too. */
    static List<X509Certificate> federation(List<X509Certificate> roots, List<X509Certificate> federated) {
        return Stream.concat(roots.stream(), federated.stream()).distinct().toList();
    }

    void root(RoutingContext ctx) {
        String sum = ctx.pathParam("sha").replace("-", "").toLowerCase(Locale.ROOT);
        String pem = rootsByFingerprint.get(sum);
        if (pem == null) {
            throw CaException.of(
                    ErrorCode.NOT_FOUND,
                    "root certificate with fingerprint \""
                            + sum.replace("\\", "\\\\").replace("\"", "\\\"") // as Go quotes
                            + "\" was not found");
        }
        StepReply.json(ctx, 200, new JsonObject().put("ca", pem));
    }

    void roots(RoutingContext ctx) {
        list(ctx, roots);
    }

    void rootsPem(RoutingContext ctx) {
        StepReply.pem(ctx, joined(roots));
    }

    void intermediates(RoutingContext ctx) {
        list(ctx, intermediates());
    }

    void intermediatesPem(RoutingContext ctx) {
        StepReply.pem(ctx, joined(intermediates()));
    }

    /** Of all issuers, and so of those that other nodes may sign by already; the one that signs now first. */
    private List<X509Certificate> intermediates() {
        return issuers.published(issuers.issuing(clock.instant()));
    }

    void federation(RoutingContext ctx) {
        list(ctx, federation);
    }

    private static void list(RoutingContext ctx, List<X509Certificate> certificates) {
        JsonArray crts =
                new JsonArray(certificates.stream().map(CertificateText::pem).toList());
        StepReply.json(ctx, 201, new JsonObject().put("crts", crts)); // 201, as step-ca answers
    }

    private static String joined(List<X509Certificate> certificates) {
        return certificates.stream().map(CertificateText::pem).collect(Collectors.joining());
    }
}
