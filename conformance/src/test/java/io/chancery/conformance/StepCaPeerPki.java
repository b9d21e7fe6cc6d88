package io.chancery.conformance;

import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.crypto.PasswordBasedDecrypter;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.testing.FreePorts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;

/**
 * One PKI in two folders, one for step-ca and one for Chancery: the same keys, certificates and provisioners, and a port
 * and a database for each. Its CA certificates are hours old, so that neither server has to cut a backdate.
 */
final class StepCaPeerPki {
    /** Provisioner names and what is special about each. */
    static final String PLAIN = "admin";

    static final String SHORT = "short";
    static final String LONG = "long";
    static final String LIFTED = "lifted";
    static final String NO_EXTENSION = "no-extension";
    static final String NAMELESS = "nameless";
    static final String NO_RENEWAL = "no-renewal";
    static final String AFTER_EXPIRY = "after-expiry";
    static final String P384 = "p384";
    static final String RSA = "rsa";

    /** Of two provisioners, the later of which has claims that keep it from serving. */
    static final String SHARED_KID = "of-two";

    static final String KID_THAT_REFUSES = "of-one-that-refuses";
    private static final Map<String, Object> TOO_LONG =
            Map.of("minTLSCertDuration", "48h0m0s", "maxTLSCertDuration", "24h0m0s");

    private final Path folder;
    private final Map<String, JWK> keys = new HashMap<>();
    private final int stepCaPort = FreePorts.take();
    private final int chanceryPort = FreePorts.take();
    private final StepCaPeerHook.Ports hookPorts = StepCaPeerHook.Ports.take();

    private final StepCaPeerMachines machines;

    private StepCaPeerPki(Path folder) throws GeneralSecurityException, IOException {
        this.folder = folder;
        this.machines = new StepCaPeerMachines();
    }

    /** @param openIdIssuer whose users the provisioners of {@link StepCaPeerOidcRows} are for */
    static StepCaPeerPki make(Path folder, String openIdIssuer) throws Exception {
        StepCaPeerPki pki = new StepCaPeerPki(folder);
        Files.writeString(Path.of(pki.password()), "a password of the tests\n");
        pki.certificates();
        List<Object> provisioners = pki.provisioners();
        provisioners.addAll(StepCaPeerOidcRows.provisioners(openIdIssuer));
        pki.serverFolder("step-ca", pki.stepCaPort, provisioners);
        pki.serverFolder("chancery", pki.chanceryPort, provisioners);
        Files.writeString(
                pki.stepPath("chancery").resolve("config/chancery.json"),
                JSONObjectUtils.toJSONString(Map.of(
                        "management",
                        Map.of("address", "127.0.0.1:0"),
                        "provisioners",
                        Map.of(StepCaPeerWebhookRows.ONCE, StepCaPeerWebhookRows.secrets(folder)))));
        return pki;
    }

    private void certificates() throws IOException, InterruptedException {
        String root = folder.resolve("root.crt").toString();
        String rootKey = folder.resolve("root.key").toString();
        step("certificate create Peers " + root + " " + rootKey + " --profile root-ca --not-before -3h --password-file "
                + password());
        step("ca init --name Peers --dns localhost --dns 127.0.0.1 --address 127.0.0.1:1 --provisioner admin --root "
                + root + " --key " + rootKey + " --key-password-file " + password() + " --password-file "
                + password());
        Path made = folder.resolve("step");
        step("certificate create Peers-Intermediate " + made.resolve("certs/intermediate_ca.crt") + " "
                + made.resolve("secrets/intermediate_ca_key")
                + " --profile intermediate-ca --not-before -2h --force --ca "
                + root + " --ca-key " + rootKey + " --ca-password-file " + password() + " --password-file "
                + password());
    }

    /**
     * A certificate of the intermediate that both servers have, and that neither has issued.
     *
     * @param provisioner whom its extension names; none when empty
     * @param purposes of its extended key usage
     */
    StepCaPeerIdentity identity(String name, String provisioner, String notBefore, String notAfter, String... purposes)
            throws Exception {
        Path made = folder.resolve("step");
        String ca =
                made.resolve("certs/intermediate_ca.crt") + " --ca-key " + made.resolve("secrets/intermediate_ca_key");
        return identity(name, provisioner, List.of(notBefore, notAfter), ca, purposes);
    }

