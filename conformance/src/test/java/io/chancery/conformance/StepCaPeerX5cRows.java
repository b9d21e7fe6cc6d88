package io.chancery.conformance;

import static io.chancery.conformance.StepCaPeerRow.differs;
import static io.chancery.conformance.StepCaPeerRow.same;
import static io.chancery.conformance.StepCaPeerTokens.ABSENT;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.conformance.StepCaPeerMachine.Plan;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/** Rows of the table about tokens that a certificate's holder has signed. */
final class StepCaPeerX5cRows {
    private static final String NAME = "x5c.example";
    private static final String TOO_LONG = "A token with a `sub`, a name in `sans`";
    private static final String LONGEST = "Of `x5c` and `x5cInsecure` up to 10 certificates are read";

    private final StepCaPeerMachines machines;
    private final StepCaPeerCsr csrs;
    private final String csr;
    private final List<StepCaPeerRow> rows = new ArrayList<>();

    StepCaPeerX5cRows(StepCaPeerMachines machines, StepCaPeerCsr csrs) throws Exception {
        this.machines = machines;
        this.csrs = csrs;
        this.csr = csrs.of(NAME);
    }

    List<StepCaPeerRow> rows() throws Exception {
        good();
        headers();
        audiences();
        claims();
        endless();
        certificates();
        chains();
        requests();
        validity();
        revocation();
        return rows;
    }

    private static Map<String, Object> claims(Map<String, Object> changes) {
        long now = Instant.now().getEpochSecond();
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", StepCaPeerMachines.X5C);
        claims.put("aud", "https://localhost/1.0/sign#x5c/" + StepCaPeerMachines.X5C);
        claims.put("sub", NAME);
        claims.put("sans", List.of(NAME));
        claims.put("iat", now);
        claims.put("nbf", now);
        claims.put("exp", now + 300);
        claims.put("jti", StepCaPeerMachine.id());
        StepCaPeerTokens.apply(claims, changes);
        return claims;
    }

    private static String token(StepCaPeerMachine signer, Map<String, Object> header, Map<String, Object> changes)
            throws GeneralSecurityException {
        Map<String, Object> all = new LinkedHashMap<>();
        String type = signer.key().getAlgorithm();
        all.put("alg", type.equals("RSA") ? "RS256" : type.equals("EC") ? "ES256" : "EdDSA");
        all.put("typ", "JWT");
        all.put("kid", "worker.key");
        all.putAll(header);
        return signer.jws(JSONObjectUtils.toJSONString(all), JSONObjectUtils.toJSONString(claims(changes)));
    }

    private static List<String> chain(StepCaPeerMachine... machines) throws GeneralSecurityException {
        List<String> all = new ArrayList<>();
        for (StepCaPeerMachine each : machines) {
            all.add(each.inHeader());
        }
        return all;
    }

    private String token(Map<String, Object> changes) throws GeneralSecurityException {
        return token(machines.worker, Map.of("x5c", chain(machines.worker, machines.intermediate)), changes);
    }

    private void row(String name, String token) {
        rows.add(same("x5c: " + name, StepCaPeerRequest.sign(csr, token)));
    }

    private void claim(String name, Object value) throws Exception {
        row(name + " = " + (value == ABSENT ? "absent" : value), token(Map.of(name, value)));
    }

    private static Map<String, Object> of(String provisioner, String fragment) {
        return Map.of("iss", provisioner, "aud", "https://localhost/1.0/sign#x5c/" + fragment);
    }

    private void good() throws Exception {
        row("good", token(Map.of()));
        row("more names", token(Map.of("sans", List.of("b.example", "10.0.0.1", "a@b.c", "x:y"))));
        row("of a template", token(of(StepCaPeerMachines.TEMPLATED, StepCaPeerMachines.TEMPLATED)));
        String used = token(Map.of());
        rows.add(same("x5c: used twice", StepCaPeerRequest.sign(csr, used), StepCaPeerRequest.sign(csr, used)));
        for (String kind : List.of("Ed25519", "RSA")) {
            StepCaPeerMachine other = Plan.client("other").keyKind(kind).by(machines.intermediate);
            row("a key of type " + kind, token(other, Map.of("x5c", chain(other, machines.intermediate)), Map.of()));
        }
    }

