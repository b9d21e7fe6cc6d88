package io.chancery.conformance;

import static io.chancery.conformance.StepCaPeerTokens.ABSENT;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.testing.IssuerKey;
import io.chancery.testing.LocalIssuer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.x509.GeneralName;

/** Rows of the table about ID tokens of an OpenID provider that both servers know. */
final class StepCaPeerOidcRows {
    private static final String PEOPLE = "people";
    private static final String STAFF = "staff-only";
    private static final String TEMPLATED = "templated-people";
    private static final String DEAD = "nobody-there";
    private static final String ADMIN = "root@ca.example";
    private static final String LONGEST = "A token with a `sub`, a name in `sans`";
    private static final String UNUSED = "What Chancery does not use of a token it does not look at";

    private final LocalIssuer issuer;
    private final IssuerKey rsa;
    private final IssuerKey ec;
    private final IssuerKey ed;
    private final String csr;
    private final List<StepCaPeerRow> rows = new ArrayList<>();

    /** @param issuer its keys are RSA, EC and Ed25519 */
    StepCaPeerOidcRows(LocalIssuer issuer, StepCaPeerCsr csrs) throws Exception {
        this.issuer = issuer;
        this.rsa = issuer.keys().get(0);
        this.ec = issuer.keys().get(1);
        this.ed = issuer.keys().get(2);
        this.csr = csrs.withSans(
                "CN=asked.example,O=Asked",
                new GeneralName(GeneralName.dNSName, "www.asked.example"),
                new GeneralName(GeneralName.iPAddress, "10.0.0.9"));
    }

    /** As step writes them. */
    static List<Object> provisioners(String issuer) {
        List<Object> all = new ArrayList<>();
        all.add(provisioner(PEOPLE, issuer, Map.of("admins", List.of("Root@CA.example", ADMIN, "operators"))));
        Map<String, Object> staff = provisioner(STAFF, issuer + "/.well-known/openid-configuration", Map.of());
        staff.put("admins", List.of("boss@elsewhere.example"));
        staff.put("domains", List.of("Ca.Example"));
        staff.put("groups", List.of("staff", "guests"));
        all.add(staff);
        Map<String, Object> templated = provisioner(TEMPLATED, issuer + "/", Map.of("admins", List.of(ADMIN)));
        templated.put(
                "options",
                Map.of(
                        "x509",
                        Map.of(
                                "template",
                                "{\"subject\": {\"commonName\": {{ toJson .Token.email }}, \"organization\": {{ toJson"
                                        + " .Token.groups }}}, \"sans\": {{ toJson .SANs }}}")));
        all.add(templated);
        all.add(provisioner(DEAD, "http://127.0.0.1:1", Map.of()));
        return all;
    }

    private static Map<String, Object> provisioner(String name, String endpoint, Map<String, Object> more) {
        Map<String, Object> provisioner = new LinkedHashMap<>();
        provisioner.put("type", "OIDC");
        provisioner.put("name", name);
        provisioner.put("clientID", "client-of-" + name);
        provisioner.put("clientSecret", "secret-of-" + name);
        provisioner.put("configurationEndpoint", endpoint);
        provisioner.putAll(more);
        return provisioner;
    }

    List<StepCaPeerRow> rows() throws Exception {
        users();
        claims();
        keys();
        use();
        revocation();
        return rows;
    }

    /** That no server refuses. */
    StepCaPeerRequest good() throws Exception {
        return StepCaPeerRequest.sign(csr, ec.token(changed(PEOPLE)));
    }

    private Map<String, Object> changed(String name, Object... changes) {
        Map<String, Object> claims = issuer.claims(
                "client-of-" + name, "user-" + rows.size(), Instant.now().getEpochSecond());
        claims.put("email", "jane@ca.example");
        claims.put("nonce", UUID.randomUUID().toString());
        for (int i = 0; i < changes.length; i += 2) {
            if (changes[i + 1] == ABSENT) {
                claims.remove((String) changes[i]);
            } else {
                claims.put((String) changes[i], changes[i + 1]);
            }
        }
        return claims;
    }

    private void row(String name, String token) {
        row(name, Optional.empty(), token);
    }

    private void row(String name, Optional<String> divergence, String token) {
        rows.add(StepCaPeerRow.of("ID token: " + name, divergence, StepCaPeerRequest.sign(csr, token)));
    }

    private void signed(String name, String provisioner, Object... changes) throws Exception {
        row(name, ec.token(changed(provisioner, changes)));
    }

