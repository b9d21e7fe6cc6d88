package io.chancery.conformance;

import static io.chancery.conformance.StepCaPeerRow.differs;
import static io.chancery.conformance.StepCaPeerRow.same;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rows of the table about provisioners with certificate templates of their own. */
final class StepCaPeerTemplateRows {
    private static final String NAME = "template.example";

    /** Whose template never ends, gives 2 MB, breaks off or breaks a rule before signing, as the caller wants. */
    private static final String SPOILT = "template-spoilt";

    /** Whose certificates are what the caller writes. */
    private static final String WRITTEN = "template-written";

    /** Whose template looks at the key's size, as step's documentation shows it. */
    private static final String GUARD = "template-guard";

    /** Options of each provisioner by its name; the template uses what the caller sends, too. */
    static final Map<String, Map<String, Object>> PROVISIONERS = provisioners();

    private final StepCaPeerTokens tokens;
    private final StepCaPeerCsr csrs;
    private final List<StepCaPeerRow> rows = new ArrayList<>();

    StepCaPeerTemplateRows(StepCaPeerTokens tokens, StepCaPeerCsr csrs) {
        this.tokens = tokens;
        this.csrs = csrs;
    }

    private static Map<String, Map<String, Object>> provisioners() {
        Map<String, Map<String, Object>> all = new LinkedHashMap<>();
        String leaf = "\"subject\": {{ toJson .Subject }}, \"sans\": {{ toJson .SANs }}, "
                + "\"keyUsage\": [\"digitalSignature\"], \"extKeyUsage\": [\"serverAuth\", \"clientAuth\"]";
        all.put("template-leaf", template("{" + leaf + "}"));
        Map<String, Object> withData = template("{\"subject\": {\"organization\": {{ toJson .org }}, "
                + "\"organizationalUnit\": {{ toJson .Insecure.User.unit }}, \"commonName\": {{ toJson .Token.sub }}}, "
                + "\"sans\": {{ toJson .SANs }}, \"keyUsage\": \"digitalSignature\"}");
        withData.put("templateData", Map.of("org", "Acme"));
        all.put("template-data", withData);
        all.put(
                "template-all",
                template(
                        "{" + leaf + ", \"ocspServer\": \"http://ocsp.example\", \"issuingCertificateURL\": "
                                + "\"http://ca.example/i.crt\", \"crlDistributionPoints\": [\"http://ca.example/c.crl\"], "
                                + "\"policyIdentifiers\": [\"1.2.3.4\"], \"basicConstraints\": {\"isCA\": false}, "
                                + "\"unknownExtKeyUsage\": [\"1.2.3.5\"], "
                                + "\"extensions\": [{\"id\": \"1.2.3.6\", \"value\": {{ asn1Enc \"utf8:Zürich\" | toJson }}}]}"));
        all.put(
                "template-names",
                template("{\"subject\": \"{{ .Token.sub }}\", \"dnsNames\": [\"b.example\", \"a.example\"], \"sans\": ["
                        + "{\"type\": \"userPrincipalName\", \"value\": \"ann@corp.example\"}, "
                        + "{\"type\": \"ip\", \"value\": \"10.1.2.3\"}]}"));
        all.put(
                "template-request",
                template(
                        "{\"subject\": {{ toJson .Insecure.CR.Subject }}, \"dnsNames\": {{ toJson .Insecure.CR.DNSNames }}, "
                                + "\"emailAddresses\": {{ toJson .Insecure.CR.EmailAddresses }}}"));
        all.put("template-wishes", template("{\"extensions\": {{ toJson .Insecure.CR.Extensions }}}"));
        all.put(
                "template-special",
                template("{\"subject\": \"x\", \"dnsNames\": [\"B.Example\", \"Bücher.example\"], \"sans\": ["
                        + "{\"type\": \"userPrincipalName\", \"value\": \"ann@corp.example\"}]}"));
        all.put(
                "template-end",
                template("{" + leaf + ", \"notAfter\": {{ now | date_modify \"1h\" | formatTime | toJson }}}"));
        all.put("template-long", template("{" + leaf + ", \"notAfter\": \"2099-01-01T00:00:00Z\"}"));
        all.put(
                "template-fail",
                template(
                        "{ {{ if not .Insecure.User.ticket }}{{ fail \"a ticket is needed\" }}{{ end }}" + leaf + "}"));
        all.put(
                GUARD,
                template("{{ if typeIs \"*rsa.PublicKey\" .Insecure.CR.PublicKey }}"
                        + "{{ if lt .Insecure.CR.PublicKey.Size 384 }}"
                        + "{{ fail \"Key length must be at least 3072 bits\" }}{{ end }}{{ end }}{" + leaf + "}"));
        all.put("template-no-json", template("{ {{ .Token.sub }} }"));
        all.put("template-wrong-type", template("{\"subject\": \"x\", \"dnsNames\": 5}"));
        all.put("template-breaks", template("{ {{ upper .Token.iat }} }"));
        all.put("template-nobody", template("{\"keyUsage\": \"digitalSignature\"}"));
        String named = "{\"subject\": {{ toJson .Subject }}, \"sans\": {{ toJson .SANs }}, ";
        all.put("template-any", template(named + "\"extKeyUsage\": [\"any\"]}"));
        all.put(
                "template-critical",
                template(named + "\"extensions\": [{\"id\": \"1.2.3.6\", \"critical\": true, "
                        + "\"value\": {{ asn1Enc \"utf8:all of it\" | toJson }}}]}"));
        all.put("template-ocsp", template(named + "\"extKeyUsage\": [\"clientAuth\", \"ocspSigning\"]}"));
        all.put("template-crl", template(named + "\"keyUsage\": [\"digitalSignature\", \"crlSign\"]}"));
        all.put(
                SPOILT,
                template("{ {{ $l := until 1000 }}{{ $how := toString .Insecure.User.how }}"
                        + "{{ if eq $how \"endless\" }}{{ range $l }}{{ range $l }}{{ range $l }}{{ end }}{{ end }}{{ end }}{{ end }}"
                        + "{{ if eq $how \"large\" }}{{ $page := repeat 2000 \" \" }}{{ range $l }}{{ $page }}{{ end }}{{ end }}"
                        + "{{ if eq $how \"broken\" }}{{ upper .Token.iat }}{{ end }}"
                        + "{{ if eq $how \"lint\" }}\"extensions\": [{\"id\": \"2.5.29.15\", \"value\": \"AwEA\"}], {{ end }}"
                        + leaf + "}"));
        all.put(WRITTEN, template("{{ toJson .Insecure.User.certificate }}"));
        return all;
    }