    /** @param ca its certificate's file, and the option with its key's */
    private StepCaPeerIdentity identity(
            String name, String provisioner, List<String> validity, String ca, String... purposes) throws Exception {
        Path crt = folder.resolve(name + ".crt");
        Path key = folder.resolve(name + ".key");
        Path template = folder.resolve(name + ".tpl");
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("subject", Map.of("commonName", name));
        content.put("dnsNames", List.of(name, "other." + name));
        content.put("keyUsage", List.of("digitalSignature"));
        content.put("extKeyUsage", List.of(purposes));
        if (!provisioner.isEmpty()) {
            byte[] extension = new DERSequence(new ASN1Encodable[] {
                        new ASN1Integer(1),
                        new DEROctetString(provisioner.getBytes(StandardCharsets.UTF_8)),
                        new DEROctetString("kid".getBytes(StandardCharsets.UTF_8))
                    })
                    .getEncoded();
            content.put(
                    "extensions",
                    List.of(Map.of(
                            "id",
                            "1.3.6.1.4.1.37476.9000.64.1",
                            "value",
                            Base64.getEncoder().encodeToString(extension))));
        }
        Files.writeString(template, JSONObjectUtils.toJSONString(content));
        step("certificate create " + name + " " + crt + " " + key + " --template " + template + " --not-before "
                + validity.get(0) + " --not-after " + validity.get(1) + " --no-password --insecure --bundle --ca " + ca
                + " --ca-password-file " + password());
        return StepCaPeerIdentity.read(crt, key);
    }

    /**
     * As {@link #identity}, of a CA below the root that neither server knows.
     *
     * @param notAfterOfCa its end; it began three hours ago
     */
    StepCaPeerIdentity below(String notAfterOfCa, String name, String provisioner, String... validity)
            throws Exception {
        String ca = folder.resolve(name + "-ca").toString();
        step("certificate create " + name + "-ca " + ca + ".crt " + ca
                + ".key --profile intermediate-ca --not-before -3h"
                + " --not-after " + notAfterOfCa + " --ca " + folder.resolve("root.crt") + " --ca-key "
                + folder.resolve("root.key") + " --ca-password-file " + password() + " --password-file " + password());
        return identity(name, provisioner, List.of(validity), ca + ".crt " + "--ca-key " + ca + ".key", "clientAuth");
    }

    /** Of the intermediate that both servers have. */
    Instant beginning() throws GeneralSecurityException, IOException {
        return ApiClient.certificate(StepPki.text(stepPath("chancery").resolve("certs/intermediate_ca.crt")))
                .getNotBefore()
                .toInstant();
    }

