package io.chancery.conformance;

import static io.chancery.conformance.StepCaPeerRow.differs;
import static io.chancery.conformance.StepCaPeerRow.same;
import static io.chancery.conformance.StepCaPeerTokens.ABSENT;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Rows of the table about the tokens that Kubernetes mounts into pods. */
final class StepCaPeerPodRows {
    private static final String ACCOUNT = "kubernetes.io/serviceaccount/";
    private static final String REVOKING = "The token of a service account revokes nothing";
    private static final String NOBODY = "A certificate request that names nobody is refused with 400";
    private static final String LONGEST = "A token with a `sub`, a name in `sans`";
    private static final String UNUSED = "What Chancery does not use of a token it does not look at";
    private static final String STARTED = "Tokens are not refused for having been issued before this process started";
    private static final Map<String, String> DIVERGENT = Map.of("email = 5", UNUSED, "nonce = 5", UNUSED);

    private final StepCaPeerMachines machines;
    private final StepCaPeerCsr csrs;
    private final List<StepCaPeerRow> rows = new ArrayList<>();

    StepCaPeerPodRows(StepCaPeerMachines machines, StepCaPeerCsr csrs) {
        this.machines = machines;
        this.csrs = csrs;
    }

    List<StepCaPeerRow> rows() throws Exception {
        requests();
        claims();
        signatures();
        revocation();
        return rows;
    }

