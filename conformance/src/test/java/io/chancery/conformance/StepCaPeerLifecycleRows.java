package io.chancery.conformance;

import static io.chancery.conformance.StepCaPeerRequest.post;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** Requests to renew, rekey and revoke, good ones and such as are wrong in one place each. */
final class StepCaPeerLifecycleRows {
    private static final String CLIENT = "clientAuth";
    private static final String RENEW_TOKEN =
            "A renew token whose algorithm or claims cannot be read, with a critical header, or whose issuer is wrong, is"
                    + " refused with 401 and a `status` in the body";
    private static final String SERIALS = "A serial number that no certificate can have";
    private static final String WEAK = "A key of a rekey request is held to the same strength as any other";
    private static final String REASON = "a reason of more than 1,024 characters";

    private final StepCaPeerPki pki;
    private final StepCaPeerTokens tokens;
    private final List<StepCaPeerRow> rows = new ArrayList<>();
    private StepCaPeerIdentity plain;
    private StepCaPeerIdentity other;

    StepCaPeerLifecycleRows(StepCaPeerPki pki, StepCaPeerTokens tokens) {
        this.pki = pki;
        this.tokens = tokens;
    }

    List<StepCaPeerRow> rows() throws Exception {
        plain = pki.identity("plain.example", StepCaPeerPki.PLAIN, "-30m", "24h", "serverAuth", CLIENT);
        other = pki.identity("second.example", StepCaPeerPki.PLAIN, "-30m", "24h", CLIENT);
        renewals();
        rekeys();
        renewTokens();
        spoiltHeaders();
        revokeBodies();
        revokeTokens();
        revokeItself();
        lists();
        return rows;
    }

    private void same(String name, StepCaPeerRequest... requests) {
        rows.add(StepCaPeerRow.same(name, requests));
    }

    private void differs(String name, String divergence, StepCaPeerRequest... requests) {
        rows.add(StepCaPeerRow.differs(name, divergence, requests));
    }

    private static StepCaPeerRequest renew(String path) {
        return StepCaPeerRequest.of("POST", path);
    }

    private void renewals() throws Exception {
        for (String path : List.of("/renew", "/1.0/renew", "/re-sign")) {
            same("POST " + path + " over TLS", renew(path).by(plain));
            same("POST " + path + " without a certificate", renew(path));
            same("GET " + path, StepCaPeerRequest.get(path));
        }
        same("renew with the leaf alone", renew("/renew").by(plain.leafOnly()));
        same("renew with a body", post("/renew", "{\"csr\":1").by(plain));
        same("renew with another's key", renew("/renew").by(plain.withKeyOf(other)));
        same("renew twice", renew("/renew").by(plain), renew("/renew").by(plain));
        same(
                "renew of one without extension",
                renew("/renew").by(pki.identity("bare.example", "", "-30m", "1h", CLIENT)));
        same(
                "renew of a provisioner that is gone",
                renew("/renew").by(pki.identity("gone.example", "nobody", "-30m", "1h", CLIENT)));
        same(
                "renew where it is disabled",
                renew("/renew").by(pki.identity("off.example", StepCaPeerPki.NO_RENEWAL, "-30m", "1h", CLIENT)));
        same(
                "renew longer than the claims allow now",
                renew("/renew").by(pki.identity("long.example", StepCaPeerPki.SHORT, "-30m", "400h", CLIENT)));
        same(
                "renew of one for servers alone",
                renew("/renew").by(pki.identity("server.example", StepCaPeerPki.PLAIN, "-30m", "1h", "serverAuth")));
        same(
                "renew of one for any purpose",
                renew("/renew").by(pki.identity("any.example", StepCaPeerPki.PLAIN, "-30m", "1h", "any", CLIENT)));
        differs(
                "renew of one for OCSP responses",
                "for signing OCSP responses (`ocspSigning`) is refused with 403 unless `keyRules.allowOcspSigning` is set, also on"
                        + " renewal",
                renew("/renew")
                        .by(pki.identity("ocsp.example", StepCaPeerPki.PLAIN, "-30m", "1h", CLIENT, "ocspSigning")));
        same(
                "renew of one that is not valid yet",
                renew("/renew").by(pki.identity("future.example", StepCaPeerPki.PLAIN, "30m", "1h", CLIENT)));
        same(
                "renew of an expired one over TLS",
                renew("/renew").by(pki.identity("late.example", StepCaPeerPki.AFTER_EXPIRY, "-60m", "-30m", CLIENT)));
    }