    private void users() throws Exception {
        signed("of a user", PEOPLE);
        signed("of an admin by address", PEOPLE, "email", "root@CA.example");
        signed("of one whose address differs before the at sign", PEOPLE, "email", "ROOT@ca.example");
        signed("of an admin by group", PEOPLE, "groups", List.of("x", "operators"));
        signed("of an admin without address", PEOPLE, "groups", List.of("operators"), "email", ABSENT);
        signed("without address", PEOPLE, "email", ABSENT);
        row(
                "with an address that is none",
                Optional.of("would be read as an IP address, a URI or a DNS name buys nothing"),
                ec.token(changed(PEOPLE, "email", "jane")));
        signed("with an address that is not verified", PEOPLE, "email_verified", false);
        signed("without sub", PEOPLE, "sub", ABSENT);
        signed("with an empty sub", PEOPLE, "sub", "");
        signed("with a sub to be escaped", PEOPLE, "sub", "auth0|a b/c?d#e%é");
        signed("with cnf for another request", PEOPLE, "cnf", Map.of("x5rt#S256", "AAAA"));
        signed("with sans", PEOPLE, "sans", List.of("bank.example"));
        signed("of a group that counts", STAFF, "groups", List.of("guests"));
        signed("of no group", STAFF);
        signed("of a foreign group", STAFF, "groups", List.of("Staff"));
        signed("of a foreign domain", STAFF, "groups", List.of("staff"), "email", "a@other.example");
        signed("of a domain below", STAFF, "groups", List.of("staff"), "email", "a@x.ca.example");
        signed("of no address where domains count", STAFF, "groups", List.of("staff"), "email", ABSENT);
        signed("of an admin of a foreign domain", STAFF, "groups", List.of("staff"), "email", "boss@elsewhere.EXAMPLE");
        signed("of an admin of no group", STAFF, "email", "boss@elsewhere.example");
        signed("of a user, by template", TEMPLATED, "groups", List.of("a", "b"));
        signed("of an admin, by template", TEMPLATED, "groups", List.of("a"), "email", ADMIN);
        signed("of a provider that is not there", DEAD);
    }

    private void claims() throws Exception {
        long now = Instant.now().getEpochSecond();
        signed("of another issuer", PEOPLE, "iss", "https://other.example");
        signed("of no issuer", PEOPLE, "iss", ABSENT);
        signed("for nobody named", PEOPLE, "aud", ABSENT);
        for (String each : List.of("iss", "aud", "azp")) {
            signed("with an endless " + each, PEOPLE, each, "x".repeat(20_000));
        }
        signed("with an endless group", PEOPLE, "groups", List.of("x".repeat(20_000)));
        signed("with an endless other claim", PEOPLE, "picture", "x".repeat(20_000));
        signed("with the longest sub", PEOPLE, "sub", "x".repeat(2_048));
        row("with a sub that is longer", Optional.of(LONGEST), ec.token(changed(PEOPLE, "sub", "x".repeat(2_049))));
        row(
                "with an address that is longer",
                Optional.of(LONGEST),
                ec.token(changed(PEOPLE, "email", "x".repeat(2_040) + "@x.example")));
        signed("for another client", PEOPLE, "aud", "other");
        signed("for another client by azp", PEOPLE, "azp", "other");
        signed("for one of two by azp", PEOPLE, "aud", "other", "azp", "client-of-" + PEOPLE);
        signed("for two clients", PEOPLE, "aud", List.of("other", "client-of-" + PEOPLE));
        signed("for two clients without azp", PEOPLE, "aud", List.of("client-of-" + PEOPLE, "other"), "azp", ABSENT);
        signed(
                "for two clients in the other order",
                PEOPLE,
                "aud",
                List.of("other", "client-of-" + PEOPLE),
                "azp",
                ABSENT);
        signed("for nobody", PEOPLE, "aud", List.of());
        signed("for the CA too", PEOPLE, "aud", List.of("client-of-" + PEOPLE, "https://localhost/1.0/sign"));
        signed("expired", PEOPLE, "exp", now - 90);
        signed("just expired", PEOPLE, "exp", now - 5);
        signed("without exp", PEOPLE, "exp", ABSENT);
        signed("not valid yet", PEOPLE, "nbf", now + 300);
        signed("of the future", PEOPLE, "iat", now + 300);
        signed("without iat", PEOPLE, "iat", ABSENT);
        signed("groups a text", PEOPLE, "groups", "operators");
        signed("groups of numbers", PEOPLE, "groups", List.of(1));
        signed("email a number", PEOPLE, "email", 5);
        signed("nonce a number", PEOPLE, "nonce", 5);
        signed("azp a number", PEOPLE, "azp", 5);
        signed("with tid", PEOPLE, "tid", "t");
        row("verified in words", Optional.of(UNUSED), ec.token(changed(PEOPLE, "email_verified", "true")));
    }

    private void keys() throws Exception {
        Map<String, IssuerKey> all = Map.of("RSA", rsa, "Ed25519", ed);
        for (Map.Entry<String, IssuerKey> each : all.entrySet()) {
            row("by " + each.getKey(), each.getValue().token(changed(PEOPLE)));
        }
        row("by RSA-PSS", rsa.token(Map.of("alg", "PS256"), changed(PEOPLE)));
        row("by RSA and SHA-512", rsa.token(Map.of("alg", "RS512"), changed(PEOPLE)));
        row("by another's key", IssuerKey.ec("ec").token(changed(PEOPLE)));
        row("by a key that nobody knows", IssuerKey.ec("unknown").token(changed(PEOPLE)));
        row("with an endless kid", ec.token(Map.of("kid", "k".repeat(20_000)), changed(PEOPLE)));
        row("without kid", ec.token(Map.of("kid", ""), changed(PEOPLE)));
        row("with the kid of another key", ec.token(Map.of("kid", "rsa"), changed(PEOPLE)));
        row("alg none", ec.token(Map.of("alg", "none"), changed(PEOPLE)).replaceFirst("[^.]*$", ""));
        row("alg HS256 keyed with the public key", hmac(changed(PEOPLE)));
        String good = ec.token(changed(PEOPLE));
        String[] parts = good.split("\\.");
        String other = StepCaPeerTokens.encode(
                JSONObjectUtils.toJSONString(changed(PEOPLE, "email", ADMIN)).getBytes(StandardCharsets.UTF_8));
        row("with another payload", parts[0] + "." + other + "." + parts[2]);
    }

