package io.chancery.conformance;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Policies, and names to be held against them. */
final class NamePolicyRows {
    /** Passes as a common name everywhere, so that the alternative names decide. */
    private static final String SUBJECT = "Jane Doe";

    static final Map<String, Object> CONSTRAINTS = Map.of(
            "critical", true,
            "excludedDNSDomains", List.of("excluded.example"),
            "excludedIPRanges", List.of("10.9.0.0/16"),
            "excludedEmailAddresses", List.of("excluded.example"),
            "excludedURIDomains", List.of("excluded.example"));

    static final Map<String, Object> AUTHORITY = Map.of(
            "allow",
            Map.of(
                    "dns",
                            List.of(
                                    "corp.example",
                                    "*.corp.example",
                                    "*.b\u00fccher.example",
                                    "*.excluded.example",
                                    "excluded.example",
                                    "LOUD.Example",
                                    "single"),
                    "ip", List.of("10.0.0.0/8", "fd00::/8", "192.0.2.7"),
                    "email", List.of("@corp.example", "boss@example.com", "excluded.example"),
                    "uri", List.of("corp.example", "*.corp.example"),
                    "cn", List.of(SUBJECT, "*.odd", "Bad Name")),
            "deny",
            Map.of(
                    "dns", List.of("vault.corp.example"),
                    "ip", List.of("10.0.0.1", "10.1.0.0/16"),
                    "email", List.of("evil@corp.example"),
                    "uri", List.of("vault.corp.example"),
                    "cn", List.of("web.corp.example", "Bad Name")));

    static final Map<String, Map<String, Object>> PROVISIONERS = provisioners();

    private static final List<String> NAMES = List.of(
            "corp.example",
            "web.corp.example",
            "WEB.Corp.Example",
            "a.b.corp.example",
            "xcorp.example",
            "corp.example.evil",
            "example",
            "vault.corp.example",
            "VAULT.corp.example",
            "*.corp.example",
            "*.a.corp.example",
            "*.*.corp.example",
            "a.*.corp.example",
            "w*.corp.example",
            "*",
            "loud.example",
            "single",
            "SINGLE",
            "double",
            "web.corp.example.",
            "web..corp.example",
            "a_b.corp.example",
            "a b.corp.example",
            "-a.corp.example",
            "a-.corp.example",
            "ab--cd.corp.example",
            "1.corp.example",
            "a.xn--bcher-kva.example",
            "A.XN--BCHER-KVA.example",
            "xn--bcher-kva.example",
            "xn--a.corp.example",
            "xn--zca.corp.example",
            "xn--4ca0bs.corp.example",
            "x".repeat(64) + ".corp.example",
            "web/.corp.example",
            "corp.example:8443",
            "web.excluded.example",
            "excluded.example",
            "10.0.0.2",
            "10.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:a00:2",
            "10.1.2.3",
            "10.9.1.1",
            "192.0.2.7",
            "192.0.2.8",
            "fd00::1",
            "FD12:0::0001",
            "2001:db8::1",
            "::1",
            "::10.0.0.2",
            "me@corp.example",
            "me@CORP.example",
            "evil@corp.example",
            "Evil@corp.example",
            "\\u0065vil@corp.example",
            "\"evil\"@corp.example",
            "\"a b\"@corp.example",
            "me@mail.corp.example",
            "me@corp.example@evil.example",
            "boss@example.com",
            "Boss@example.com",
            "boss+x@example.com",
            "a..b@corp.example",
            "me you@corp.example",
            "me@excluded.example",
            "https://corp.example",
            "https://web.corp.example/x?y#z",
            "HTTPS://WEB.corp.EXAMPLE/x",
            "https://web.corp.example:8443/x",
            "https://web.corp.example:/x",
            "https://u:p@web.corp.example/x",
            "https://web.corp.example@evil.example/",
            "https://evil.example/web.corp.example",
            "https://evil.example#web.corp.example",
            "https://vault.corp.example/x",
            "https://a.b.corp.example/x",
            "https://web.corp.example./x",
            "https://*.corp.example/x",
            "https://10.0.0.2/x",
            "https://[fd00::1]/x",
            "https://[fd00::1]:443/x",
            "https://127.1/x",
            "https://b%C3%BCcher.example/x",
            "https://web.corp.example%25/x",
            "https://web_.corp.example/x",
            "https://excluded.example/x",
            "spiffe://web.corp.example/sa",
            "urn:uuid:1",
            "mailto:me@corp.example",
            "file:///corp.example",
            "web.corp.example:x");