    private void rekeys() throws Exception {
        String csr = ApiClient.csr("ignored.example", ApiClient.keyPair("EC", 256));
        for (String path : List.of("/rekey", "/1.0/rekey")) {
            same("POST " + path, post(path, csrBody(csr)).by(plain));
            same("POST " + path + " without a certificate", post(path, csrBody(csr)));
            same("GET " + path, StepCaPeerRequest.get(path));
        }
        for (String body : List.of(
                "",
                "{}",
                "null",
                "[]",
                "{\"csr\":1}",
                "{\"csr\":\"\"}",
                "{\"csr\":\"x\"}",
                "{\"csr\":null}",
                "{\"CSR\":\"null\"}",
                csrBody(csr) + "x",
                "x" + csrBody(csr))) {
            same("rekey with " + brief(body), post("/rekey", body).by(plain));
        }
        byte[] der = Base64.getMimeDecoder().decode(csr.replaceAll("-----[^-]*-----", ""));
        der[der.length - 1] ^= 1;
        same(
                "rekey with a request that is not signed by its key",
                post("/rekey", csrBody(pem(der))).by(plain));
        same(
                "rekey with rubbish in PEM",
                post("/rekey", csrBody(pem(new byte[] {1, 2, 3}))).by(plain));
        same(
                "rekey with RSA",
                post("/rekey", csrBody(ApiClient.csr("x", ApiClient.keyPair("RSA", 2048))))
                        .by(plain));
        KeyPair weak = ApiClient.keyPair("RSA", 1024);
        differs(
                "rekey with a weak key",
                WEAK,
                post("/rekey", csrBody(ApiClient.csr("x", weak))).by(plain));
        same(
                "rekey where renewal is disabled",
                post("/rekey", csrBody(csr))
                        .by(pki.identity("off2.example", StepCaPeerPki.NO_RENEWAL, "-30m", "1h", CLIENT)));
        same(
                "rekey by a renew token",
                post("/rekey", csrBody(csr)).with("Authorization", "Bearer " + renewToken(plain, claims -> {})));
    }

    private static String csrBody(String csr) {
        return JSONObjectUtils.toJSONString(Map.of("csr", csr));
    }

    private static String pem(byte[] der) {
        return "-----BEGIN CERTIFICATE REQUEST-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END CERTIFICATE REQUEST-----\n";
    }

    private static String brief(String body) {
        return body.length() > 40 ? body.substring(0, 20) + "…" + body.substring(body.length() - 4) : body;
    }

    private String renewToken(StepCaPeerIdentity identity, Consumer<Map<String, Object>> change) throws Exception {
        return renewToken(identity, change, header -> {});
    }

    private static String renewToken(
            StepCaPeerIdentity identity, Consumer<Map<String, Object>> change, Consumer<Map<String, Object>> inHeader)
            throws Exception {
        long now = Instant.now().getEpochSecond();
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("alg", "ES256");
        header.put("kid", "any");
        header.put("typ", "JWT");
        header.put("x5cInsecure", identity.inHeader());
        inHeader.accept(header);
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("aud", "https://localhost/renew");
        claims.put("exp", now + 600);
        claims.put("iat", now);
        claims.put("iss", "step-ca-client/1.0");
        claims.put("jti", UUID.randomUUID().toString());
        claims.put("nbf", now);
        claims.put(
                "sub",
                identity.chain().get(0).getSubjectX500Principal().getName().substring("CN=".length()));
        change.accept(claims);
        return identity.signed(part(header) + "." + part(claims));
    }

    private static String part(Map<String, Object> members) {
        return StepCaPeerTokens.encode(JSONObjectUtils.toJSONString(members).getBytes(StandardCharsets.UTF_8));
    }

    private static StepCaPeerRequest bearer(String token) {
        return renew("/renew").with("Authorization", "Bearer " + token);
    }

