package io.chancery.conformance;

import static io.chancery.conformance.StepCaPeerRequest.post;
import static io.chancery.conformance.StepCaPeerTokens.ABSENT;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Requests to revoke whose token is spoilt in one header or claim, and bodies that are too long. */
final class StepCaPeerRevokeRows {
    private static final String LONG = "x".repeat(20_000);
    private static final String LONGEST = "A token with a `sub`, a name in `sans`";
    private static final String SERIALS = "A serial number that no certificate can have";
    private static final String UNUSED = "What Chancery does not use of a token it does not look at";

    private final StepCaPeerTokens tokens;
    private final List<StepCaPeerRow> rows = new ArrayList<>();

    StepCaPeerRevokeRows(StepCaPeerTokens tokens) {
        this.tokens = tokens;
    }

    List<StepCaPeerRow> rows() throws Exception {
        headers();
        claims();
        signatures();
        bodies();
        return rows;
    }

    private void row(String name, Optional<String> divergence, StepCaPeerRequest... requests) {
        rows.add(StepCaPeerRow.of("revoke: " + name, divergence, requests));
    }

    private static String serial() {
        return new BigInteger(1, UUID.randomUUID().toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                .mod(BigInteger.ONE.shiftLeft(100))
                .setBit(0)
                .toString();
    }

    static StepCaPeerRequest revoke(String serial, String ott) {
        return post(
                "/revoke",
                JSONObjectUtils.toJSONString(Map.of("serial", serial, "ott", ott, "passive", true, "reasonCode", 1)));
    }

    private Map<String, Object> good(String serial) {
        Map<String, Object> claims = tokens.claims(StepCaPeerPki.PLAIN, serial);
        claims.put("aud", "https://localhost/1.0/revoke");
        claims.remove("sans");
        return claims;
    }

    private void header(String name, Object value) throws Exception {
        header(name, value, Optional.empty());
    }

    private void header(String name, Object value, Optional<String> divergence) throws Exception {
        String serial = serial();
        Map<String, Object> header = tokens.header(StepCaPeerPki.PLAIN);
        StepCaPeerTokens.apply(header, Map.of(name, value));
        row(
                "header " + name + " = " + brief(value),
                divergence,
                revoke(serial, tokens.signed(StepCaPeerPki.PLAIN, header, good(serial))));
    }

    private static String brief(Object value) {
        String text = value == ABSENT ? "absent" : value.toString();
        return text.length() > 30 ? text.charAt(0) + "… (" + text.length() + ")" : text;
    }

    private void headers() throws Exception {
        for (Object value : List.of(ABSENT, 5, LONG, "")) {
            header("alg", value);
            header("kid", value);
            header("typ", value);
        }
        for (String alg : List.of("none", "HS256", "ES384", "es256")) {
            header("alg", alg);
        }
        header("kid", "unknown");
        header("crit", List.of("exp"));
        header("x", LONG);
        for (Object value : List.of("x", List.of("AAAA"))) {
            header("x5c", value, Optional.of(UNUSED));
        }
    }

    private void claim(String name, Object value) throws Exception {
        claim(name, value, Optional.empty());
    }

    private void claim(String name, Object value, Optional<String> divergence) throws Exception {
        String serial = serial();
        Map<String, Object> claims = good(serial);
        StepCaPeerTokens.apply(claims, Map.of(name, value));
        row(
                name + " = " + brief(value),
                divergence,
                revoke(serial, tokens.signed(StepCaPeerPki.PLAIN, tokens.header(StepCaPeerPki.PLAIN), claims)));
    }

    private void claims() throws Exception {
        long now = Instant.now().getEpochSecond();
        for (String name : List.of("iss", "aud", "sub", "jti", "iat", "nbf", "exp")) {
            claim(name, ABSENT);
            claim(name, true);
            claim(name, Map.of());
        }
        for (String name : List.of("iss", "aud")) {
            claim(name, LONG);
            claim(name, List.of());
        }
        for (Object value : List.of(List.of("x", "https://localhost/revoke"), "https://localhost/revoke/", "")) {
            claim("aud", value);
        }
        claim("sub", "7".repeat(500));
        claim("sub", LONG, Optional.of(LONGEST));
        claim("jti", "j".repeat(988) + UUID.randomUUID());
        claim("jti", "j".repeat(989) + UUID.randomUUID(), Optional.of(LONGEST));
        claim("sans", List.of("other.example"));
        claim("sans", "x");
        claim("exp", now - 5);
        claim("exp", "x");
        claim("nbf", now + 30);
        claim("iat", now - 86_400);
        claim("cnf", Map.of("x5rt#S256", "AAAA"));
        for (String name : List.of("user", "email", "nonce", "x")) {
            claim(name, LONG);
        }
    }

    private void signatures() throws Exception {
        String serial = serial();
        Map<String, Object> header = tokens.header(StepCaPeerPki.PLAIN);
        row(
                "signed by another provisioner's key",
                Optional.empty(),
                revoke(serial, tokens.signed(StepCaPeerPki.SHORT, header, good(serial))));
        String cut = tokens.signed(StepCaPeerPki.PLAIN, header, good(serial));
        row("signature left out", Optional.empty(), revoke(serial, cut.substring(0, cut.lastIndexOf('.') + 1)));
        row("signature cut", Optional.empty(), revoke(serial, cut.substring(0, cut.length() - 8)));
        String[] parts = cut.split("\\.");
        Map<String, Object> changed = good(serial);
        changed.put("exp", Instant.now().getEpochSecond() + 7_200);
        String payload = StepCaPeerTokens.encode(
                JSONObjectUtils.toJSONString(changed).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        row("payload changed", Optional.empty(), revoke(serial, parts[0] + "." + payload + "." + parts[2]));
        Map<String, Object> nameless = good(serial);
        nameless.remove("jti");
        StepCaPeerRequest once = revoke(serial, tokens.signed(StepCaPeerPki.PLAIN, header, nameless));
        row("without jti, and again", Optional.empty(), once, once);
    }

    private void bodies() throws Exception {
        row("endless ott", Optional.empty(), revoke("7", LONG));
        row("endless text as serial", Optional.of(SERIALS), revoke(LONG, "x"));
        for (String body : List.of(
                "{",
                "{\"serial\":\"1\",}",
                "{\"serial\":\"1\",\"passive\":tru}",
                "{\"serial\":\"\\ud800\",\"passive\":true}",
                "{\"serial\":[\"1\"],\"passive\":true}",
                "{\"serial\":null,\"passive\":true}",
                "\u0000",
                "\uFEFF{\"serial\":\"1\"}",
                "{\"serial\":\"1\",\"passive\":true,\"x\":\"" + LONG + "\"}",
                "{\"serial\":\"1\",\"passive\":true,\"reasonCode\":null,\"reason\":null,\"ott\":null}",
                "{\"serial\":\"1\",\"passive\":true,\"reasonCode\":1e400}",
                "{\"serial\":\"1\",\"passive\":true,\"reasonCode\":1e0}",
                "{\"serial\":\"1\",\"passive\":true,\"reasonCode\":" + "1".repeat(20_000) + "}")) {
            row(
                    "body " + brief(body.replaceAll("\\p{Cntrl}", "?")) + body.hashCode(),
                    Optional.empty(),
                    post("/revoke", body));
        }
        Map<String, Object> twice = new LinkedHashMap<>();
        String serial = serial();
        twice.put("serial", serial);
        twice.put("passive", true);
        twice.put("ott", tokens.signed(StepCaPeerPki.PLAIN, tokens.header(StepCaPeerPki.PLAIN), good(serial)));
        String text = JSONObjectUtils.toJSONString(twice);
        row("a member twice", Optional.empty(), post("/revoke", text.replaceFirst("\\{", "{\"serial\":\"5\",")));
    }
}