    private static final List<String> NAMES_OF_PROVISIONERS = List.of(
            "corp.example",
            "web.corp.example",
            "vault.corp.example",
            "*.corp.example",
            "a_b.corp.example",
            "10.0.0.2",
            "10.0.0.1",
            "me@corp.example",
            "boss@example.com",
            "me you@corp.example",
            "https://web.corp.example/x",
            "https://10.0.0.2/x",
            "excluded.example");

    private static final List<String> SUBJECTS = List.of(
            SUBJECT,
            "jane doe",
            "JANE DOE",
            "Jane Doe ",
            "Joe Doe",
            "web.corp.example",
            "vault.corp.example",
            "10.0.0.2",
            "10.0.0.1",
            "10.9.1.1",
            "me@corp.example",
            "evil@corp.example",
            "https://web.corp.example/x",
            "HTTPS://evil.example/x",
            "urn:x",
            "*.odd",
            "x.odd",
            "*.corp.example",
            "Bad Name",
            "BAD NAME",
            "single",
            "double",
            "J\u00fcrgen",
            "b\u00fccher.example",
            "a.b\u00fccher.example",
            "excluded.example");

    private static final String DISGUISED =
            "step-ca takes `xn--a-.example` for `a.example`, and lets it pass where that is allowed.";
    private static final String TEMPLATES = "Policies judge every name that a template gives";
    private static final String CONSTRAINED =
            "Name constraints are also kept by names that begin with a dot, and e-mail addresses that end with one";
    private static final String ZONE = "step-ca takes one with a port for a name.";
    private static final String HANGS_UP = "step-ca hangs up.";

    private final StepCaPeerTokens tokens;
    private final StepCaPeerCsr csrs = new StepCaPeerCsr();

    NamePolicyRows(StepCaPeerTokens tokens) {
        this.tokens = tokens;
    }

    private static Map<String, Map<String, Object>> provisioners() {
        Map<String, Map<String, Object>> all = new LinkedHashMap<>();
        all.put(
                StepCaPeerPki.LONG,
                Map.of("allow", Map.of("dns", List.of("*.corp.example"), "cn", List.of(SUBJECT, "web"))));
        all.put(
                StepCaPeerPki.LIFTED,
                Map.of("deny", Map.of("dns", List.of("web.corp.example"), "cn", List.of("corp.example"))));
        all.put(
                StepCaPeerPki.NO_RENEWAL,
                Map.of(
                        "allow",
                        Map.of(
                                "dns",
                                List.of("*.corp.example", "corp.example"),
                                "ip",
                                List.of("10.0.0.0/31"),
                                "cn",
                                List.of(SUBJECT)),
                        "deny",
                        Map.of("email", List.of("boss@example.com"), "uri", List.of("*.corp.example")),
                        "allowWildcardNames",
                        true));
        all.put(
                StepCaPeerPki.AFTER_EXPIRY,
                Map.of("allow", Map.of("email", List.of("corp.example"), "uri", List.of("web.corp.example"))));
        return all;
    }

