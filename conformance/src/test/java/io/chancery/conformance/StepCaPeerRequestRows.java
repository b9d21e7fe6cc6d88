package io.chancery.conformance;

import static io.chancery.conformance.StepCaPeerRow.differs;
import static io.chancery.conformance.StepCaPeerRow.same;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Rows of the table about the body, the certificate request, its key, and the wished validity. */
final class StepCaPeerRequestRows {
    private static final String NAME = "request.example";

    private static final String UNSUPPORTED =
            "A public key of an unsupported type or curve is refused with a message that says so.";
    private static final String SHA_1 = "A request whose own signature is by SHA-1 is refused; step-ca takes it.";
    private static final Map<String, String> DIVERGENT = Map.of(
            "key secp256k1 by SHA256withECDSA", UNSUPPORTED,
            "key brainpoolP256r1 by SHA256withECDSA", UNSUPPORTED,
            "key Ed448 by Ed448", UNSUPPORTED,
            "key P-256 by SHA1withECDSA", SHA_1,
            "key RSA-2048 by SHA1withRSA", SHA_1,
            "key RSA-2047 by SHA256withRSA", "RSA keys of 2041 to 2047 bits are refused as too small");

    private final StepCaPeerTokens tokens;
    private final StepCaPeerCsr csrs;
    private final List<StepCaPeerRow> rows = new ArrayList<>();

    StepCaPeerRequestRows(StepCaPeerTokens tokens, StepCaPeerCsr csrs) {
        this.tokens = tokens;
        this.csrs = csrs;
    }

    List<StepCaPeerRow> rows() throws Exception {
        bodies();
        certificateRequests();
        keys();
        confirmations();
        validity();
        validityOfProvisioners();
        return rows;
    }

    private String token() throws Exception {
        return tokens.of(StepCaPeerPki.PLAIN, NAME);
    }

    private void bodies() throws Exception {
        for (String body : List.of(
                "",
                "{",
                "[]",
                "null",
                "5",
                "{}",
                "{} x",
                "{}{}",
                "{\"csr\":1}",
                "{\"csr\":null}",
                "{\"csr\":\"\"}",
                "{\"csr\":\"null\"}",
                "{\"csr\":\"x\"}",
                "{\"csr\":[]}",
                "{\"ott\":\"x\"}",
                "{\"ott\":5}",
                "{\"a\":1}",
                "\u0000",
                "{\"csr\":\"x\",\"ott\":\"y\"}",
                "\"x\"",
                "{\"notAfter\":\"x\"}",
                "{\"notAfter\":5}",
                "{\"notAfter\":null}",
                "{\"templateData\":5}",
                "{'csr':1}",
                "{\"csr\":\"\\ud800\"}",
                "{\"csr\":\"a\nb\"}",
                "{\"csr\":1e999}",
                "\uFEFF{}",
                "/**/{}",
                "{\"a\":1 /* b */}",
                "{// a\n}")) {
            rows.add(same("body " + body.replaceAll("\\p{Cntrl}", "?"), StepCaPeerRequest.post(body)));
        }
        Map<String, Object> good = new LinkedHashMap<>();
        good.put("csr", csrs.of(NAME));
        good.put("ott", token());
        String text = JSONObjectUtils.toJSONString(good);
        rows.add(same("body with more after it", StepCaPeerRequest.post(text + " rubbish")));
        good.put("ott", token());
        text = JSONObjectUtils.toJSONString(good);
        rows.add(same(
                "body with other cases",
                StepCaPeerRequest.post(text.replace("\"csr\"", "\"CSR\"").replace("\"ott\"", "\"OtT\""))));
        good.put("ott", token());
        text = JSONObjectUtils.toJSONString(good);
        rows.add(same(
                "body with a member twice", StepCaPeerRequest.post(text.replaceFirst("\\{", "{\"ott\":\"first\","))));
        for (String member : List.of("\"OTT\":\"other\"", "\"OTT\":5", "\"OTT\":null")) {
            good.put("ott", token());
            text = JSONObjectUtils.toJSONString(good);
            rows.add(same(
                    "body with " + member + " before", StepCaPeerRequest.post("{" + member + "," + text.substring(1))));
            good.put("ott", token());
            text = JSONObjectUtils.toJSONString(good);
            rows.add(same(
                    "body with " + member + " behind",
                    StepCaPeerRequest.post(text.substring(0, text.length() - 1) + "," + member + "}")));
        }
        for (Object data : List.of(Map.of("a", 1), "x", 5, List.of(), true)) {
            rows.add(same(
                    "templateData " + data,
                    StepCaPeerRequest.sign(csrs.of(NAME), token(), Map.of("templateData", data))));
        }
        rows.add(same("a member nobody knows", StepCaPeerRequest.sign(csrs.of(NAME), token(), Map.of("x", "y"))));
        rows.add(same(
                "Content-Type text",
                StepCaPeerRequest.sign(csrs.of(NAME), token()).with("Content-Type", "text/plain")));
        rows.add(same(
                "without prefix",
                new StepCaPeerRequest(
                        "POST",
                        "/sign",
                        Map.of(),
                        StepCaPeerRequest.sign(csrs.of(NAME), token()).body())));
        rows.add(differs(
                "a large body",
                "Bodies over 64 KiB are refused with 413; step-ca has no limit.",
                StepCaPeerRequest.sign(csrs.of(NAME), token(), Map.of("x", "y".repeat(70_000)))));
    }

