package io.chancery.conformance;

import static io.chancery.conformance.StepCaPeerRow.differs;
import static io.chancery.conformance.StepCaPeerRow.same;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/** Rows of the table about provisioners with webhooks. */
final class StepCaPeerWebhookRows {
    /** Provisioner whose webhook says no once, and yes ever after. */
    static final String ONCE = "hook-once";

    private static final String NAME = "hook.example";
    private static final String TEMPLATE = "{\"subject\": {\"organization\": {{ toJson .Webhooks.one.text }}, "
            + "\"commonName\": {{ toJson .Subject.CommonName }}}, \"sans\": {{ toJson .SANs }}, \"uris\": \"spiffe://td/x\", "
            + "\"keyUsage\": [\"keyAgreement\", \"digitalSignature\"], \"extKeyUsage\": \"serverAuth\", "
            + "\"unknownExtKeyUsage\": [\"1.2.3.5\"], \"ocspServer\": \"http://ocsp.example\", "
            + "\"policyIdentifiers\": [\"1.2.3.4\"], \"basicConstraints\": {\"isCA\": false}, \"extensions\": [{\"id\": \"1.2.3.6\", "
            + "\"value\": {{ asn1Enc (printf \"utf8:%v\" .Webhooks) | toJson }}}]}";
    private static final String UNAVAILABLE =
            "A webhook that cannot be reached, answers with a status from 500 on or with what is no answer, is told as 503";

    private final StepCaPeerTokens tokens;
    private final StepCaPeerCsr csrs;
    private final List<StepCaPeerRow> rows = new ArrayList<>();

    StepCaPeerWebhookRows(StepCaPeerTokens tokens, StepCaPeerCsr csrs) {
        this.tokens = tokens;
        this.csrs = csrs;
    }

    /** Options of each provisioner by its name. */
    static Map<String, Map<String, Object>> provisioners(StepCaPeerHook.Ports ports) {
        int port = ports.of(StepCaPeerHook.Door.ASKING);
        Map<String, Map<String, Object>> all = new LinkedHashMap<>();
        Map<String, Object> both = webhooks(
                hook(
                        "one",
                        "ENRICHING",
                        port,
                        "/allow/{{ .Token.sub }}?cn={{ .Subject.CommonName }}&n={{ len .SANs }}",
                        "X509"),
                hook("two", "ENRICHING", port, "/allow/{{ .Webhooks.one.number }}", "ALL"),
                hook("ssh", "ENRICHING", port, "/deny", "SSH"),
                hook("last", "AUTHORIZING", port, "/allow/{{ .Webhooks.two.text | urlquery }}", ""));
        both.put("x509", Map.of("template", TEMPLATE));
        all.put("hook-template", both);
        all.put("hook-leaf", webhooks(hook("a", "AUTHORIZING", port, "/allow?x=1", "X509")));
        all.put(
                "hook-enriched",
                webhooks(hook("e", "ENRICHING", port, "/case", "X509"), hook("n", "NOTIFYING", port, "/deny", "ALL")));
        for (String word : List.of("deny", "words", "despite", "404", "object", "nothing")) {
            all.put("hook-e-" + word, webhooks(hook("h", "ENRICHING", port, "/" + word, "ALL")));
            all.put("hook-a-" + word, webhooks(hook("h", "AUTHORIZING", port, "/" + word, "ALL")));
        }
        for (String word : List.of("500", "garbage", "huge", "307")) {
            all.put("hook-e-" + word, webhooks(hook("h", "ENRICHING", port, "/" + word, "ALL")));
        }
        for (StepCaPeerHook.Door each : StepCaPeerHook.Door.values()) {
            Map<String, Object> anonymous = hook("h", "ENRICHING", ports.of(each), "/allow", "ALL");
            anonymous.put("disableTLSClientAuth", true);
            all.put(anonymous(each), webhooks(anonymous));
            all.put(showing(each), webhooks(hook("h", "ENRICHING", ports.of(each), "/allow", "ALL")));
        }
        all.put(ONCE, webhooks(hook("h", "AUTHORIZING", port, "/once", "ALL")));
        return all;
    }

    /** Provisioner whose webhook is behind this door, and shows no certificate there. */
    private static String anonymous(StepCaPeerHook.Door door) {
        return "hook-anonymous-" + door;
    }

    /** Provisioner whose webhook is behind this door. */
    private static String showing(StepCaPeerHook.Door door) {
        return "hook-" + door;
    }

    private static Map<String, Object> webhooks(Map<?, ?>... hooks) {
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("webhooks", List.of(hooks));
        return options;
    }

    private static Map<String, Object> hook(String name, String kind, int port, String path, String certType) {
        Map<String, Object> hook = new LinkedHashMap<>();
        hook.put("id", "id-of-" + name);
        hook.put("name", name);
        hook.put("url", "https://localhost:" + port + path);
        hook.put("kind", kind);
        hook.put("certType", certType);
        return hook;
    }