    private void headers() throws Exception {
        List<String> good = chain(machines.worker, machines.intermediate);
        row("no header", token(machines.worker, Map.of(), Map.of()));
        row("x5cInsecure", token(machines.worker, Map.of("x5cInsecure", good), Map.of()));
        List<Object> wrong = new ArrayList<>(List.of(
                List.of(), "", good.get(0), 5, true, Map.of(), List.of(5), List.of(good), List.of(""), List.of("!")));
        wrong.add(List.of("AAAA"));
        wrong.add(List.of(good.get(0), "AAAA"));
        wrong.add(List.of(good.get(0).replace('+', '-').replace('/', '_') + "-_", good.get(1)));
        wrong.add(List.of(good.get(0) + "AAAA", good.get(1)));
        for (int i = 0; i < wrong.size(); i++) {
            row("header " + i, token(machines.worker, Map.of("x5c", wrong.get(i)), Map.of()));
        }
        List<String> many = new ArrayList<>(good);
        many.addAll(Collections.nCopies(9, machines.root.inHeader()));
        rows.add(differs(
                "x5c: eleven certificates",
                LONGEST,
                StepCaPeerRequest.sign(csr, token(machines.worker, Map.of("x5c", many), Map.of()))));
        row("ten certificates", token(machines.worker, Map.of("x5c", many.subList(0, 10)), Map.of()));
        for (Object alg : List.of("none", "HS256", "ES384", "RS256", 5)) {
            row("alg " + alg, token(machines.worker, Map.of("x5c", good, "alg", alg), Map.of()));
        }
    }

    private void audiences() throws Exception {
        for (String audience : List.of(
                "https://localhost/1.0/sign",
                "https://localhost:1/sign#x5c/machines",
                "https://127.0.0.1/ssh/sign#x5c/machines",
                "https://localhost/1.0/revoke#x5c/machines",
                "https://localhost/1.0/renew#x5c/machines",
                "https://localhost/1.0/sign#x5c%2Fmachines",
                "https://localhost/1.0/sign#x5c/machine%73",
                "https://localhost/1.0/sign#x5c/Machines",
                "https://localhost/1.0/sign#x5c/x5c",
                "https://localhost/1.0/sign#x5c/two%20words",
                "https://localhost/1.0/sign#x5c/nobody",
                "https://other.example/1.0/sign#x5c/machines",
                "step-certificate-authority#x5c/machines",
                "#x5c/machines",
                "x5c/machines",
                "")) {
            claim("aud", audience);
        }
        claim("aud", List.of("x", "https://localhost/sign#x5c/machines"));
        claim("aud", List.of("https://localhost/sign", "https://localhost/sign#x5c/machines"));
        claim("aud", List.of("https://localhost/sign#x5c/two%20words", "https://localhost/sign#x5c/machines"));
        claim("aud", ABSENT);
        row("a name with a blank", token(of(StepCaPeerMachines.SPACED, "two%20words")));
        row("a name with a blank that is not escaped", token(of(StepCaPeerMachines.SPACED, "two words")));
        row("a name with a plus", token(of(StepCaPeerMachines.SPACED, "two+words")));
    }

