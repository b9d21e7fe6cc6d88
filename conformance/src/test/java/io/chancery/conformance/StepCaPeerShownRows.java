package io.chancery.conformance;

import static io.chancery.conformance.StepCaPeerRequest.post;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.conformance.StepCaPeerMachine.Plan;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Certificates that are shown, over TLS at each place where one counts, or in a renew token, and are not what they should be. */
final class StepCaPeerShownRows {
    private static final String CLIENT = "clientAuth";
    private static final String LONG = "x".repeat(6_000); // headers have an end
    private static final String RENEW_TOKEN =
            "A renew token whose algorithm or claims cannot be read, with a critical header, or whose issuer is wrong, is"
                    + " refused with 401 and a `status` in the body";
    private static final String LONGEST = "A token with a `sub`, a name in `sans`";

    private final StepCaPeerPki pki;
    private final List<StepCaPeerRow> rows = new ArrayList<>();
    private final StepCaPeerIdentity own;
    private final StepCaPeerIdentity other;

    StepCaPeerShownRows(StepCaPeerPki pki) throws Exception {
        this.pki = pki;
        own = pki.identity("shown.example", StepCaPeerPki.PLAIN, "-30m", "24h", "serverAuth", CLIENT);
        other = pki.identity("other-shown.example", StepCaPeerPki.PLAIN, "-30m", "24h", CLIENT);
    }

    List<StepCaPeerRow> rows() throws Exception {
        handshakes();
        rekeys();
        headers();
        claims();
        ended();
        return rows;
    }

    private void same(String name, StepCaPeerRequest... requests) {
        rows.add(StepCaPeerRow.same("shown: " + name, requests));
    }

    private void row(String name, Optional<String> divergence, StepCaPeerRequest request) {
        rows.add(StepCaPeerRow.of("shown: " + name, divergence, request));
    }

    private static StepCaPeerRequest rekey() throws Exception {
        String csr = ApiClient.csr("x", ApiClient.keyPair("EC", 256));
        return post("/rekey", JSONObjectUtils.toJSONString(Map.of("csr", csr)));
    }

    private static StepCaPeerRequest revoke(StepCaPeerIdentity shown) {
        return post("/revoke", JSONObjectUtils.toJSONString(Map.of("serial", shown.serial(), "passive", true)))
                .by(shown);
    }

    private void everywhere(String name, StepCaPeerIdentity shown) throws Exception {
        same(name + ", POST /renew", StepCaPeerRequest.of("POST", "/renew").by(shown));
        same(name + ", POST /rekey", rekey().by(shown));
        same(name + ", POST /revoke", revoke(shown));
    }

    private void handshakes() throws Exception {
        StepCaPeerMachines machines = pki.machines();
        StepCaPeerMachine foreign = Plan.client("foreign").by(machines.intermediate);
        everywhere("of another CA", identity(foreign, machines.intermediate));
        StepCaPeerMachine impostor = Plan.ca("Peers-Intermediate").signedByItself();
        everywhere("of one with the issuer's name", identity(Plan.client("w").by(impostor), impostor));
        everywhere("signed by itself", identity(Plan.client("w").signedByItself()));
        everywhere("with another's key", own.withKeyOf(other));
        List<X509Certificate> swapped = new ArrayList<>(own.chain());
        swapped.set(0, other.chain().get(0));
        everywhere("another's certificate", new StepCaPeerIdentity(swapped, own.key()));
        List<X509Certificate> reversed = new ArrayList<>(own.chain());
        Collections.reverse(reversed);
        everywhere("the chain reversed", new StepCaPeerIdentity(reversed, own.key()));
        List<X509Certificate> many = new ArrayList<>(own.chain());
        many.addAll(Collections.nCopies(7, machines.root.certificate()));
        StepCaPeerIdentity shown = new StepCaPeerIdentity(many, own.key());
        same(
                "7 foreign certificates too, POST /renew",
                StepCaPeerRequest.of("POST", "/renew").by(shown));
        same("7 foreign certificates too, POST /rekey", rekey().by(shown));
        same(
                "7 foreign certificates too, POST /revoke of another",
                post("/revoke", "{\"serial\":\"5\",\"passive\":true}").by(shown));
        StepCaPeerIdentity gone = pki.identity("gone-revoking.example", "nobody", "-30m", "1h", CLIENT);
        same("of a provisioner that is gone, POST /revoke", revoke(gone));
        StepCaPeerIdentity bare = pki.identity("bare-revoking.example", "", "-30m", "1h", CLIENT);
        same("without extension, POST /revoke", revoke(bare));
    }

