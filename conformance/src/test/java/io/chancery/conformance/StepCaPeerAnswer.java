package io.chancery.conformance;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.Extension;

/** An answer, and what of it two servers must have in common. */
record StepCaPeerAnswer(int status, Map<String, String> headers, String body) {
    private static final String SECONDS = "seconds: ";
    private static final long MOST_SECONDS_APART = 20;
    private static final int CONTEXT = 60;
    private static final Pattern VERSION = Pattern.compile("\"version\":\"[^\"]+\"");
    private static final Pattern REQUESTED = Pattern.compile("requested duration of (-?)([0-9hms.]+)");
    private static final Pattern TIME =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\d[ T]\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?( [+-]\\d{4} [A-Z]+|Z)?( m=\\S+)?");

    /** What this answer has in another way than step-ca's; empty for two answers that no client can tell apart. */
    List<String> differences(StepCaPeerAnswer theirs) throws Exception {
        if (status != theirs.status) {
            return List.of("step-ca " + theirs.brief() + " | chancery " + brief());
        }
        List<String> ours = comparable();
        List<String> other = theirs.comparable();
        List<String> differences = new ArrayList<>();
        // Of long answers step-ca does not know it itself.
        if (theirs.tellsLengthAlone() && !tellsLengthAlone()) {
            differences.add("step-ca tells how long the answer to GET would be | chancery does not");
        }
        for (int i = 0; i < Math.max(ours.size(), other.size()); i++) {
            String left = i < other.size() ? other.get(i) : "(nothing)";
            String right = i < ours.size() ? ours.get(i) : "(nothing)";
            if (!left.equals(right) && !sameMoment(left, right)) {
                int from = Math.max(0, firstDifference(left, right) - CONTEXT);
                differences.add("step-ca " + shown(left, from) + " | chancery " + shown(right, from));
            }
        }
        return differences;
    }

    private boolean tellsLengthAlone() {
        return body.isEmpty() && !headers.getOrDefault("content-length", "0").equals("0");
    }

    private String brief() {
        return status + (status < 400 ? "" : " " + body.strip());
    }

    private static int firstDifference(String left, String right) {
        int at = 0;
        while (at < left.length() && at < right.length() && left.charAt(at) == right.charAt(at)) {
            at++;
        }
        return at;
    }

    private static String shown(String text, int from) {
        String rest = from < text.length() ? text.substring(from) : "";
        String cut = rest.length() > 3 * CONTEXT ? rest.substring(0, 3 * CONTEXT) + "…" : rest;
        return text.substring(0, Math.min(text.indexOf(' ') + 1, from)) + (from > 0 ? "…" : "") + cut.strip();
    }

    /** Lines in a fixed order. */
    private List<String> comparable() throws Exception {
        List<String> lines = new ArrayList<>();
        lines.add("status: " + status);
        lines.add("Content-Type: " + headers.get("content-type"));
        lines.add("Allow: " + allow());
        lines.add("X-Request-Id: " + (headers.containsKey("x-request-id") ? "present" : "missing"));
        lines.add("Date: " + (headers.containsKey("date") ? "present" : "missing"));
        lines.add("ends with newline: " + body.endsWith("\n"));
        if (status == 201 && body.startsWith("{\"crt\"")) {
            certificate(lines);
        } else {
            lines.add("body: "
                    + VERSION.matcher(withoutRequested(withoutTimes(body))).replaceAll("\"version\":\"…\""));
            requested(lines);
        }
        return lines;
    }

    private String allow() {
        String value = headers.get("allow");
        if (value == null) {
            return "none";
        }
        String[] methods = value.split(" *, *");
        Arrays.sort(methods);
        return String.join(",", methods);
    }

    /** Times differ from server to server; their form must not. Go's JSON escapes what HTML minds; no parser can tell. */
    private static String withoutRequested(String text) {
        return REQUESTED.matcher(text).replaceAll("requested duration of …");
    }

    /** What a refusal says of a lifetime that was asked for by its end counts from each server's own now. */
    private void requested(List<String> lines) {
        REQUESTED
                .matcher(body)
                .results()
                .map(found -> Duration.parse(found.group(1) + "PT" + found.group(2)))
                .forEach(duration -> lines.add(SECONDS + duration.toSeconds()));
    }

    private static String withoutTimes(String text) {
        Matcher matcher = TIME.matcher(
                text.replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u0026", "&"));
        return matcher.replaceAll(found -> Matcher.quoteReplacement("<time"
                + (found.group(1) == null ? "" : ".fraction")
                + (found.group(2) == null ? "" : found.group(2))
                + (found.group(3) == null ? "" : " m")
                + ">"));
    }

    private void certificate(List<String> lines) throws Exception {
        Map<String, Object> answer = JSONObjectUtils.parse(body);
        String leaf = (String) answer.get("crt");
        List<?> chain = (List<?>) answer.get("certChain");
        lines.add("first of the chain is the certificate: " + leaf.equals(chain.get(0)));
        lines.add("rest: " + withoutLeaf(leaf));
        X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(leaf.getBytes(StandardCharsets.US_ASCII)));
        Certificate parsed = Certificate.getInstance(certificate.getEncoded());
        HexFormat hex = HexFormat.of();
        lines.add("version: " + certificate.getVersion());
        lines.add("issuer: " + hex.formatHex(parsed.getIssuer().getEncoded()));
        lines.add("subject: " + hex.formatHex(parsed.getSubject().getEncoded()));
        lines.add("key: " + hex.formatHex(parsed.getSubjectPublicKeyInfo().getEncoded()));
        lines.add("algorithm: "
                + hex.formatHex(parsed.getTBSCertificate().getSignature().getEncoded()));
        for (ASN1ObjectIdentifier oid :
                parsed.getTBSCertificate().getExtensions().getExtensionOIDs()) {
            Extension extension = parsed.getTBSCertificate().getExtensions().getExtension(oid);
            lines.add("extension " + hex.formatHex(extension.getEncoded()));
        }
        long start = certificate.getNotBefore().toInstant().getEpochSecond();
        lines.add(SECONDS + (certificate.getNotAfter().toInstant().getEpochSecond() - start));
        lines.add(SECONDS + start);
    }

    /** A few seconds may pass between the two servers. */
    private static boolean sameMoment(String left, String right) {
        return left.startsWith(SECONDS)
                && right.startsWith(SECONDS)
                && Math.abs(Long.parseLong(left.substring(SECONDS.length()))
                                - Long.parseLong(right.substring(SECONDS.length())))
                        <= MOST_SECONDS_APART;
    }

    /** All but the leaf, with the order of members as it came. */
    private String withoutLeaf(String leaf) {
        return body.replace(leaf.replace("\n", "\\n"), "<leaf>");
    }
}