    private static Map<String, Object> template(String text) {
        Map<String, Object> x509 = new LinkedHashMap<>();
        x509.put("template", text);
        return x509;
    }

    List<StepCaPeerRow> rows() throws Exception {
        for (String provisioner : List.of(
                "template-leaf",
                "template-data",
                "template-all",
                "template-names",
                "template-special",
                "template-request",
                "template-fail",
                "template-no-json",
                "template-wrong-type",
                "template-breaks",
                "template-any",
                "template-critical")) {
            rows.add(same(provisioner, sign(provisioner, Map.of())));
        }
        for (Object data : List.of(Map.of("unit", "Ops"), Map.of("unit", List.of("A", "B")), "text", 5, List.of("x"))) {
            rows.add(same(
                    "template-data with templateData " + data, sign("template-data", Map.of("templateData", data))));
        }
        rows.add(same(
                "template-fail with a ticket", sign("template-fail", Map.of("templateData", Map.of("ticket", "yes")))));
        for (String kind : List.of("RSA-2048", "RSA-3072")) {
            rows.add(same(GUARD + " with " + kind, guarded(csrs.withKey(NAME, kind, "SHA256withRSA"))));
        }
        rows.add(same(GUARD + " with P-256", guarded(csrs.of(NAME))));
        rows.add(same(
                "template-wishes without a subject",
                StepCaPeerRequest.sign(
                        csrs.withSans("", StepCaPeerCsr.dns(NAME)), tokens.of("template-wishes", NAME))));
        rows.add(same("template-leaf with a wish", sign("template-leaf", Map.of("notAfter", "30m"))));
        rows.add(same("template-end with a wish", sign("template-end", Map.of("notAfter", "30m"))));
        rows.add(differs(
                "template-nobody",
                "A template that gives neither a subject nor subject alternative names is refused with 500",
                sign("template-nobody", Map.of())));
        rows.add(differs(
                "template-ocsp",
                "for signing OCSP responses (`ocspSigning`) is refused with 403 unless `keyRules.allowOcspSigning`",
                sign("template-ocsp", Map.of())));
        rows.add(differs(
                "template-crl",
                "A template that makes the certificate of a CA, or gives the key usage `crlSign`, is refused with 403 unless"
                        + " `keyRules.allowCa`",
                sign("template-crl", Map.of())));
        rulesBeforeSigning();
        return rows;
    }

