package io.chancery.conformance;

import static io.chancery.conformance.StepCaPeerRow.differs;
import static io.chancery.conformance.StepCaPeerRow.same;
import static io.chancery.conformance.StepCaPeerTokens.ABSENT;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Rows of the table about the one-time token: its form, header, claims, and use. */
final class StepCaPeerTokenRows {
    private static final String NAME = "token.example";
    private static final String COMPACT = "Tokens are read in compact serialisation and canonical base64url only";

    private static final String UNUSED = "What Chancery does not use of a token it does not look at";
    private static final String FAR_TIMES = "Times in a token are read up to the year 9999";
    private static final Map<String, String> DIVERGENT = Map.ofEntries(
            Map.entry("header jwk", UNUSED),
            Map.entry("header x5c", UNUSED),
            Map.entry("step = x", UNUSED),
            Map.entry("step = 5", UNUSED),
            Map.entry("step = true", UNUSED),
            Map.entry("step = {ssh=5}", UNUSED),
            Map.entry("email = 5", UNUSED),
            Map.entry("email = true", UNUSED),
            Map.entry("email = {}", UNUSED),
            Map.entry("nonce = 5", UNUSED),
            Map.entry("nonce = true", UNUSED),
            Map.entry("nonce = {}", UNUSED),
            Map.entry("nbf written 99999999999999999999", FAR_TIMES),
            Map.entry("exp in the year 33000", FAR_TIMES),
            Map.entry("blank before", COMPACT),
            Map.entry("blank after", COMPACT),
            Map.entry("blank inside", COMPACT));

    private final StepCaPeerTokens tokens;
    private final String csr;
    private final List<StepCaPeerRow> rows = new ArrayList<>();

    StepCaPeerTokenRows(StepCaPeerTokens tokens, StepCaPeerCsr csrs) throws Exception {
        this.tokens = tokens;
        this.csr = csrs.of(NAME);
    }

    List<StepCaPeerRow> rows() throws Exception {
        provisioners();
        headers();
        audiences();
        times();
        otherClaims();
        forms();
        use();
        return rows;
    }

    private void row(String name, String token) {
        rows.add(StepCaPeerRow.of(
                "token: " + name, Optional.ofNullable(DIVERGENT.get(name)), StepCaPeerRequest.sign(csr, token)));
    }

    private void claim(String name, Object value) throws Exception {
        row(name + " = " + (value == ABSENT ? "absent" : value), tokens.with(NAME, Map.of(name, value)));
    }

    private void claims(String raw) throws Exception {
        row(
                "payload " + raw,
                tokens.raw(StepCaPeerPki.PLAIN, JSONObjectUtils.toJSONString(tokens.header(StepCaPeerPki.PLAIN)), raw));
    }

    /** The good claims as JSON, one piece of text replaced. */
    private void rawClaim(String member, String json) throws Exception {
        Map<String, Object> claims = tokens.claims(StepCaPeerPki.PLAIN, NAME);
        claims.remove(member);
        String text = JSONObjectUtils.toJSONString(claims);
        row(
                member + " written " + json,
                tokens.raw(
                        StepCaPeerPki.PLAIN,
                        JSONObjectUtils.toJSONString(tokens.header(StepCaPeerPki.PLAIN)),
                        text.substring(0, text.length() - 1) + ",\"" + member + "\":" + json + "}"));
    }

    private void provisioners() throws Exception {
        for (String each : List.of(
                StepCaPeerPki.PLAIN,
                StepCaPeerPki.SHORT,
                StepCaPeerPki.LIFTED,
                StepCaPeerPki.NO_EXTENSION,
                StepCaPeerPki.P384)) {
            row("of provisioner " + each, tokens.of(each, NAME));
        }
        row("RS256", tokens.rsa("RS256", "SHA256withRSA", NAME));
        row("PS256", tokens.rsa("PS256", "PSS", NAME));
        row("RS512", tokens.rsa("RS512", "SHA512withRSA", NAME));
        row("RS256 that is PS256", tokens.rsa("RS256", "PSS", NAME));
        row(
                "key of another provisioner",
                tokens.signed(
                        StepCaPeerPki.SHORT,
                        tokens.header(StepCaPeerPki.PLAIN),
                        tokens.claims(StepCaPeerPki.PLAIN, NAME)));
        row(
                "issuer and kid do not fit",
                tokens.signed(
                        StepCaPeerPki.PLAIN,
                        tokens.header(StepCaPeerPki.PLAIN),
                        tokens.claims(StepCaPeerPki.SHORT, NAME)));
    }