    List<StepCaPeerRow> ofAuthority() throws Exception {
        List<StepCaPeerRow> rows = new ArrayList<>();
        for (String name : NAMES) {
            rows.add(row(StepCaPeerPki.PLAIN, SUBJECT, name, Optional.empty()));
        }
        for (String subject : SUBJECTS) {
            rows.add(row(StepCaPeerPki.PLAIN, subject, "corp.example", Optional.empty()));
        }
        rows.add(row(StepCaPeerPki.PLAIN, SUBJECT, "xn--web-.corp.example", Optional.of(DISGUISED)));
        rows.add(row(StepCaPeerPki.PLAIN, SUBJECT, "https://[fe80::1%25en0]:443/", Optional.of(ZONE)));
        rows.add(row(StepCaPeerPki.PLAIN, SUBJECT, "https://:80/", Optional.of(HANGS_UP)));
        rows.add(row("template-leaf", "web.corp.example", "web.corp.example", Optional.empty()));
        rows.add(row("template-leaf", "vault.corp.example", "web.corp.example", Optional.empty()));
        rows.add(row("template-names", "web.corp.example", "web.corp.example", Optional.of(TEMPLATES)));
        rows.add(row(StepCaPeerPki.PLAIN, SUBJECT, "me@corp.example.", Optional.of(CONSTRAINED)));
        rows.add(row(StepCaPeerPki.PLAIN, SUBJECT, ".corp.example", Optional.of(CONSTRAINED)));
        return rows;
    }

    /** Certificates of names that would not be granted now: name constraints are asked again, policies are not. */
    static List<StepCaPeerRow> ofRenewals(StepCaPeerPki pki) throws Exception {
        List<StepCaPeerRow> rows = new ArrayList<>();
        String csr = JSONObjectUtils.toJSONString(Map.of("csr", ApiClient.csr("x", ApiClient.keyPair("EC", 256))));
        for (String name : List.of("web.corp.example", "vault.corp.example", "evil.example", "a.excluded.example")) {
            StepCaPeerIdentity shown = pki.identity(name, StepCaPeerPki.PLAIN, "-30m", "1h", "clientAuth");
            rows.add(StepCaPeerRow.same(
                    "renew " + name, StepCaPeerRequest.of("POST", "/renew").by(shown)));
            rows.add(StepCaPeerRow.same(
                    "rekey " + name, StepCaPeerRequest.post("/rekey", csr).by(shown)));
        }
        return rows;
    }

    List<StepCaPeerRow> ofProvisioners() throws Exception {
        List<StepCaPeerRow> rows = new ArrayList<>();
        for (String provisioner : PROVISIONERS.keySet()) {
            for (String name : NAMES_OF_PROVISIONERS) {
                rows.add(row(provisioner, SUBJECT, name, Optional.empty()));
            }
            for (String subject : List.of("web", "corp.example", "Joe Doe")) {
                rows.add(row(provisioner, subject, "corp.example", Optional.empty()));
            }
        }
        return rows;
    }

    /** The policies of provisioners as a step-ca under remote management takes them: no common names, no wildcards. */
    static Map<String, Map<String, Object>> remotePolicies() {
        Map<String, Map<String, Object>> all = new LinkedHashMap<>();
        PROVISIONERS.forEach((name, policy) -> {
            Map<String, Object> reduced = new LinkedHashMap<>();
            for (String list : List.of("allow", "deny")) {
                Map<Object, Object> rules = new LinkedHashMap<>((Map<?, ?>) policy.getOrDefault(list, Map.of()));
                rules.remove("cn");
                reduced.put(list, rules);
            }
            all.put(name, reduced);
        });
        return all;
    }

    /** Rows for {@link #remotePolicies}, with common names that pass without a rule of their own. */
    List<StepCaPeerRow> ofRemoteProvisioners() throws Exception {
        List<StepCaPeerRow> rows = new ArrayList<>();
        for (String provisioner : PROVISIONERS.keySet()) {
            String subject = provisioner.equals(StepCaPeerPki.AFTER_EXPIRY) ? "me@corp.example" : "a.corp.example";
            for (String name : NAMES_OF_PROVISIONERS) {
                rows.add(row(provisioner, subject, name, Optional.empty()));
            }
        }
        return rows;
    }

    private StepCaPeerRow row(String provisioner, String subject, String name, Optional<String> divergence)
            throws Exception {
        Map<String, Object> claims = tokens.claims(provisioner, subject);
        claims.put("sans", List.of(name));
        return StepCaPeerRow.of(
                provisioner + ": " + subject + ", " + name,
                divergence,
                StepCaPeerRequest.sign(
                        csrs.withSans(""), tokens.signed(provisioner, tokens.header(provisioner), claims)));
    }
}