    private static StepCaPeerIdentity identity(StepCaPeerMachine... machines) {
        List<X509Certificate> chain = new ArrayList<>();
        for (StepCaPeerMachine each : machines) {
            chain.add(each.certificate());
        }
        return new StepCaPeerIdentity(chain, machines[0].key());
    }

    private void rekeys() throws Exception {
        same("rekey with the leaf alone", rekey().by(own.leafOnly()));
        same(
                "rekey of one without extension",
                rekey().by(pki.identity("bare-rekeyed.example", "", "-30m", "1h", CLIENT)));
        same(
                "rekey of a provisioner that is gone",
                rekey().by(pki.identity("gone-rekeyed.example", "nobody", "-30m", "1h", CLIENT)));
        same(
                "rekey of an expired one",
                rekey().by(pki.identity("late-rekeyed.example", StepCaPeerPki.AFTER_EXPIRY, "-60m", "-30m", CLIENT)));
        same(
                "rekey of one that is not valid yet",
                rekey().by(pki.identity("future-rekeyed.example", StepCaPeerPki.PLAIN, "30m", "1h", CLIENT)));
        same(
                "rekey of one for servers alone",
                rekey().by(pki.identity("server-rekeyed.example", StepCaPeerPki.PLAIN, "-30m", "1h", "serverAuth")));
        for (String csr : List.of("x".repeat(40_000), StepCaPeerCsr.pem("CERTIFICATE REQUEST", new byte[40_000]))) {
            same(
                    "rekey with an endless csr " + csr.charAt(0),
                    post("/rekey", JSONObjectUtils.toJSONString(Map.of("csr", csr)))
                            .by(own));
        }
    }

    /** Whoever has the key of a CA can date certificates back. */
    private void ended() throws Exception {
        row(
                "renew token of an expired one below a CA that has ended",
                Optional.of("is renewed only as long as the CAs above it have not ended"),
                renew(pki.below("-5m", "dated-back.example", StepCaPeerPki.AFTER_EXPIRY, "-60m", "-30m")));
        StepCaPeerIdentity below = pki.below("5h", "late-below.example", StepCaPeerPki.AFTER_EXPIRY, "-60m", "-30m");
        row("renew token of an expired one below a CA that goes on", Optional.empty(), renew(below));
        Instant beginning = pki.beginning();
        row(
                "renew token of one of seconds of a CA that had just begun",
                Optional.of("A renew token of a certificate that ended within the first minute of its CA is taken"),
                renew(pki.identity(
                        "of-seconds.example",
                        StepCaPeerPki.AFTER_EXPIRY,
                        beginning.toString(),
                        beginning.plusSeconds(10).toString(),
                        CLIENT)));
        row(
                "renew token of one of two minutes of a CA that had just begun",
                Optional.empty(),
                renew(pki.identity(
                        "of-minutes.example",
                        StepCaPeerPki.AFTER_EXPIRY,
                        beginning.toString(),
                        beginning.plusSeconds(120).toString(),
                        CLIENT)));
    }

    private static StepCaPeerRequest renew(StepCaPeerIdentity of) throws Exception {
        String name = of.chain().get(0).getSubjectX500Principal().getName().substring("CN=".length());
        return renew(of, Map.of(), Map.of("sub", name));
    }

    private StepCaPeerRequest renew(Map<String, Object> inHeader, Map<String, Object> inClaims) throws Exception {
        return renew(own, inHeader, inClaims);
    }