    /** As a legacy token is, but for the changes: without a time, an id or an audience. */
    private static Map<String, Object> claims(Map<String, Object> changes) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", "kubernetes/serviceaccount");
        claims.put(ACCOUNT + "namespace", "shop");
        claims.put(ACCOUNT + "secret.name", "web-token");
        claims.put(ACCOUNT + "service-account.name", "web");
        claims.put(ACCOUNT + "service-account.uid", "1-2");
        claims.put("sub", "system:serviceaccount:shop:web");
        StepCaPeerTokens.apply(claims, changes);
        return claims;
    }

    private static String signed(StepCaPeerMachine by, Map<String, Object> header, Map<String, Object> changes)
            throws GeneralSecurityException {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("alg", by.key().getAlgorithm().equals("RSA") ? "RS256" : "ES256");
        all.put("kid", "");
        all.putAll(header);
        return by.jws(JSONObjectUtils.toJSONString(all), JSONObjectUtils.toJSONString(claims(changes)));
    }

    private String token(Map<String, Object> changes) throws GeneralSecurityException {
        return signed(machines.cluster, Map.of(), changes);
    }

    private void row(String name, String token) throws Exception {
        rows.add(StepCaPeerRow.of(
                "pod: " + name,
                Optional.ofNullable(DIVERGENT.get(name)),
                StepCaPeerRequest.sign(csrs.of("pod.example"), token)));
    }

    private void claim(String name, Object value) throws Exception {
        row(name + " = " + (value == ABSENT ? "absent" : value), token(Map.of(name, value)));
    }

    private void requests() throws Exception {
        String all = csrs.withSans(
                "O=Acme,OU=a,OU=b,CN=any.example,serialNumber=7,C=CH,L=Bern,ST=BE,STREET=x,postalCode=1,T=title",
                StepCaPeerCsr.uri("spiffe://x/y"),
                StepCaPeerCsr.dns("z.example"),
                StepCaPeerCsr.email("a@b.c"),
                StepCaPeerCsr.dns("a.example"),
                StepCaPeerCsr.ip("10.1.2.3"),
                StepCaPeerCsr.ip("2001:db8::1"));
        String used = token(Map.of());
        rows.add(same("pod: every name", StepCaPeerRequest.sign(all, used)));
        rows.add(same("pod: the same token again", StepCaPeerRequest.sign(all, used)));
        for (String subject : List.of("CN=x.example", "O=Acme", "CN=two words")) {
            rows.add(same("pod: subject " + subject, StepCaPeerRequest.sign(csrs.withSans(subject), used)));
        }
        rows.add(same(
                "pod: names alone", StepCaPeerRequest.sign(csrs.withSans("", StepCaPeerCsr.dns("b.example")), used)));
        rows.add(differs("pod: nobody", NOBODY, StepCaPeerRequest.sign(csrs.withSans(""), used)));
        rows.add(same(
                "pod: an RSA key",
                StepCaPeerRequest.sign(csrs.withKey("r.example", "RSA-2048", "SHA256withRSA"), used)));
        rows.add(same(
                "pod: a short RSA key",
                StepCaPeerRequest.sign(csrs.withKey("r.example", "RSA-1024", "SHA256withRSA"), used)));
        rows.add(same("pod: an hour", StepCaPeerRequest.sign(all, used, Map.of("notAfter", "1h"))));
        rows.add(same("pod: too long", StepCaPeerRequest.sign(all, used, Map.of("notAfter", "100h"))));
    }

    private void claims() throws Exception {
        long now = Instant.now().getEpochSecond();
        for (Object value : List.of("https://kubernetes.default.svc", "", 5)) {
            claim("iss", value);
        }
        for (Object value : List.of("", 5, "x")) {
            claim("sub", value);
            claim("jti", value);
            claim("sha", value);
        }
        for (Object value : List.of(
                "",
                5,
                List.of("https://kubernetes.default.svc"),
                "https://localhost/1.0/sign",
                "https://localhost/1.0/revoke",
                "https://localhost/1.0/sign#k8ssa/k8sSA-default",
                "https://other.example/1.0/sign#k8ssa/k8sSA-default",
                "https://localhost/1.0/sign#k8ssa/pods",
                "https://localhost/1.0/revoke#k8ssa/k8sSA-default")) {
            claim("aud", value);
        }
        for (String each : List.of("azp", "tid", "email", "nonce")) {
            claim(each, 5);
            claim(each, "x");
        }
        for (String each : List.of("namespace", "secret.name", "service-account.name", "service-account.uid")) {
            claim(ACCOUNT + each, ABSENT);
            claim(ACCOUNT + each, 5);
        }
        endless();
        claim("exp", now + 300);
        claim("exp", now - 5);
        claim("exp", now - 90);
        claim("exp", "x");
        claim("nbf", now + 30);
        claim("nbf", now + 300);
        claim("iat", now + 30);
        claim("iat", now + 300);
        rows.add(differs(
                "pod: an old token",
                STARTED,
                StepCaPeerRequest.sign(csrs.of("pod.example"), token(Map.of("iat", now - 86_400)))));
        claim("sans", List.of("b.example"));
        claim("cnf", Map.of("x5rt#S256", "AAAA"));
    }

    private void endless() throws Exception {
        for (String each : List.of("iss", "aud", "user", ACCOUNT + "namespace", ACCOUNT + "secret.name")) {
            row("endless " + each, token(Map.of(each, "x".repeat(20_000))));
        }
        row("endless kid", signed(machines.cluster, Map.of("kid", "x".repeat(20_000)), Map.of()));
        for (String each : List.of("sub", ACCOUNT + "service-account.name")) {
            rows.add(differs(
                    "pod: endless " + each,
                    LONGEST,
                    StepCaPeerRequest.sign(csrs.of("pod.example"), token(Map.of(each, "x".repeat(20_000))))));
        }
    }

    private void signatures() throws Exception {
        row("the other key", signed(machines.otherCluster, Map.of(), Map.of()));
        row("a foreign key", signed(machines.worker, Map.of(), Map.of()));
        row("another kid", signed(machines.cluster, Map.of("kid", "x"), Map.of()));
        for (Object alg : List.of("none", "HS256", "RS512", "PS256", "ES256")) {
            row("alg " + alg, signed(machines.cluster, Map.of("alg", alg), Map.of()));
        }
    }

    private void revocation() throws Exception {
        rows.add(same("pod: revoke", revoke("7", token(Map.of()))));
        for (Object value : List.of("x", 5, ABSENT)) {
            String what = value == ABSENT ? "absent" : value.toString();
            rows.add(same("pod: revoke, iss = " + what, revoke("7", token(Map.of("iss", value, "sub", "7")))));
            rows.add(same("pod: revoke, sub = " + what, revoke("7", token(Map.of("sub", value)))));
        }
        rows.add(same("pod: revoke, a number in it", revoke("7", token(Map.of(ACCOUNT + "namespace", 5, "sub", "7")))));
        rows.add(same(
                "pod: revoke, a foreign key", revoke("7", signed(machines.worker, Map.of(), Map.of("sub", "7")))));
        rows.add(same(
                "pod: revoke, alg none",
                revoke("7", signed(machines.cluster, Map.of("alg", "none"), Map.of("sub", "7")))));
        rows.add(differs("pod: revoke what it names", REVOKING, revoke("7", token(Map.of("sub", "7")))));
    }

    private static StepCaPeerRequest revoke(String serial, String ott) {
        return StepCaPeerRequest.post(
                "/revoke",
                JSONObjectUtils.toJSONString(Map.of("serial", serial, "ott", ott, "passive", true, "reasonCode", 1)));
    }
}