    private void csr(String name, String csr) throws Exception {
        rows.add(StepCaPeerRow.of(
                "csr " + name, Optional.ofNullable(DIVERGENT.get(name)), StepCaPeerRequest.sign(csr, token())));
    }

    private void certificateRequests() throws Exception {
        String good = csrs.of(NAME);
        byte[] der = csrs.request("CN=" + NAME, "P-256", "SHA256withECDSA", List.of())
                .getEncoded();
        csr("with text before", "some text\n" + good);
        csr("with text after", good + "some text\n");
        csr("twice", good + csrs.of("other.example"));
        csr("of another PEM type", StepCaPeerCsr.pem("CERTIFICATE", der));
        csr("of the old PEM type", StepCaPeerCsr.pem("NEW CERTIFICATE REQUEST", der));
        csr("with PEM headers", good.replaceFirst("-----\n", "-----\nA: b\n\n"));
        csr("with CRLF", good.replace("\n", "\r\n"));
        csr("in one line", StepCaPeerCsr.pem("CERTIFICATE REQUEST", der).replaceAll("(?<!-)\n(?!-)", ""));
        csr("without an end", good.substring(0, good.length() - 40));
        csr("of rubbish", StepCaPeerCsr.pem("CERTIFICATE REQUEST", new byte[] {1, 2, 3}));
        csr("of nothing", StepCaPeerCsr.pem("CERTIFICATE REQUEST", new byte[0]));
        csr("with bytes after", StepCaPeerCsr.pem("CERTIFICATE REQUEST", Arrays.copyOf(der, der.length + 3)));
        csr("cut", StepCaPeerCsr.pem("CERTIFICATE REQUEST", Arrays.copyOf(der, der.length - 3)));
        byte[] spoilt = der.clone();
        spoilt[spoilt.length - 1] ^= 1;
        csr("with a wrong signature", StepCaPeerCsr.pem("CERTIFICATE REQUEST", spoilt));
        csr("as bare base64", java.util.Base64.getEncoder().encodeToString(der));
        rows.add(same(
                "wrong csr signature, no token",
                StepCaPeerRequest.post(JSONObjectUtils.toJSONString(
                        Map.of("csr", StepCaPeerCsr.pem("CERTIFICATE REQUEST", spoilt))))));
        rows.add(same("csr, empty token", StepCaPeerRequest.sign(good, "")));
    }

    private void key(String kind, String algorithm) throws Exception {
        csr("key " + kind + " by " + algorithm, csrs.withKey(NAME, kind, algorithm));
    }

    private void keys() throws Exception {
        for (String kind : List.of("P-224", "P-256", "P-384", "P-521", "secp256k1", "brainpoolP256r1")) {
            key(kind, "SHA256withECDSA");
        }
        key("P-256", "SHA1withECDSA");
        key("P-256", "SHA384withECDSA");
        key("P-384", "SHA512withECDSA");
        for (String kind : List.of("RSA-1024", "RSA-2047", "RSA-2048", "RSA-3072", "RSA-4096")) {
            key(kind, "SHA256withRSA");
        }
        for (String algorithm : List.of(
                "SHA1withRSA",
                "MD5withRSA",
                "SHA384withRSA",
                "SHA512withRSA",
                "SHA256withRSAandMGF1",
                "SHA512withRSAandMGF1")) {
            key("RSA-2048", algorithm);
        }
        key("Ed25519", "Ed25519");
        key("Ed448", "Ed448");
    }

    private void confirmations() throws Exception {
        byte[] der = csrs.request("CN=" + NAME, "P-256", "SHA256withECDSA", List.of())
                .getEncoded();
        String hash =
                StepCaPeerTokens.encode(MessageDigest.getInstance("SHA-256").digest(der));
        String csr = StepCaPeerCsr.pem("CERTIFICATE REQUEST", der);
        for (Object cnf : List.of(
                Map.of("x5rt#S256", hash),
                Map.of("x5rt#S256", hash + "="),
                Map.of("x5rt#S256", "x"),
                Map.of("x5rt#S256", ""),
                Map.of("x5rt#S256", 5),
                Map.of("kid", "x"),
                Map.of(),
                "x",
                5,
                List.of())) {
            rows.add(same(
                    "cnf " + cnf.toString().replace(hash, "hash"),
                    StepCaPeerRequest.sign(csr, tokens.with(NAME, Map.of("cnf", cnf)))));
        }
    }