    private static StepCaPeerRequest renew(
            StepCaPeerIdentity own, Map<String, Object> inHeader, Map<String, Object> inClaims) throws Exception {
        long now = Instant.now().getEpochSecond();
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("alg", "ES256");
        header.put("kid", "any");
        header.put("typ", "JWT");
        header.put("x5cInsecure", own.inHeader());
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("aud", "https://localhost/renew");
        claims.put("exp", now + 600);
        claims.put("iat", now);
        claims.put("iss", "step-ca-client/1.0");
        claims.put("jti", UUID.randomUUID().toString());
        claims.put("nbf", now);
        claims.put("sub", "shown.example");
        StepCaPeerTokens.apply(header, inHeader);
        StepCaPeerTokens.apply(claims, inClaims);
        return StepCaPeerRequest.of("POST", "/renew")
                .with("Authorization", "Bearer " + own.signed(part(header) + "." + part(claims)));
    }

    private static String part(Map<String, Object> members) {
        return StepCaPeerTokens.encode(
                JSONObjectUtils.toJSONString(members).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static String brief(Object value) {
        String text = value == StepCaPeerTokens.ABSENT ? "absent" : value.toString();
        return text.length() > 30 ? text.charAt(0) + "… (" + text.length() + ")" : text;
    }

    private void headers() throws Exception {
        for (Object value : List.of(StepCaPeerTokens.ABSENT, 5, LONG, "")) {
            for (String name : List.of("alg", "kid", "typ")) {
                // An algorithm that is no text makes the token no token at all, to both.
                boolean unreadable = name.equals("alg") && !value.equals(5);
                row(
                        "renew token, header " + name + " = " + brief(value),
                        unreadable ? Optional.of(RENEW_TOKEN) : Optional.empty(),
                        renew(Map.of(name, value), Map.of()));
            }
        }
        row("renew token, header crit", Optional.of(RENEW_TOKEN), renew(Map.of("crit", List.of("exp")), Map.of()));
        row("renew token, an endless header", Optional.empty(), renew(Map.of("x", LONG), Map.of()));
        List<String> eleven = new ArrayList<>(own.inHeader());
        eleven.addAll(Collections.nCopies(9, own.inHeader().get(1)));
        row(
                "renew token, eleven certificates",
                Optional.of("Of `x5c` and `x5cInsecure` up to 10 certificates are read"),
                renew(Map.of("x5cInsecure", eleven), Map.of()));
        row(
                "renew token, ten certificates",
                Optional.empty(),
                renew(Map.of("x5cInsecure", eleven.subList(0, 10)), Map.of()));
        row(
                "renew token, an endless certificate",
                Optional.empty(),
                renew(Map.of("x5cInsecure", List.of(own.inHeader().get(0), "A".repeat(6_000))), Map.of()));
        row(
                "renew token, base64url",
                Optional.empty(),
                renew(
                        Map.of(
                                "x5cInsecure",
                                List.of(own.inHeader().get(0).replace('+', '-').replace('/', '_') + "-_")),
                        Map.of()));
    }

    private void claims() throws Exception {
        for (String name : List.of("iss", "sub", "jti", "aud")) {
            row("renew token, " + name + " = 5", Optional.of(RENEW_TOKEN), renew(Map.of(), Map.of(name, 5)));
        }
        row("renew token, endless aud", Optional.empty(), renew(Map.of(), Map.of("aud", LONG)));
        row("renew token, endless sub", Optional.of(LONGEST), renew(Map.of(), Map.of("sub", LONG)));
        row("renew token, endless iss", Optional.of(RENEW_TOKEN), renew(Map.of(), Map.of("iss", LONG)));
        row(
                "renew token, jti of 1025 characters",
                Optional.of(LONGEST),
                renew(Map.of(), Map.of("jti", "j".repeat(989) + UUID.randomUUID())));
        row("renew token, another claim is endless", Optional.empty(), renew(Map.of(), Map.of("x", LONG)));
        row("renew token, nbf left out", Optional.empty(), renew(Map.of(), Map.of("nbf", StepCaPeerTokens.ABSENT)));
        row("renew token, sub empty", Optional.empty(), renew(Map.of(), Map.of("sub", "")));
    }
}