    private void claims() throws Exception {
        long now = Instant.now().getEpochSecond();
        for (Object value : List.of("", "x5c", "Machines", 5)) {
            claim("iss", value);
        }
        for (String each : List.of("iss", "sub", "sans", "jti", "iat", "nbf", "exp")) {
            claim(each, ABSENT);
        }
        for (Object value : List.of("", 5, "other.example")) {
            claim("sub", value);
        }
        claim("exp", now - 5);
        claim("exp", now - 90);
        claim("exp", "x");
        claim("nbf", now + 300);
        claim("iat", now + 300);
        claim("sans", "x");
        claim("sans", List.of(5));
        claim("sans", List.of());
        byte[] der = csrs.request("CN=" + NAME, "P-256", "SHA256withECDSA", List.of())
                .getEncoded();
        String own =
                StepCaPeerTokens.encode(MessageDigest.getInstance("SHA-256").digest(der));
        Map<String, Object> cnf = Map.of("cnf", Map.of("x5rt#S256", own));
        rows.add(same(
                "x5c: for this request alone",
                StepCaPeerRequest.sign(StepCaPeerCsr.pem("CERTIFICATE REQUEST", der), token(cnf))));
        row("for another request alone", token(Map.of("cnf", Map.of("x5rt#S256", "AAAA"))));
    }

    private void endless() throws Exception {
        String endless = "x".repeat(20_000);
        List<String> good = chain(machines.worker, machines.intermediate);
        for (String each : List.of("iss", "aud", "user")) {
            row("endless " + each, token(Map.of(each, endless)));
        }
        rows.add(differs(
                "x5c: endless sub",
                TOO_LONG,
                StepCaPeerRequest.sign(csrs.withSans(""), token(Map.of("sub", endless)))));
        row("endless kid", token(machines.worker, Map.of("x5c", good, "kid", endless), Map.of()));
        row("endless alg", token(machines.worker, Map.of("x5c", good, "alg", endless), Map.of()));
        row("an endless certificate", token(machines.worker, Map.of("x5c", List.of("A".repeat(20_000))), Map.of()));
        row(
                "an endless certificate after good ones",
                token(machines.worker, Map.of("x5c", List.of(good.get(0), good.get(1), "A".repeat(20_000))), Map.of()));
        Map<String, Object> revoking = Map.of(
                "sub", "99", "aud", "https://localhost/1.0/revoke#x5c/" + StepCaPeerMachines.X5C, "sans", ABSENT);
        List<Object> wrong =
                new ArrayList<>(List.of(List.of(), "", 5, Map.of(), List.of(5), List.of("!"), List.of("AAAA")));
        wrong.add(List.of(good.get(0)));
        wrong.add(List.of(good.get(1), good.get(0)));
        wrong.add(List.of(good.get(1)));
        wrong.add(List.of(good.get(0).replace('+', '-').replace('/', '_') + "-_", good.get(1)));
        for (int i = 0; i < wrong.size(); i++) {
            rows.add(same(
                    "x5c: revoke, header " + i,
                    revoke("99", token(machines.worker, Map.of("x5c", wrong.get(i)), revoking))));
        }
        rows.add(same("x5c: revoke, no header", revoke("99", token(machines.worker, Map.of(), revoking))));
        StepCaPeerMachine other = Plan.client("worker.example").by(machines.intermediate);
        rows.add(same("x5c: revoke, another's key", revoke("99", token(other, Map.of("x5c", good), revoking))));
        StepCaPeerMachine foreign = Plan.client("worker.example").signedByItself();
        rows.add(same(
                "x5c: revoke, a foreign certificate",
                revoke("99", token(foreign, Map.of("x5c", chain(foreign, machines.intermediate)), revoking))));
    }

    private void signedBy(String name, Plan plan) throws Exception {
        StepCaPeerMachine leaf = plan.by(machines.intermediate);
        row(name, token(leaf, Map.of("x5c", chain(leaf, machines.intermediate)), Map.of()));
    }