    /** Of the provisioner's that Chancery alone is asked for a certificate: step-ca has no place for secrets in ca.json. */
    static Map<String, Object> secrets(Path folder) throws IOException {
        Path secret = Files.writeString(folder.resolve("hook-secret"), "c2VjcmV0\n");
        Path token = Files.writeString(folder.resolve("hook-token"), "a-bearer-token\n");
        return Map.of(
                "webhooks", Map.of("h", Map.of("secretFile", secret.toString(), "bearerTokenFile", token.toString())));
    }

    List<StepCaPeerRow> rows() throws Exception {
        for (String provisioner : List.of("hook-template", "hook-leaf", "hook-enriched")) {
            rows.add(same(provisioner, sign(provisioner, csrs.of(NAME))));
            rows.add(same(
                    provisioner + " with an RSA key",
                    sign(provisioner, csrs.withKey(NAME, "RSA-2048", "SHA256withRSA"))));
            rows.add(same(
                    provisioner + " with an Ed25519 key", sign(provisioner, csrs.withKey(NAME, "Ed25519", "Ed25519"))));
            rows.add(same(
                    provisioner + " without a subject", sign(provisioner, csrs.withSans("", StepCaPeerCsr.dns(NAME)))));
            rows.add(same(provisioner + " with names of every kind", withNames(provisioner)));
            rows.add(same(provisioner + " with wishes of every kind", sign(provisioner, wishing())));
        }
        for (String word : List.of("deny", "words", "despite", "404", "object", "nothing")) {
            for (String kind : List.of("e", "a")) {
                rows.add(same("hook-" + kind + "-" + word, sign("hook-" + kind + "-" + word, csrs.of(NAME))));
            }
        }
        for (String provisioner : List.of("hook-e-500", "hook-e-garbage")) {
            rows.add(differs(provisioner, UNAVAILABLE, sign(provisioner, csrs.of(NAME))));
        }
        rows.add(differs("hook-e-huge", "over 64 KiB", sign("hook-e-huge", csrs.of(NAME))));
        rows.add(differs("hook-e-307", "A redirect is not followed", sign("hook-e-307", csrs.of(NAME))));
        for (StepCaPeerHook.Door each : StepCaPeerHook.Door.values()) {
            rows.add(same(showing(each), sign(showing(each), csrs.of(NAME))));
        }
        String askedInPublic = anonymous(StepCaPeerHook.Door.PUBLIC_ASKING);
        rows.add(same(askedInPublic, sign(askedInPublic, csrs.of(NAME))));
        String asked = anonymous(StepCaPeerHook.Door.ASKING);
        rows.add(differs(
                asked,
                "Webhooks with `disableTLSClientAuth` may have a certificate of this CA too",
                sign(asked, csrs.of(NAME))));
        return rows;
    }

    private StepCaPeerRequest sign(String provisioner, String csr) throws Exception {
        return StepCaPeerRequest.sign(csr, tokens.of(provisioner, NAME));
    }

    /** The same request for both. */
    StepCaPeerRequest once() throws Exception {
        return sign(ONCE, csrs.of(NAME));
    }

    /** Of the provisioner whose webhook shows no certificate to a server that demands one. */
    StepCaPeerRequest turnedAway() throws Exception {
        return sign(anonymous(StepCaPeerHook.Door.PUBLIC_DEMANDING), csrs.of(NAME));
    }

    private StepCaPeerRequest withNames(String provisioner) throws Exception {
        Map<String, Object> claims = tokens.claims(provisioner, NAME);
        claims.put("sans", List.of("https://x.example/y", "me@a.example", "10.1.2.3", NAME, "2001:db8::1"));
        return StepCaPeerRequest.sign(
                csrs.withSans(
                        "CN=" + NAME + ",O=Elsewhere,C=DE",
                        StepCaPeerCsr.dns(NAME),
                        StepCaPeerCsr.email("me@a.example")),
                tokens.signed(provisioner, tokens.header(provisioner), claims));
    }

    /** Extensions that step-ca reads, and one that it does not know. */
    private String wishing() throws Exception {
        ExtensionsGenerator wishes = new ExtensionsGenerator();
        wishes.addExtension(
                Extension.keyUsage, true, new KeyUsage(KeyUsage.keyEncipherment | KeyUsage.digitalSignature));
        wishes.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
            KeyPurposeId.id_kp_clientAuth,
            KeyPurposeId.getInstance(new ASN1ObjectIdentifier("1.2.3.4.5")),
            KeyPurposeId.id_kp_serverAuth
        }));
        wishes.addExtension(Extension.basicConstraints, true, new BasicConstraints(2));
        wishes.addExtension(
                Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName(GeneralName.dNSName, NAME)));
        wishes.addExtension(new ASN1ObjectIdentifier("1.2.3.9"), false, new BasicConstraints(false));
        return csrs.wishing(NAME, wishes.generate());
    }
}