    private void renewTokens() throws Exception {
        long now = Instant.now().getEpochSecond();
        same("renew by token", bearer(renewToken(plain, claims -> {})));
        String used = renewToken(plain, claims -> {});
        same("renew by a used token", bearer(used), bearer(used));
        same("renew by token without jti", bearer(renewToken(plain, claims -> claims.remove("jti"))));
        claim("aud", "https://localhost/1.0/renew");
        claim("aud", "https://localhost:1234/renew");
        claim("aud", "https://localhost/renew/");
        claim("aud", "https://localhost/sign");
        claim("aud", "https://other/renew");
        claim("aud", List.of("x", "https://127.0.0.1/renew"));
        claim("aud", null);
        claim("sub", "other.plain.example");
        claim("sub", null);
        claim("iss", StepCaPeerPki.PLAIN);
        differs("renew token with iss x", RENEW_TOKEN, bearer(renewToken(plain, claims -> claims.put("iss", "x"))));
        differs("renew token without iss", RENEW_TOKEN, bearer(renewToken(plain, claims -> claims.remove("iss"))));
        claim("exp", now - 300);
        claim("exp", now - 5);
        claim("exp", null);
        claim("nbf", now + 300);
        claim("nbf", now + 30);
        claim("iat", now + 300);
        claim("iat", null);
        for (String name : List.of("exp", "nbf", "iat")) {
            differs(
                    "renew token with a text as " + name,
                    RENEW_TOKEN,
                    bearer(renewToken(plain, claims -> claims.put(name, "x"))));
        }
        same("renew token signed with another key", bearer(renewToken(plain.withKeyOf(other), claims -> {})));
        same("renew token with the leaf alone", bearer(renewToken(plain.leafOnly(), claims -> {})));
        same(
                "renew token of one without extension",
                bearer(renewToken(pki.identity("bare2.example", "", "-30m", "1h", CLIENT), claims -> {})));
        same(
                "renew token of a provisioner that is gone",
                bearer(renewToken(pki.identity("gone2.example", "nobody", "-30m", "1h", CLIENT), claims -> {})));
        same(
                "renew token where renewal is disabled",
                bearer(renewToken(
                        pki.identity("off3.example", StepCaPeerPki.NO_RENEWAL, "-30m", "1h", CLIENT), claims -> {})));
        same(
                "renew token of an expired one",
                bearer(renewToken(
                        pki.identity("late2.example", StepCaPeerPki.PLAIN, "-60m", "-30m", CLIENT), claims -> {})));
        same(
                "renew token of an expired one where that is allowed",
                bearer(renewToken(
                        pki.identity("late3.example", StepCaPeerPki.AFTER_EXPIRY, "-60m", "-30m", CLIENT),
                        claims -> {})));
        same(
                "renew token of one for servers alone",
                bearer(renewToken(
                        pki.identity("server2.example", StepCaPeerPki.PLAIN, "-30m", "1h", "serverAuth"),
                        claims -> {})));
        same(
                "a certificate on the connection wins over a token",
                bearer("rubbish").by(plain));
    }

    private void claim(String name, Object value) throws Exception {
        same("renew token with " + name + " " + value, bearer(renewToken(plain, claims -> {
            if (value == null) {
                claims.remove(name);
            } else {
                claims.put(name, value);
            }
        })));
    }

    private void spoiltHeaders() throws Exception {
        for (Object chain : List.of("text", 7, Map.of(), List.of(1), List.of("AAAA"), List.of("not base64!"))) {
            same(
                    "renew token with x5cInsecure " + chain,
                    bearer(renewToken(plain, claims -> {}, header -> header.put("x5cInsecure", chain))));
        }
        same(
                "renew token without x5cInsecure",
                bearer(renewToken(plain, claims -> {}, header -> header.remove("x5cInsecure"))));
        List<String> reversed = new ArrayList<>(plain.inHeader());
        java.util.Collections.reverse(reversed);
        same(
                "renew token with the chain reversed",
                bearer(renewToken(plain, claims -> {}, header -> header.put("x5cInsecure", reversed))));
        List<String> swapped = new ArrayList<>(plain.inHeader());
        swapped.set(0, other.inHeader().get(0));
        same(
                "renew token with another's certificate",
                bearer(renewToken(plain, claims -> {}, header -> header.put("x5cInsecure", swapped))));
        same(
                "renew token with alg ES384",
                bearer(renewToken(plain, claims -> {}, header -> header.put("alg", "ES384"))));
        for (String alg : List.of("none", "HS256")) {
            differs(
                    "renew token with alg " + alg,
                    RENEW_TOKEN,
                    bearer(renewToken(plain, claims -> {}, header -> header.put("alg", alg))));
        }
        for (String text : List.of("x", "a.b.c", "..", "a.b")) {
            same("renew token " + text, bearer(text));
        }
        for (String text : List.of("Basic eDp5", "bearer x", "Bearer", "")) {
            same("Authorization " + text, renew("/renew").with("Authorization", text));
        }
    }

    private static StepCaPeerRequest revoke(String body) {
        return post("/revoke", body);
    }

    private void revokeBodies() {
        for (String body : List.of(
                "",
                "{}",
                "null",
                "[]",
                "{\"serial\":\"xyz\"}",
                "{\"serial\":\"\"}",
                "{\"serial\":1}",
                "{\"serial\":\" 1\"}",
                "{\"serial\":\"1\"}",
                "{\"serial\":\"1\",\"passive\":false}",
                "{\"serial\":\"1\",\"passive\":true}",
                "{\"serial\":\"1\",\"passive\":\"true\"}",
                "{\"serial\":\"1\",\"passive\":1}",
                "{\"serial\":\"1\",\"passive\":true,\"reasonCode\":11}",
                "{\"serial\":\"1\",\"passive\":true,\"reasonCode\":-1}",
                "{\"serial\":\"1\",\"passive\":true,\"reasonCode\":1.5}",
                "{\"serial\":\"1\",\"passive\":true,\"reasonCode\":\"1\"}",
                "{\"serial\":\"1\",\"passive\":true,\"reasonCode\":99999999999999999999}",
                "{\"serial\":\"1\",\"passive\":true,\"reason\":7}",
                "{\"serial\":\"1\",\"passive\":true,\"ott\":7}",
                "{\"serial\":\"1\",\"passive\":true,\"ott\":\"x\"}",
                "{\"serial\":\"1\",\"passive\":true,\"ott\":\"a.b.c\"}",
                "{\"SERIAL\":\"1\",\"PASSIVE\":true}",
                "{\"serial\":\"1\",\"passive\":true}x")) {
            same("revoke with " + body, revoke(body));
        }
        same("GET /revoke", StepCaPeerRequest.get("/revoke"));
        same("POST /1.0/revoke", post("/1.0/revoke", "{}"));
        for (String serial : List.of("0", "-1", "0x" + "f".repeat(42))) {
            differs(
                    "revoke serial " + serial,
                    SERIALS,
                    revoke("{\"serial\":\"" + serial + "\",\"passive\":true,\"ott\":\"x\"}"));
        }
    }