    private void certificates() throws Exception {
        signedBy("key usage keyEncipherment", Plan.client("w").usage(KeyUsage.keyEncipherment));
        signedBy("key usage with more", Plan.client("w").usage(KeyUsage.digitalSignature | KeyUsage.keyAgreement));
        signedBy("no key usage", Plan.client("w").usage(0));
        signedBy("for servers", Plan.client("w").purposes(KeyPurposeId.id_kp_serverAuth));
        signedBy("for any", Plan.client("w").purposes(KeyPurposeId.anyExtendedKeyUsage));
        signedBy("for nothing in particular", Plan.client("w").purposes());
        signedBy("expired", Plan.client("w").lasting(Duration.ofHours(-2), Duration.ofSeconds(-5)));
        signedBy("not valid yet", Plan.client("w").lasting(Duration.ofMinutes(5), Duration.ofHours(2)));
        signedBy("a CA", Plan.ca("w").usage(KeyUsage.digitalSignature | KeyUsage.keyCertSign));
        StepCaPeerMachine other = Plan.client("worker.example").by(machines.intermediate);
        row(
                "another's certificate",
                token(other, Map.of("x5c", chain(machines.worker, machines.intermediate)), Map.of()));
        row(
                "another's certificate first",
                token(other, Map.of("x5c", chain(machines.worker, other, machines.intermediate)), Map.of()));
    }

    private void under(String name, Plan issuerPlan, Plan leafPlan) throws Exception {
        StepCaPeerMachine issuer = issuerPlan.by(machines.root);
        StepCaPeerMachine leaf = leafPlan.by(issuer);
        row(name, token(leaf, Map.of("x5c", chain(leaf, issuer)), Map.of()));
    }

    private void chains() throws Exception {
        StepCaPeerMachine worker = machines.worker;
        row("leaf alone", token(worker, Map.of("x5c", chain(worker)), Map.of()));
        row("root too", token(worker, Map.of("x5c", chain(worker, machines.intermediate, machines.root)), Map.of()));
        row("reversed", token(worker, Map.of("x5c", chain(machines.intermediate, worker)), Map.of()));
        StepCaPeerMachine direct = Plan.client("w").by(machines.root);
        row("under the root", token(direct, Map.of("x5c", chain(direct)), Map.of()));
        row("the root itself", token(machines.root, Map.of("x5c", chain(machines.root)), Map.of()));
        StepCaPeerMachine impostor = Plan.ca("Machines-Intermediate").signedByItself();
        StepCaPeerMachine his = Plan.client("w").by(impostor);
        row("a foreign intermediate", token(his, Map.of("x5c", chain(his, impostor)), Map.of()));
        row("a foreign one's", token(his, Map.of("x5c", chain(his, machines.intermediate)), Map.of()));
        row(
                "a foreign one among them",
                token(worker, Map.of("x5c", chain(worker, impostor, machines.intermediate)), Map.of()));
        under("under one that is no CA", Plan.ca("i").noCa(), Plan.client("w"));
        under("under one that may not sign", Plan.ca("i").usage(KeyUsage.cRLSign), Plan.client("w"));
        under("under one for servers", Plan.ca("i").purposes(KeyPurposeId.id_kp_serverAuth), Plan.client("w"));
        under("under one for clients", Plan.ca("i").purposes(KeyPurposeId.id_kp_clientAuth), Plan.client("w"));
        under(
                "under one that is expired",
                Plan.ca("i").lasting(Duration.ofHours(-3), Duration.ofMinutes(-1)),
                Plan.client("w"));
        under(
                "with a name that is permitted",
                Plan.ca("i").permitted("ok.example"),
                Plan.client("w").names(StepCaPeerCsr.dns("a.ok.example")));
        under(
                "with a name that is not permitted",
                Plan.ca("i").permitted("ok.example"),
                Plan.client("w").names(StepCaPeerCsr.dns("a.bad.example")));
        StepCaPeerMachine last = Plan.ca("last").pathLength(0).by(machines.root);
        StepCaPeerMachine below = Plan.ca("below").by(last);
        StepCaPeerMachine leaf = Plan.client("w").by(below);
        row("a path that is too long", token(leaf, Map.of("x5c", chain(leaf, below, last)), Map.of()));
    }

