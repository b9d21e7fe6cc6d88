package io.chancery.conformance;

import static io.chancery.conformance.StepCaPeerTokens.ABSENT;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.bouncycastle.asn1.pkcs.CertificationRequest;
import org.bouncycastle.asn1.x509.GeneralName;

/** Fields of a signing request and of its token that are far too long, or of another type, and what else should not count. */
final class StepCaPeerHostileRows {
    private static final String NAME = "hostile.example";
    private static final String LONG = "x".repeat(20_000);
    private static final String LONGEST = "A token with a `sub`, a name in `sans`";
    private static final String DURATION = "A duration has at most 64 characters";
    private static final String AUDIENCES = "a token for more than 32 of them";
    private static final int MANY = 1_500;

    private final StepCaPeerTokens tokens;
    private final StepCaPeerCsr csrs;
    private final String csr;
    private final List<StepCaPeerRow> rows = new ArrayList<>();

    StepCaPeerHostileRows(StepCaPeerTokens tokens, StepCaPeerCsr csrs) throws Exception {
        this.tokens = tokens;
        this.csrs = csrs;
        this.csr = csrs.of(NAME);
    }

    /** @param identity that a client shows where none is asked for */
    List<StepCaPeerRow> rows(StepCaPeerIdentity identity) throws Exception {
        headers();
        claims();
        names();
        bodies();
        requests();
        use();
        withoutTokens();
        row("a certificate is shown", StepCaPeerRequest.sign(csr, token()).by(identity));
        row(
                "a certificate is shown, and no token",
                StepCaPeerRequest.sign(csr, "").by(identity));
        return rows;
    }

    private String token() throws Exception {
        return tokens.of(StepCaPeerPki.PLAIN, NAME);
    }

    private void row(String name, StepCaPeerRequest... requests) {
        rows.add(StepCaPeerRow.same("hostile: " + name, requests));
    }

    private void differs(String name, StepCaPeerRequest request) {
        rows.add(StepCaPeerRow.of("hostile: " + name, Optional.of(LONGEST), request));
    }

    private void headers() throws Exception {
        for (String header : List.of("alg", "kid", "typ", "cty", "x")) {
            row("endless header " + header, StepCaPeerRequest.sign(csr, tokens.withHeader(NAME, Map.of(header, LONG))));
        }
    }

    private StepCaPeerRequest claim(String name, Object value) throws Exception {
        return StepCaPeerRequest.sign(csr, tokens.with(NAME, Map.of(name, value)));
    }

    private void claims() throws Exception {
        for (String name : List.of("iss", "aud", "user", "azp", "tid", "email", "nonce", "sha", "x")) {
            row("endless " + name, claim(name, LONG));
        }
        row("an audience among some", claim("aud", audiences(31, "https://localhost/sign")));
        rows.add(StepCaPeerRow.differs(
                "hostile: an audience among many", AUDIENCES, claim("aud", audiences(32, "https://localhost/sign"))));
        row("many audiences", claim("aud", audiences(800, "https://localhost/")));
        row("endless query in aud", claim("aud", "https://localhost/1.0/sign?" + LONG));
        row("endless fragment in aud", claim("aud", "https://localhost/1.0/sign#" + LONG));
        row("endless cnf", claim("cnf", Map.of("x5rt#S256", "A".repeat(20_000))));
        row("endless step", claim("step", Map.of("x", LONG)));
        differs("jti of 1025 characters", claim("jti", "j".repeat(1_025 - 36) + UUID.randomUUID()));
        row("jti of 1024 characters", claim("jti", "j".repeat(1_024 - 36) + UUID.randomUUID()));
    }

    private static List<String> audiences(int others, String last) {
        List<String> all = new ArrayList<>(IntStream.range(0, others)
                .mapToObj(i -> "https://a" + i + ".example/")
                .toList());
        all.add(last);
        return all;
    }

    private StepCaPeerRequest named(String subject, Object sans) throws Exception {
        return StepCaPeerRequest.sign(csrs.withSans(""), tokens.with(subject, Map.of("sans", sans)));
    }