    private void wish(String provisioner, String notBefore, String notAfter) throws Exception {
        Map<String, Object> wish = new LinkedHashMap<>();
        wish.put("notBefore", notBefore);
        wish.put("notAfter", notAfter);
        rows.add(same(
                "from \"" + notBefore + "\" to \"" + notAfter + "\" by " + provisioner,
                StepCaPeerRequest.sign(csrs.of(NAME), tokens.of(provisioner, NAME), wish)));
    }

    private void validity() throws Exception {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        for (String notAfter : List.of(
                "",
                "10m",
                "1h30m",
                "5m",
                "4m",
                "4m59s",
                "24h",
                "24h1m",
                "24h1m1s",
                "25h",
                "1d",
                "x",
                "-1h",
                "0",
                "0s",
                "1",
                "1.5h",
                "+1h",
                "1h ",
                " 1h",
                "1H",
                ".5h",
                "1e3s",
                "1000000h",
                "9999999999h",
                "1h-30m",
                "90000ms",
                "3600000000us",
                "3600000000\u00b5s",
                "tomorrow",
                now.plusSeconds(3600).toString(),
                now.minusSeconds(3600).toString(),
                now.plusSeconds(3600).toString().replace("Z", "+02:00"),
                now.plusSeconds(3600).toString().replace("Z", ".5Z"),
                now.plusSeconds(3600).toString().replace("Z", ""),
                now.plusSeconds(3600).toString().replace("T", " "),
                now.plusSeconds(3600).toString().replace("T", "t").replace("Z", "z"),
                now.plusSeconds(90_000).toString(),
                "2030-02-30T00:00:00Z",
                "2030-01-01T24:00:00Z",
                "2030-01-01",
                "9999-12-31T23:59:59Z",
                "10000-01-01T00:00:00Z",
                "0001-01-01T00:00:00Z")) {
            wish(StepCaPeerPki.PLAIN, "", notAfter);
        }
        Instant later = now.plusSeconds(3600);
        for (String notAfter : List.of(
                later.plusSeconds(86_340).toString().replace("Z", "+23:59"),
                later.toString().replace("Z", ",5Z"),
                later.toString().replace("Z", ".1234567891Z"),
                "2030-01-01T5:00:00Z")) {
            rows.add(differs(
                    "to \"" + notAfter + "\", which Go reads",
                    "`notBefore` and `notAfter` of a request with an offset of more than 18 hours",
                    StepCaPeerRequest.sign(
                            csrs.of(NAME), tokens.of(StepCaPeerPki.PLAIN, NAME), Map.of("notAfter", notAfter))));
        }
        for (String notBefore : List.of(
                "1h",
                "-1h",
                "0s",
                "25h",
                "x",
                now.plusSeconds(60).toString(),
                now.minusSeconds(600).toString(),
                now.toString())) {
            wish(StepCaPeerPki.PLAIN, notBefore, "");
        }
        wish(StepCaPeerPki.PLAIN, "2h", "1h");
        wish(StepCaPeerPki.PLAIN, "-1h", "2h");
        wish(StepCaPeerPki.PLAIN, "-1h", "30m");
        wish(StepCaPeerPki.PLAIN, "1h", "24h");
        wish(StepCaPeerPki.PLAIN, "1h", "24h2m");
        wish(StepCaPeerPki.PLAIN, "1h", "-5m");
        wish(
                StepCaPeerPki.PLAIN,
                now.plusSeconds(7200).toString(),
                now.plusSeconds(3600).toString());
        wish(
                StepCaPeerPki.PLAIN,
                now.plusSeconds(7200).toString(),
                now.plusSeconds(7500).toString());
        wish(StepCaPeerPki.PLAIN, now.plusSeconds(3600).toString(), "10m");
    }

    private void validityOfProvisioners() throws Exception {
        for (String notAfter : List.of("", "1m", "30s", "2h", "3h")) {
            wish(StepCaPeerPki.SHORT, "", notAfter);
        }
        for (String notAfter : List.of("", "47h", "48h2m", "49h")) {
            wish(StepCaPeerPki.LIFTED, "", notAfter);
        }
        wish(StepCaPeerPki.LONG, "", "8000h");
        String outlives = "A certificate never begins before its issuer nor outlives it";
        rows.add(differs(
                "to outlive the issuer",
                outlives,
                StepCaPeerRequest.sign(
                        csrs.of(NAME), tokens.of(StepCaPeerPki.LONG, NAME), Map.of("notAfter", "199000h"))));
        rows.add(differs(
                "to begin before the issuer",
                outlives,
                StepCaPeerRequest.sign(
                        csrs.of(NAME), tokens.of(StepCaPeerPki.LONG, NAME), Map.of("notBefore", "-5h"))));
    }
}
