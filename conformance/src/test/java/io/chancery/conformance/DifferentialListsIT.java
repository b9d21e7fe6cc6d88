package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.conformance.StepCaPeerMachine.Plan;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.CertificateList;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.TBSCertList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * With lists of revoked certificates, a federated root, subjects to be filled, files of templates and settings of TLS, the
 * real step-ca and Chancery publish the same.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class DifferentialListsIT {
    private static final Duration NEAR = Duration.ofMinutes(10);
    private static final String IN_STEPS_FOLDER = "templates/leaf.tpl";
    private static final String SUITE = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";

    @TempDir
    private static Path folder;

    private static StepCaPeerPki pki;
    private static StepCaPeer stepCa;
    private static ChanceryProcess chancery;
    private static StepCaPeerClient client;
    private static StepCaPeerMachine federated;

    @BeforeAll
    static void start() throws Exception {
        pki = StepCaPeerPki.make(folder, "http://127.0.0.1:1"); // nobody there: no user is asked for here
        federated = Plan.ca("Federated").signedByItself();
        Path root = Files.writeString(folder.resolve("federated.crt"), federated.pem());
        for (String server : List.of("step-ca", "chancery")) {
            Path file = pki.stepPath(server).resolve("config/ca.json");
            Map<String, Object> ca = JSONObjectUtils.parse(Files.readString(file));
            ca.put("federatedRoots", List.of(root.toString(), pki.root().toString()));
            ca.put("crl", Map.of("enabled", true, "generateOnRevoke", true));
            Map<Object, Object> authority = new LinkedHashMap<>((Map<?, ?>) ca.get("authority"));
            List<?> provisioners = (List<?>) authority.get("provisioners");
            authority.put(
                    "provisioners",
                    List.of(
                            provisioners.get(0), // the plain one
                            withTemplateFile(provisioners.get(1), IN_STEPS_FOLDER),
                            withTemplateFile(provisioners.get(2), fromHere())));
            authority.put("template", Map.of("organization", "Acme", "country", "CH"));
            ca.put("tls", Map.of("cipherSuites", List.of(SUITE), "minVersion", 1.3, "maxVersion", 1.3));
            Files.createDirectories(pki.stepPath(server).resolve("templates"));
            Files.writeString(pki.stepPath(server).resolve(IN_STEPS_FOLDER), template("in the folder of step"));
            ca.put("authority", authority);
            Files.writeString(file, JSONObjectUtils.toJSONString(ca), StandardCharsets.UTF_8);
        }
        Files.writeString(folder.resolve("here.tpl"), template("from here"));
        Files.writeString(
                pki.stepPath("chancery").resolve("config/chancery.json"),
                "{\"management\":{\"address\":\"127.0.0.1:0\"}}");
        chancery = ChanceryProcess.start(
                Map.of("STEPPATH", pki.stepPath("chancery").toString()),
                "start",
                pki.stepPath("chancery").resolve("config/ca.json").toString(),
                "--password-file",
                pki.password());
        stepCa = StepCaPeer.start(pki.stepPath("step-ca"), pki.password());
        chancery.awaitReady();
        client = new StepCaPeerClient(pki.root());
    }

    private static Map<Object, Object> withTemplateFile(Object provisioner, String name) {
        Map<Object, Object> with = new LinkedHashMap<>((Map<?, ?>) provisioner);
        with.put("options", Map.of("x509", Map.of("templateFile", name)));
        return with;
    }

    /** The template's name beginning in the working folder, which is no server's. */
    private static String fromHere() throws Exception {
        Path here = Path.of("").toRealPath();
        return "./" + here.relativize(folder.toRealPath().resolve("here.tpl"));
    }

    private static String template(String unit) {
        return "{\"subject\":{\"commonName\":{{ toJson .Subject.CommonName }},\"organizationalUnit\":\"" + unit + "\"},"
                + "\"sans\":{{ toJson .SANs }},\"keyUsage\":[\"digitalSignature\"],\"extKeyUsage\":[\"clientAuth\"]}";
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable each : new AutoCloseable[] {chancery, stepCa}) {
            if (each != null) {
                each.close();
            }
        }
    }

    private static StepCaPeerAnswer theirs(StepCaPeerRequest request) throws Exception {
        return client.send(pki.stepCaPort(), request);
    }

    private static StepCaPeerAnswer ours(StepCaPeerRequest request) throws Exception {
        return client.send(pki.chanceryPort(), request);
    }

    @Test
    void a_federated_root_is_found_by_its_fingerprint_and_listed_beside_the_root() throws Exception {
        String sum = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256")
                        .digest(federated.certificate().getEncoded()));
        for (String path : List.of("/root/" + sum, "/1.0/root/" + sum.toUpperCase(Locale.ROOT), "/roots")) {
            StepCaPeerRequest request = StepCaPeerRequest.get(path);
            assertThat(ours(request).differences(theirs(request))).as(path).isEmpty();
        }
        assertThat(ours(StepCaPeerRequest.get("/root/" + sum)).status()).isEqualTo(200);
        assertThat(certificates(ours(StepCaPeerRequest.get("/federation"))))
                .hasSize(2)
                .hasSameElementsAs(certificates(theirs(StepCaPeerRequest.get("/federation"))));
    }

    /** Their order is nobody's promise. */
    private static Collection<String> certificates(StepCaPeerAnswer answer) throws Exception {
        return ((List<?>) JSONObjectUtils.parse(answer.body()).get("crts"))
                .stream().map(String::valueOf).toList();
    }

    @Test
    void subjects_are_filled_templates_found_and_settings_of_tls_told_as_step_ca_does() throws Exception {
        StepCaPeerTokens tokens = new StepCaPeerTokens(pki);
        Map<String, String> subjects = Map.of(
                StepCaPeerPki.PLAIN, "CN=a.example,O=Acme,C=CH",
                StepCaPeerPki.SHORT, "CN=a.example,OU=in the folder of step,O=Acme,C=CH",
                StepCaPeerPki.LONG, "CN=a.example,OU=from here,O=Acme,C=CH");
        String csr = ApiClient.csr("a.example", ApiClient.keyPair("EC", 256));
        for (Map.Entry<String, String> each : subjects.entrySet()) {
            StepCaPeerRequest request = StepCaPeerRequest.sign(csr, tokens.of(each.getKey(), "a.example"));
            StepCaPeerAnswer ours = ours(request);
            assertThat(ours.differences(theirs(request))).as(each.getKey()).isEmpty();
            assertThat(ApiClient.certificate(
                                    (String) JSONObjectUtils.parse(ours.body()).get("crt"))
                            .getSubjectX500Principal()
                            .getName())
                    .isEqualTo(each.getValue());
            assertThat(ours.body())
                    .contains("\"tlsOptions\":{\"cipherSuites\":[\"" + SUITE
                            + "\"],\"minVersion\":1.3,\"maxVersion\":1.3,");
        }
    }

    @Test
    void a_list_has_the_fields_the_entries_and_the_headers_that_step_ca_s_has() throws Exception {
        StepCaPeerTokens tokens = new StepCaPeerTokens(pki);
        for (int reason : List.of(0, 1, 2, 3, 4, 5, 6, 9, 10)) {
            StepCaPeerRequest revoking = revoke(tokens, 7_000_000_000_000L + reason, reason);
            assertThat(theirs(revoking).status()).isEqualTo(200);
            assertThat(ours(revoking).status()).isEqualTo(200);
        }
        StepCaPeerRequest pem = StepCaPeerRequest.get("/crl?pem");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (entries(crl(ours(pem))).size() < 9) { // an answer waits three seconds at most for the list
            assertThat(System.nanoTime()).isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
        for (String path : List.of("/crl", "/1.0/crl", "/crl?pem", "/1.0/crl?pem=x")) {
            StepCaPeerRequest request = StepCaPeerRequest.get(path);
            assertThat(headers(ours(request))).as(path).isEqualTo(headers(theirs(request)));
        }
        assertThat(fields(crl(ours(pem)))).isEqualTo(fields(crl(theirs(pem))));
        assertThat(entries(crl(ours(pem)))).isEqualTo(entries(crl(theirs(pem))));
    }

    private static StepCaPeerRequest revoke(StepCaPeerTokens tokens, long serial, int reason) throws Exception {
        Map<String, Object> changes = new LinkedHashMap<>();
        changes.put("aud", "https://localhost/1.0/revoke");
        changes.put("sans", StepCaPeerTokens.ABSENT);
        String ott = tokens.with("" + serial, changes);
        return StepCaPeerRequest.post(
                "/revoke",
                JSONObjectUtils.toJSONString(
                        Map.of("serial", "" + serial, "ott", ott, "passive", true, "reasonCode", reason)));
    }

    private static List<String> headers(StepCaPeerAnswer answer) {
        return List.of(
                "" + answer.status(),
                String.valueOf(answer.headers().get("content-type")),
                String.valueOf(answer.headers().get("content-disposition")),
                String.valueOf(answer.headers().get("expires"))
                        .replaceAll("[0-9]", "9")
                        .replaceAll("[A-Z][a-z]{2}", "Xxx"));
    }

    private static X509CRL crl(StepCaPeerAnswer answer) throws Exception {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        X509CRL crl = (X509CRL) CertificateFactory.getInstance("X.509")
                .generateCRL(new ByteArrayInputStream(answer.body().getBytes(StandardCharsets.US_ASCII)));
        crl.verify(ApiClient.certificate(StepPki.text(pki.stepPath("chancery").resolve("certs/intermediate_ca.crt")))
                .getPublicKey());
        assertNear(crl.getThisUpdate().toInstant());
        return crl;
    }

    private static void assertNear(Instant time) {
        assertThat(Duration.between(time, Instant.now()).abs()).isLessThan(NEAR);
    }

    /** In their order; the list's number is each server's own. */
    private static List<String> fields(X509CRL crl) throws Exception {
        TBSCertList list = CertificateList.getInstance(crl.getEncoded()).getTBSCertList();
        List<String> fields = new ArrayList<>();
        fields.add("version " + list.getVersionNumber());
        fields.add("algorithm " + HexFormat.of().formatHex(list.getSignature().getEncoded()));
        fields.add("issuer " + HexFormat.of().formatHex(list.getIssuer().getEncoded()));
        fields.add("seconds "
                + Duration.between(
                                crl.getThisUpdate().toInstant(),
                                crl.getNextUpdate().toInstant())
                        .toSeconds());
        Extensions extensions = list.getExtensions();
        for (ASN1ObjectIdentifier oid : extensions.getExtensionOIDs()) {
            Extension extension = extensions.getExtension(oid);
            fields.add(
                    oid.equals(Extension.cRLNumber)
                            ? "number " + extension.isCritical()
                            : HexFormat.of().formatHex(extension.getEncoded()));
        }
        return fields;
    }

    private static Map<BigInteger, String> entries(X509CRL crl) throws Exception {
        Map<BigInteger, String> entries = new TreeMap<>();
        for (TBSCertList.CRLEntry each :
                CertificateList.getInstance(crl.getEncoded()).getRevokedCertificates()) {
            assertNear(each.getRevocationDate().getDate().toInstant());
            entries.put(
                    each.getUserCertificate().getValue(),
                    each.hasExtensions()
                            ? HexFormat.of().formatHex(each.getExtensions().getEncoded())
                            : "no extension");
        }
        return entries;
    }
}