    private void headers() throws Exception {
        for (Object alg : List.of("none", "HS256", "ES384", "es256", "", "ES256K", "EdDSA", 5, "RS256")) {
            row("header alg = " + alg, tokens.withHeader(NAME, Map.of("alg", alg)));
        }
        for (String member : List.of("alg", "kid", "typ")) {
            row("header without " + member, tokens.withHeader(NAME, Map.of(member, ABSENT)));
        }
        row("header kid a number", tokens.withHeader(NAME, Map.of("kid", 5)));
        row("header kid unknown", tokens.withHeader(NAME, Map.of("kid", "x")));
        row("header typ other", tokens.withHeader(NAME, Map.of("typ", "at+jwt")));
        row("header typ a number", tokens.withHeader(NAME, Map.of("typ", 1)));
        row("header crit unknown", tokens.withHeader(NAME, Map.of("crit", List.of("exp"))));
        row("header b64 false", tokens.withHeader(NAME, Map.of("crit", List.of("b64"), "b64", false)));
        row("header with more", tokens.withHeader(NAME, Map.of("x", Map.of("y", 1), "nonce", "n")));
        row("header jwk", tokens.withHeader(NAME, Map.of("jwk", Map.of("kty", "EC"))));
        row("header x5c", tokens.withHeader(NAME, Map.of("x5c", List.of("AAAA"))));
    }

    private void audiences() throws Exception {
        for (Object audience : List.of(
                "https://localhost/sign",
                "https://localhost:1/1.0/sign",
                "https://127.0.0.1/1.0/sign",
                "https://localhost/1.0/ssh/sign",
                "https://localhost/ssh/sign",
                "step-certificate-authority",
                "https://localhost/1.0/revoke",
                "https://localhost/1.0/renew",
                "https://localhost/1.0/sign/",
                "https://localhost/1.0/sign?x",
                "https://localhost/1.0/sign#x",
                "https://localhost/1.0/sign#",
                "https://LOCALHOST/1.0/sign",
                "HTTPS://localhost/1.0/sign",
                "http://localhost/1.0/sign",
                "https://other.example/1.0/sign",
                "https://[::1]/1.0/sign",
                "https://user@localhost/1.0/sign",
                "https://localhost:/1.0/sign",
                "https://localhost:x/1.0/sign",
                "localhost/1.0/sign",
                "",
                List.of(),
                List.of("https://localhost/1.0/sign"),
                List.of("x", "https://localhost/1.0/sign"),
                List.of(1),
                Map.of(),
                5)) {
            claim("aud", audience);
        }
        claim("aud", ABSENT);
        rawClaim("aud", "null");
    }

    private void times() throws Exception {
        long now = Instant.now().getEpochSecond();
        for (String each : List.of("exp", "nbf", "iat")) {
            claim(each, ABSENT);
            claim(each, String.valueOf(now));
            claim(each, now + 0.5);
            claim(each, true);
            claim(each, -1);
            claim(each, 0);
            rawClaim(each, "null");
            rawClaim(each, "1e400");
            rawClaim(each, "99999999999999999999");
            rawClaim(each, now / 1000 + "." + String.format("%03d", now % 1000) + "e3");
        }
        claim("exp", now - 5);
        claim("exp", now - 90);
        row("exp in the year 33000", tokens.with(NAME, Map.of("exp", now + 1_000_000_000_000L)));
        claim("nbf", now + 30);
        claim("nbf", now + 300);
        claim("iat", now + 30);
        claim("iat", now + 300);
        claim("iat", now - 86_400);
    }

    private void otherClaims() throws Exception {
        for (Object value : List.of("", "Admin", " admin", 5, List.of("admin"))) {
            claim("iss", value);
        }
        for (Object value : List.of("", 5, "other.example", Map.of())) {
            claim("sub", value);
        }
        for (Object value : List.of("", 5, "x".repeat(500))) {
            claim("jti", value);
        }
        for (String each : List.of("iss", "sub", "jti", "sans")) {
            claim(each, ABSENT);
            rawClaim(each, "null");
        }
        for (Object value : List.of("x", 5, true, Map.of())) {
            claim("sha", value);
            claim("user", value);
            claim("email", value);
            claim("tid", value);
            claim("azp", value);
            claim("step", value);
            claim("nonce", value);
        }
        claim("step", Map.of("ssh", Map.of("certType", "user", "keyID", "a")));
        claim("step", Map.of("ssh", 5));
        claim("iss", "kubernetes/serviceaccount");
    }