    private String ott(String serial, Map<String, Object> changes) throws Exception {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("aud", "https://localhost/1.0/revoke");
        all.put("sans", StepCaPeerTokens.ABSENT);
        all.putAll(changes);
        return tokens.with(serial, all);
    }

    private static String body(String serial, String ott) {
        return JSONObjectUtils.toJSONString(Map.of("serial", serial, "ott", ott, "passive", true, "reasonCode", 1));
    }

    private static String unusedSerial() {
        return new java.math.BigInteger(1, UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII))
                .mod(java.math.BigInteger.ONE.shiftLeft(100))
                .toString();
    }

    private void revokeTokens() throws Exception {
        String serial = unusedSerial();
        String first = ott(serial, Map.of());
        same("revoke by token", revoke(body(serial, first)));
        same("revoke by a used token", revoke(body(serial, first)));
        same("revoke again", revoke(body(serial, ott(serial, Map.of()))));
        String hex = unusedSerial();
        same(
                "revoke in hexadecimal",
                revoke(body("0x" + new java.math.BigInteger(hex).toString(16), ott(hex, Map.of()))));
        same("revoke another serial than the token's", revoke(body("5", ott(unusedSerial(), Map.of()))));
        long now = Instant.now().getEpochSecond();
        Map<String, Object> bad = new LinkedHashMap<>();
        bad.put("aud", "https://localhost/1.0/sign");
        bad.put("iss", "nobody");
        bad.put("exp", now - 300);
        bad.put("nbf", now + 300);
        bad.put("iat", now + 300);
        bad.put("sub", "");
        for (Map.Entry<String, Object> each : bad.entrySet()) {
            String some = unusedSerial();
            same(
                    "revoke token with " + each.getKey() + " " + each.getValue(),
                    revoke(body(some, ott(some, Map.of(each.getKey(), each.getValue())))));
        }
        for (String audience : List.of("step-certificate-authority", "https://localhost:9/revoke")) {
            String some = unusedSerial();
            same("revoke token for " + audience, revoke(body(some, ott(some, Map.of("aud", audience)))));
        }
        String some = unusedSerial();
        same("revoke by a token for signing", revoke(body(some, tokens.of(StepCaPeerPki.PLAIN, some))));
        Map<String, Object> wordy = new LinkedHashMap<>();
        wordy.put("serial", some);
        wordy.put("ott", ott(some, Map.of()));
        wordy.put("passive", true);
        wordy.put("reason", "x".repeat(1025));
        differs("revoke for a long reason", REASON, revoke(JSONObjectUtils.toJSONString(wordy)));
    }

    private void revokeItself() throws Exception {
        StepCaPeerIdentity own = pki.identity("own.example", StepCaPeerPki.PLAIN, "-30m", "1h", CLIENT);
        String body = JSONObjectUtils.toJSONString(Map.of("serial", own.serial(), "passive", true));
        same("revoke another than the certificate shown", revoke(body).by(other));
        same("a certificate revokes itself", revoke(body).by(own));
        same("a certificate revokes itself again", revoke(body).by(own));
        same("renew of a revoked one", renew("/renew").by(own));
        same("renew token of a revoked one", bearer(renewToken(own, claims -> {})));
        String csr = csrBody(ApiClient.csr("x", ApiClient.keyPair("EC", 256)));
        same("rekey of a revoked one", post("/rekey", csr).by(own));
        same(
                "a token wins over the certificate",
                revoke(body(own.serial(), "x")).by(other));
    }

    private void lists() {
        for (String path : List.of("/crl", "/1.0/crl", "/crl?pem")) {
            same("GET " + path + " where no lists are made", StepCaPeerRequest.get(path));
        }
        rows.add(StepCaPeerRow.of(
                "POST /crl", Optional.of("`Allow` names HEAD beside GET"), StepCaPeerRequest.of("POST", "/crl")));
    }
}