    private void requests() throws Exception {
        for (String commonName : List.of("", NAME, "b.example", "other.example")) {
            rows.add(same(
                    "x5c: common name '" + commonName + "'",
                    StepCaPeerRequest.sign(
                            csrs.withSans(commonName.isEmpty() ? "" : "CN=" + commonName),
                            token(Map.of("sans", List.of(NAME, "b.example"))))));
        }
        for (String name : List.of(NAME, "b.example")) {
            rows.add(same(
                    "x5c: asked for " + name,
                    StepCaPeerRequest.sign(csrs.withSans("", StepCaPeerCsr.dns(name)), token(Map.of()))));
        }
    }

    private void validity() throws Exception {
        StepCaPeerMachine leaf = Plan.client("w")
                .lasting(Duration.ofMinutes(-30), Duration.ofMinutes(10))
                .by(machines.intermediate);
        Map<String, Object> header = Map.of("x5c", chain(leaf, machines.intermediate));
        String later = Instant.now().plusSeconds(3_600).toString().substring(0, 19) + "Z";
        String before = Instant.now().minusSeconds(3_600).toString().substring(0, 19) + "Z";
        for (Map<String, Object> wish : List.<Map<String, Object>>of(
                Map.of(),
                Map.of("notAfter", "6m"),
                Map.of("notAfter", later),
                Map.of("notBefore", before),
                Map.of("notBefore", "1m"),
                Map.of("notBefore", later))) {
            rows.add(same(
                    "x5c: of a certificate with ten minutes to go, " + wish.keySet() + wish.containsValue(later),
                    StepCaPeerRequest.sign(csr, token(leaf, header, Map.of()), wish)));
        }
        row(
                "a template that ends after the certificate",
                token(leaf, header, of(StepCaPeerMachines.ENDING, StepCaPeerMachines.ENDING)));
        StepCaPeerMachine brief = Plan.client("w")
                .lasting(Duration.ofMinutes(-30), Duration.ofMinutes(2))
                .by(machines.intermediate);
        row(
                "of one with two minutes to go",
                token(brief, Map.of("x5c", chain(brief, machines.intermediate)), Map.of()));
    }

    private void revocation() throws Exception {
        String serial =
                new BigInteger(100, new java.security.SecureRandom()).setBit(0).toString();
        String audience = "https://localhost/1.0/revoke#x5c/" + StepCaPeerMachines.X5C;
        Map<String, Object> revoking = Map.of("sub", serial, "aud", audience, "sans", ABSENT);
        String first = token(revoking);
        rows.add(same("x5c: revoke another serial", revoke("5", token(revoking))));
        rows.add(same("x5c: revoke by a token for signing", revoke(serial, token(Map.of("sub", serial)))));
        rows.add(same("x5c: revoke", revoke(serial, first)));
        rows.add(same("x5c: revoke by a used token", revoke(serial, first)));
        rows.add(same("x5c: revoke again", revoke(serial, token(revoking))));
        StepCaPeerMachine lost = Plan.client("lost").by(machines.intermediate);
        String itself = lost.certificate().getSerialNumber().toString();
        Map<String, Object> header = Map.of("x5c", chain(lost, machines.intermediate));
        rows.add(differs(
                "x5c: a token of a revoked certificate",
                "A token that was signed with a certificate whose serial is revoked here",
                revoke(itself, token(Map.of("sub", itself, "aud", audience, "sans", ABSENT))),
                StepCaPeerRequest.sign(csr, token(lost, header, Map.of()))));
    }

    private static StepCaPeerRequest revoke(String serial, String ott) {
        return StepCaPeerRequest.post(
                "/revoke",
                JSONObjectUtils.toJSONString(Map.of("serial", serial, "ott", ott, "passive", true, "reasonCode", 1)));
    }
}