    private void forms() throws Exception {
        for (String raw : List.of("", "{", "[]", "null", "5", "\"x\"", "{}", "{} ", "{}x", "{\"a\":}", "\uFEFF{}")) {
            claims(raw);
        }
        for (String raw :
                List.of("garbage", "a.b.c", "..", "{}", "e30.e30.", "e30.e30.e30", "a.b", "a.b.c.d", " ", "\u0000")) {
            row("text " + raw, raw);
        }
        String good = tokens.of(StepCaPeerPki.PLAIN, NAME);
        row("without a signature", good.substring(0, good.lastIndexOf('.') + 1));
        row("signature cut", tokens.of(StepCaPeerPki.PLAIN, NAME).substring(0, 400));
        row("blank before", " " + tokens.of(StepCaPeerPki.PLAIN, NAME));
        row("blank after", tokens.of(StepCaPeerPki.PLAIN, NAME) + "\n");
        row("blank inside", tokens.of(StepCaPeerPki.PLAIN, NAME).replaceFirst("\\.", ".\n"));
        rows.add(differs(
                "token: padding", COMPACT, StepCaPeerRequest.sign(csr, tokens.of(StepCaPeerPki.PLAIN, NAME) + "==")));
        String[] parts = tokens.of(StepCaPeerPki.PLAIN, NAME).split("\\.");
        Map<String, Object> flat = new LinkedHashMap<>();
        flat.put("protected", parts[0]);
        flat.put("payload", parts[1]);
        flat.put("signature", parts[2]);
        rows.add(differs(
                "token: JSON serialisation", COMPACT, StepCaPeerRequest.sign(csr, JSONObjectUtils.toJSONString(flat))));
        rewritten("twice sub", "{", "{\"sub\":\"first.example\",");
        rewritten("sub in another case", "\"sub\"", "\"SUB\"");
        rewritten("sans in another case", "\"sans\"", "\"Sans\"");
    }

    /** A good token, but for one text in its payload. */
    private void rewritten(String name, String text, String other) throws Exception {
        row(
                name,
                tokens.raw(
                        StepCaPeerPki.PLAIN,
                        JSONObjectUtils.toJSONString(tokens.header(StepCaPeerPki.PLAIN)),
                        JSONObjectUtils.toJSONString(tokens.claims(StepCaPeerPki.PLAIN, NAME))
                                .replaceFirst(java.util.regex.Pattern.quote(text), other)));
    }

    private void use() throws Exception {
        String used = tokens.of(StepCaPeerPki.PLAIN, NAME);
        StepCaPeerRequest request = StepCaPeerRequest.sign(csr, used);
        rows.add(same("token: used twice", request, request));
        String jti = "one-id-" + Instant.now().toEpochMilli();
        rows.add(same(
                "token: another with the same jti",
                StepCaPeerRequest.sign(csr, tokens.with(NAME, Map.of("jti", jti))),
                StepCaPeerRequest.sign(
                        csr, tokens.with(NAME, Map.of("jti", jti, "sans", List.of(NAME, "b.example"))))));
        StepCaPeerRequest nameless = StepCaPeerRequest.sign(csr, tokens.with(NAME, Map.of("jti", ABSENT)));
        rows.add(same("token: without jti used twice", nameless, nameless));
        Map<String, Object> unnamed = tokens.claims(StepCaPeerPki.PLAIN, NAME);
        unnamed.remove("jti");
        unnamed.put("x", "not what the row above used up");
        Map<String, Object> header = tokens.header(StepCaPeerPki.PLAIN);
        rows.add(differs(
                "token: without jti signed twice",
                "A token without a `jti` is told from others by what is signed",
                StepCaPeerRequest.sign(csr, tokens.signed(StepCaPeerPki.PLAIN, header, unnamed)),
                StepCaPeerRequest.sign(csr, tokens.signed(StepCaPeerPki.PLAIN, header, unnamed))));
        String spared = tokens.of(StepCaPeerPki.PLAIN, NAME);
        rows.add(differs(
                "token: used after a refusal",
                "A token is used up only when all else about the request has passed; step-ca burns it first.",
                StepCaPeerRequest.sign(csr, spared, Map.of("notAfter", "1s")),
                StepCaPeerRequest.sign(csr, spared)));
    }
}