    private void names() throws Exception {
        String longest = "n".repeat(2_048);
        row("the longest sub", named(longest, List.of("a.example")));
        row("the longest name in sans", named("a.example", List.of("a.example", longest)));
        row("the longest sub is the name, too", named(longest, ABSENT));
        differs("a sub that is longer", named(longest + "n", List.of("a.example")));
        differs("a name in sans that is longer", named("a.example", List.of("a.example", longest + "n")));
        List<String> many =
                IntStream.range(0, MANY).mapToObj(i -> "h" + i + ".example").toList();
        row("very many names", named("a.example", many));
        row(
                "a request for very many names",
                StepCaPeerRequest.sign(
                        csrs.withSans(
                                "CN=a.example",
                                many.stream().map(StepCaPeerCsr::dns).toArray(GeneralName[]::new)),
                        tokens.with("a.example", Map.of("sans", many))));
        row(
                "a request for very many names that the token does not grant",
                StepCaPeerRequest.sign(
                        csrs.withSans("", many.stream().map(StepCaPeerCsr::dns).toArray(GeneralName[]::new)), token()));
    }

    private StepCaPeerRequest asking(String name, Object value) throws Exception {
        Map<String, Object> wish = new LinkedHashMap<>();
        wish.put(name, value);
        return StepCaPeerRequest.sign(csr, token(), wish);
    }

    private void bodies() throws Exception {
        for (String name : List.of("notBefore", "notAfter")) {
            row(name + " a number", asking(name, 5));
            row(name + " a list", asking(name, List.of()));
            row(name + " endless", asking(name, LONG));
            row(name + " with endless digits", asking(name, "1".repeat(20_000) + "h"));
            rows.add(StepCaPeerRow.differs(
                    "hostile: " + name + " with endless zeros", DURATION, asking(name, "0".repeat(20_000) + "10m")));
            rows.add(StepCaPeerRow.differs(
                    "hostile: " + name + " with an endless fraction",
                    DURATION,
                    asking(name, "1." + "0".repeat(20_000) + "h")));
            rows.add(StepCaPeerRow.differs(
                    "hostile: " + name + " with very many units", DURATION, asking(name, "1s".repeat(600))));
        }
        row("ott left out", StepCaPeerRequest.post(JSONObjectUtils.toJSONString(Map.of("csr", csr))));
        row(
                "ott null",
                StepCaPeerRequest.post("{\"csr\":"
                        + JSONObjectUtils.toJSONString(Map.of("c", csr))
                                .replaceFirst("\\{\"c\":", "")
                                .replaceFirst("}$", ",\"ott\":null}")));
        row("endless ott", StepCaPeerRequest.sign(csr, LONG));
        row("ott of endless parts", StepCaPeerRequest.sign(csr, LONG + "." + LONG + "." + LONG));
        row("endless templateData", asking("templateData", Map.of("unit", "u".repeat(40_000))));
        row(
                "long templateData where a template reads it",
                StepCaPeerRequest.sign(
                        csr,
                        tokens.of("template-data", NAME),
                        Map.of("templateData", Map.of("unit", "u".repeat(1_000)))));
        row("an endless member", asking("x", LONG));
        row("an endless name of a member", asking(LONG, "x"));
    }

    private void requests() throws Exception {
        byte[] rubbish = new byte[40_000];
        row(
                "endless rubbish as csr",
                StepCaPeerRequest.sign(StepCaPeerCsr.pem("CERTIFICATE REQUEST", rubbish), token()));
        row("endless text as csr", StepCaPeerRequest.sign(LONG, token()));
        row("endless text before the csr", StepCaPeerRequest.sign(LONG + "\n" + csr, token()));
        KeyPair thief = ApiClient.keyPair("EC", 256);
        CertificationRequest good =
                CertificationRequest.getInstance(csrs.request("CN=" + NAME, "P-256", "SHA256withECDSA", List.of())
                        .getEncoded());
        row("a request for another's key", StepCaPeerRequest.sign(StepCaPeerCsr.signedBy(good, thief), token()));
    }

    private void withoutTokens() throws Exception {
        row("a token by a provisioner of ACME", claim("aud", "https://localhost/1.0/sign#acme/acme"));
        row("a token by a provisioner of ACME for nothing here", claim("aud", "https://other/1.0/sign#acme/acme"));
    }

    private void use() throws Exception {
        String id = UUID.randomUUID().toString();
        Map<String, Object> claims = tokens.claims(StepCaPeerPki.SHORT, NAME);
        claims.put("jti", id);
        row(
                "one jti with two provisioners",
                claim("jti", id),
                StepCaPeerRequest.sign(
                        csr, tokens.signed(StepCaPeerPki.SHORT, tokens.header(StepCaPeerPki.SHORT), claims)));
    }
}