    /** Each breaks the rule that is named, and step-ca signs it. */
    private void rulesBeforeSigning() throws Exception {
        broken("must-be-critical", extension("2.5.29.36", false, "MAOAAQA=")); // policyConstraints
        broken("must-be-critical", extension("2.5.29.54", false, "AgEA")); // inhibitAnyPolicy
        broken("must-not-be-critical", extension("1.3.6.1.5.5.7.1.11", true, ACCESS)); // subjectInfoAccess
        broken("must-not-be-critical", extension("2.5.29.46", true, POINT)); // freshestCRL
        broken(
                "must-not-be-critical",
                extension("2.5.29.9", true, "MBIwEAYIKwYBBQUHCQQxBBMCREU=")); // subjectDirectoryAttributes
        broken("extension-forms", extension("2.5.29.46", false, "DAF4"));
        broken("key-usage-bits", extension("2.5.29.15", true, "AwEA"));
        broken("authority-key", extension("2.5.29.35", false, "MAWAAwECAw=="));
        broken("path-length-needs-ca", extension("2.5.29.19", true, "MAMCAQA="));
        broken("distribution-points", extension("2.5.29.31", false, "MAYwBIECBkA="));
        broken("name-values", extension("2.5.29.17", false, "MAKCAA=="));
        broken(
                "name-constraints-need-ca",
                Map.of("nameConstraints", Map.of("critical", true, "permittedDNSDomains", List.of("a.example"))));
        broken("names-somebody", nobody(extension("2.5.29.17", false, "MAuCCWEuZXhhbXBsZQ==")));
        broken("subject-strings", Map.of("rawSubject", "MA4xDDAKBgNVBAMTA2EqYg==")); // a*b
    }

    private static final String ACCESS = "MBYwFAYIKwYBBQUHMAWGCGh0dHA6Ly9h";
    private static final String POINT = "MBAwDqAMoAqGCGh0dHA6Ly9h";

    private void broken(String rule, Map<String, Object> members) throws Exception {
        Map<String, Object> certificate = new LinkedHashMap<>(Map.of("subject", NAME));
        certificate.putAll(members);
        rows.add(differs(rule + " " + members, "| `" + rule + "` |", written(certificate)));
    }

    private static Map<String, Object> nobody(Map<String, Object> members) {
        Map<String, Object> all = new LinkedHashMap<>(members);
        all.put("subject", "");
        return all;
    }

    private static Map<String, Object> extension(String id, boolean critical, String value) {
        return Map.of("extensions", List.of(Map.of("id", id, "critical", critical, "value", value)));
    }

    private StepCaPeerRequest written(Map<String, Object> certificate) throws Exception {
        return sign(WRITTEN, Map.of("templateData", Map.of("certificate", certificate)));
    }

    private StepCaPeerRequest guarded(String csr) throws Exception {
        return StepCaPeerRequest.sign(csr, tokens.of(GUARD, NAME));
    }

    /** One token and request, at first without the ticket that the template asks for, then with it. */
    List<StepCaPeerRequest> withoutTicketAndWith() throws Exception {
        String csr = csrs.of(NAME);
        String token = tokens.of("template-fail", NAME);
        return List.of(
                StepCaPeerRequest.sign(csr, token),
                StepCaPeerRequest.sign(csr, token, Map.of("templateData", Map.of("ticket", "yes"))));
    }

    /** One token and request, whose template ends in that way, then in a good one. */
    List<StepCaPeerRequest> spoiltAndNot(String how) throws Exception {
        String csr = csrs.of(NAME);
        String token = tokens.of(SPOILT, NAME);
        return List.of(
                StepCaPeerRequest.sign(csr, token, Map.of("templateData", Map.of("how", how))),
                StepCaPeerRequest.sign(csr, token));
    }

    private StepCaPeerRequest sign(String provisioner, Map<String, Object> more) throws Exception {
        return StepCaPeerRequest.sign(csrs.of(NAME), tokens.of(provisioner, NAME), more);
    }
}