    private String hmac(Map<String, Object> claims) throws GeneralSecurityException {
        String content = StepCaPeerTokens.encode(
                        JSONObjectUtils.toJSONString(Map.of("alg", "HS256", "kid", "rsa", "typ", "JWT"))
                                .getBytes(StandardCharsets.UTF_8))
                + "."
                + StepCaPeerTokens.encode(JSONObjectUtils.toJSONString(claims).getBytes(StandardCharsets.UTF_8));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(
                JSONObjectUtils.toJSONString(rsa.jwk()).getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return content + "." + StepCaPeerTokens.encode(mac.doFinal(content.getBytes(StandardCharsets.US_ASCII)));
    }

    private void use() throws Exception {
        StepCaPeerRequest once = StepCaPeerRequest.sign(csr, ec.token(changed(PEOPLE)));
        rows.add(StepCaPeerRow.same("ID token: used twice", once, once));
        String nonce = UUID.randomUUID().toString();
        rows.add(StepCaPeerRow.same(
                "ID token: another with the same nonce",
                StepCaPeerRequest.sign(csr, ec.token(changed(PEOPLE, "nonce", nonce))),
                StepCaPeerRequest.sign(csr, ec.token(changed(PEOPLE, "nonce", nonce, "jti", "x")))));
        Map<String, Object> nameless =
                changed(PEOPLE, "nonce", ABSENT, "jti", UUID.randomUUID().toString());
        StepCaPeerRequest first = StepCaPeerRequest.sign(csr, rsa.token(nameless));
        rows.add(StepCaPeerRow.same("ID token: without nonce used twice", first, first));
        nameless.put("email", "joe@ca.example");
        rows.add(StepCaPeerRow.same(
                "ID token: another without nonce and with the same jti",
                first,
                StepCaPeerRequest.sign(csr, rsa.token(nameless))));
    }

    private void revocation() throws Exception {
        String serial = "123456789";
        for (String subject : List.of(serial, "somebody")) {
            revoke("by an admin, sub " + subject, serial, PEOPLE, "email", ADMIN, "sub", subject);
            revoke("by a user, sub " + subject, serial, PEOPLE, "sub", subject);
        }
        revoke("by an admin of another group", serial, STAFF, "email", "boss@elsewhere.example", "sub", serial);
        revoke("by nobody's", serial, DEAD, "sub", serial);
        spoiltRevocation("123456780");
    }

    private void spoiltRevocation(String serial) throws Exception {
        long now = Instant.now().getEpochSecond();
        Object[][] spoilt = {
            {"iss", "https://other.example"},
            {"iss", ABSENT},
            {"iss", "x".repeat(20_000)},
            {"aud", "other"},
            {"aud", ABSENT},
            {"azp", "other"},
            {"azp", 5},
            {"email", 5},
            {"groups", "operators"},
            {"nonce", 5},
            {"exp", now - 90},
            {"nbf", now + 300},
            {"iat", now + 300},
            {"sub", ABSENT},
            {"sub", "7"}
        };
        for (Object[] each : spoilt) {
            String value = each[1] == ABSENT ? "absent" : each[1].toString();
            revoke(
                    "by an admin, " + each[0] + " = " + value.substring(0, Math.min(value.length(), 30)),
                    serial,
                    PEOPLE,
                    "email",
                    ADMIN,
                    "sub",
                    serial,
                    each[0],
                    each[1]);
        }
        Map<String, Object> good = changed(PEOPLE, "email", ADMIN, "sub", serial);
        revokeBy("by another's key", serial, IssuerKey.ec("ec").token(good));
        revokeBy("by a key that nobody knows", serial, IssuerKey.ec("unknown").token(good));
        revokeBy("with the kid of another key", serial, ec.token(Map.of("kid", "rsa"), good));
        revokeBy("with an endless kid", serial, ec.token(Map.of("kid", "k".repeat(20_000)), good));
        revokeBy("alg none", serial, ec.token(Map.of("alg", "none"), good));
        revokeBy("keyed with the public key", serial, hmac(good));
    }

    private void revoke(String name, String serial, String provisioner, Object... changes) throws Exception {
        revokeBy(name, serial, ec.token(changed(provisioner, changes)));
    }

    private void revokeBy(String name, String serial, String ott) {
        rows.add(StepCaPeerRow.same("ID token: revocation " + name, StepCaPeerRevokeRows.revoke(serial, ott)));
    }
}
