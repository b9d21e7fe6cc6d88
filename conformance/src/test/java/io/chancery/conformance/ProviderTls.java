package io.chancery.conformance;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** HTTPS at an OpenID provider on this machine: its certificate, and the root that it leads to. */
record ProviderTls(Path crt, Path key, Path root) {
    private static final String HERE = "127.0.0.1";
    private static final char[] PASSWORD = "changeit".toCharArray(); // what everybody takes

    /** Of the test's own root. */
    static ProviderTls make(StepPki pki) throws Exception {
        return make(pki, HERE);
    }

    /** Of the test's own root, for another name than this machine's. */
    static ProviderTls make(StepPki pki, String host) throws Exception {
        return make(
                pki,
                host,
                pki.root(),
                "--ca-key",
                pki.folder().resolve("step/secrets/root_ca_key").toString(),
                "--ca-password-file",
                pki.password());
    }

    /** Of a root that is nobody's else. */
    static ProviderTls ofAnotherRoot(StepPki pki) throws Exception {
        Path root = pki.file("other-root.crt");
        Path key = pki.file("other-root.key");
        pki.step(
                        "certificate",
                        "create",
                        "Other Root",
                        root.toString(),
                        key.toString(),
                        "--profile",
                        "root-ca",
                        "--no-password",
                        "--insecure")
                .succeeded();
        return make(pki, HERE, root, "--ca-key", key.toString());
    }

    private static ProviderTls make(StepPki pki, String host, Path root, String... caKey) throws Exception {
        String name = "provider-" + host + "-" + root.getFileName();
        Path crt = pki.file(name);
        Path key = pki.file(name + ".key");
        List<String> command = new ArrayList<>(List.of(
                "certificate",
                "create",
                host,
                crt.toString(),
                key.toString(),
                "--profile",
                "leaf",
                "--ca",
                root.toString(),
                "--no-password",
                "--insecure"));
        command.addAll(List.of(caKey));
        pki.step(command.toArray(String[]::new)).succeeded();
        return new ProviderTls(crt, key, root);
    }

    SSLContext server() throws Exception {
        StepCaPeerIdentity identity = StepCaPeerIdentity.read(crt, key);
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry("own", identity.key(), PASSWORD, identity.chain().toArray(X509Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    /** What makes Chancery's JVM trust its root. */
    String javaOptions() throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("root", ApiClient.certificate(StepPki.text(root)));
        Path trustStore = crt.resolveSibling("trusted.p12");
        try (OutputStream out = Files.newOutputStream(trustStore)) {
            trusted.store(out, PASSWORD);
        }
        return "-XX:TieredStopAtLevel=1 -Djavax.net.ssl.trustStore=" + trustStore
                + " -Djavax.net.ssl.trustStorePassword=" + new String(PASSWORD);
    }
}