    private void step(String words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Commands.step());
        command.addAll(List.of(words.split(" ")));
        Commands.run(folder, Map.of("STEPPATH", folder.resolve("step").toString()), command.toArray(String[]::new))
                .succeeded();
    }

    /** The one that {@code step ca init} made, and others; after the first page such as Chancery only lists, and those of other types. */
    private List<Object> provisioners() throws Exception {
        Map<String, Object> made = JSONObjectUtils.parse(Files.readString(folder.resolve("step/config/ca.json")));
        List<Object> list = new ArrayList<>();
        list.addAll((List<?>) ((Map<?, ?>) made.get("authority")).get("provisioners"));
        keys.put(PLAIN, decrypted((Map<?, ?>) list.get(0)));
        list.add(jwk(SHORT, shortClaims()));
        list.add(jwk(LONG, Map.of("maxTLSCertDuration", "200000h0m0s")));
        list.add(jwk(LIFTED, Map.of("defaultTLSCertDuration", "48h0m0s")));
        list.add(jwk(NO_EXTENSION, Map.of("disableSmallstepExtensions", true)));
        Map<String, Object> nameless = new LinkedHashMap<>(Map.of("disableRenewal", true)); // in Go's order
        nameless.put("disableSmallstepExtensions", true);
        list.add(jwk(NAMELESS, nameless));
        list.add(jwk(NO_RENEWAL, Map.of("disableRenewal", true)));
        list.add(jwk(AFTER_EXPIRY, Map.of("allowRenewalAfterExpiry", true)));
        list.add(provisioner(
                P384,
                Map.of(),
                new ECKeyGenerator(Curve.P_384)
                        .keyUse(KeyUse.SIGNATURE)
                        .keyIDFromThumbprint(true)
                        .generate()));
        list.add(provisioner(
                RSA,
                Map.of(),
                new RSAKeyGenerator(2048)
                        .keyUse(KeyUse.SIGNATURE)
                        .keyIDFromThumbprint(true)
                        .generate()));
        for (Map.Entry<String, Map<String, Object>> each : StepCaPeerTemplateRows.PROVISIONERS.entrySet()) {
            Map<String, Object> provisioner = jwk(each.getKey(), Map.of());
            provisioner.put("options", Map.of("x509", each.getValue()));
            list.add(provisioner);
        }
        for (int i = list.size(); i < 21; i++) {
            list.add(jwk("more-" + i, Map.of()));
        }
        list.add(withEncryptedKey(SHARED_KID, "of.the.earlier.one.x", Map.of()));
        list.add(withEncryptedKey(SHARED_KID, "of.the.later.one.x", TOO_LONG));
        list.add(withEncryptedKey(KID_THAT_REFUSES, "of.one.that.refuses.x", TOO_LONG));
        String root = Base64.getMimeEncoder().encodeToString(Files.readAllBytes(folder.resolve("root.crt")));
        list.add(listed("type", "ACME", "name", "acme"));
        list.add(acmeWithBinding());
        list.add(listed("type", "X5C", "name", "x5c", "roots", root));
        list.add(listed("type", "SSHPOP", "name", "sshpop"));
        for (Map.Entry<String, Map<String, Object>> each :
                StepCaPeerWebhookRows.provisioners(hookPorts).entrySet()) {
            Map<String, Object> provisioner = jwk(each.getKey(), Map.of());
            provisioner.put("options", each.getValue());
            list.add(provisioner);
        }
        list.addAll(machines.provisioners());
        return list;
    }

    /** As step writes them: in its order, and durations as Go prints them. */
    private static Map<String, Object> shortClaims() {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("minTLSCertDuration", "1m0s");
        claims.put("maxTLSCertDuration", "2h0m0s");
        claims.put("defaultTLSCertDuration", "1h0m0s");
        return claims;
    }

    private static Map<String, Object> listed(String... members) {
        Map<String, Object> provisioner = new LinkedHashMap<>();
        for (int i = 0; i < members.length; i += 2) {
            provisioner.put(members[i], members[i + 1]);
        }
        return provisioner;
    }

    private Map<String, Object> withEncryptedKey(String kid, String encryptedKey, Map<String, Object> claims)
            throws Exception {
        Map<String, Object> provisioner = provisioner(
                "encrypted " + encryptedKey,
                claims,
                new ECKeyGenerator(Curve.P_256)
                        .keyUse(KeyUse.SIGNATURE)
                        .keyID(kid)
                        .generate());
        provisioner.put("encryptedKey", encryptedKey);
        return provisioner;
    }

    private static Map<String, Object> acmeWithBinding() {
        Map<String, Object> provisioner = listed("type", "ACME", "name", "acme-eab");
        provisioner.put("requireEAB", true);
        return provisioner;
    }

    private JWK decrypted(Map<?, ?> provisioner) throws Exception {
        JWEObject jwe = JWEObject.parse((String) provisioner.get("encryptedKey"));
        jwe.decrypt(
                new PasswordBasedDecrypter(Files.readString(Path.of(password())).strip()));
        return JWK.parse(jwe.getPayload().toString());
    }

    private Map<String, Object> jwk(String name, Map<String, Object> claims) throws Exception {
        return provisioner(
                name,
                claims,
                new ECKeyGenerator(Curve.P_256)
                        .keyUse(KeyUse.SIGNATURE)
                        .algorithm(com.nimbusds.jose.JWSAlgorithm.ES256)
                        .keyIDFromThumbprint(true)
                        .generate());
    }

    private Map<String, Object> provisioner(String name, Map<String, Object> claims, JWK key) {
        keys.put(name, key);
        Map<String, Object> provisioner = new LinkedHashMap<>();
        provisioner.put("type", "JWK");
        provisioner.put("name", name);
        provisioner.put("key", inStepsOrder(key.toPublicJWK().toJSONObject()));
        if (!claims.isEmpty()) {
            provisioner.put("claims", claims);
        }
        return provisioner;
    }

    /** step writes a key's members so; step-ca publishes them so whatever the file's order, Chancery as they stand. */
    private static Map<String, Object> inStepsOrder(Map<String, Object> jwk) {
        Map<String, Object> ordered = new LinkedHashMap<>();
        for (String member : List.of("use", "kty", "kid", "crv", "alg", "x", "y", "n", "e")) {
            if (jwk.containsKey(member)) {
                ordered.put(member, jwk.get(member));
            }
        }
        return ordered;
    }

    private void serverFolder(String name, int port, List<Object> provisioners) throws Exception {
        Path path = stepPath(name);
        for (String each : List.of("certs", "config", "secrets", "db")) {
            Files.createDirectories(path.resolve(each));
        }
        for (String each : List.of("certs/root_ca.crt", "certs/intermediate_ca.crt", "secrets/intermediate_ca_key")) {
            Files.copy(folder.resolve("step").resolve(each), path.resolve(each));
        }
        Map<String, Object> ca = new LinkedHashMap<>();
        ca.put("root", path.resolve("certs/root_ca.crt").toString());
        ca.put("crt", path.resolve("certs/intermediate_ca.crt").toString());
        ca.put("key", path.resolve("secrets/intermediate_ca_key").toString());
        ca.put("address", "127.0.0.1:" + port);
        ca.put("dnsNames", List.of("localhost", "127.0.0.1"));
        ca.put("db", Map.of("type", "badgerv2", "dataSource", path.resolve("db").toString()));
        if (name.equals("step-ca")) {
            ca.put("logger", Map.of("format", "text")); // says why it refuses
        }
        ca.put("authority", Map.of("provisioners", provisioners));
        Files.writeString(path.resolve("config/ca.json"), JSONObjectUtils.toJSONString(ca), StandardCharsets.UTF_8);
        Files.writeString(
                path.resolve("config/defaults.json"),
                JSONObjectUtils.toJSONString(Map.of(
                        "ca-url",
                        "https://localhost:" + port,
                        "root",
                        path.resolve("certs/root_ca.crt").toString())));
    }

    /** Puts a member into {@code authority} of a server's ca.json, which it reads at its next start. */
    void setInAuthority(String server, String member, Object value) throws Exception {
        Path file = stepPath(server).resolve("config/ca.json");
        Map<String, Object> ca = JSONObjectUtils.parse(Files.readString(file));
        Map<Object, Object> authority = new LinkedHashMap<>((Map<?, ?>) ca.get("authority"));
        authority.put(member, value);
        ca.put("authority", authority);
        Files.writeString(file, JSONObjectUtils.toJSONString(ca), StandardCharsets.UTF_8);
    }

    Path stepPath(String server) {
        return folder.resolve(server);
    }

    Path root() {
        return folder.resolve("root.crt");
    }

    String password() {
        return folder.resolve("password").toString();
    }

    /** Where webhooks are. */
    StepCaPeerHook.Ports hookPorts() {
        return hookPorts;
    }

    int stepCaPort() {
        return stepCaPort;
    }

    int chanceryPort() {
        return chanceryPort;
    }

    ECKey ecKey(String provisioner) {
        return keys.get(provisioner).toECKey();
    }

    RSAKey rsaKey(String provisioner) {
        return keys.get(provisioner).toRSAKey();
    }

    StepCaPeerMachines machines() {
        return machines;
    }

    String kid(String provisioner) {
        return keys.get(provisioner).getKeyID();
    }

    /** Runs the unmodified step client with the settings of one server. */
    Commands.Result step(String server, Path workingFolder, String... arguments)
            throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 1];
        command[0] = Commands.step();
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return Commands.run(workingFolder, Map.of("STEPPATH", stepPath(server).toString()), command);
    }
}
