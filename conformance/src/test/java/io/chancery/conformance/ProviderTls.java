package io.chancery.conformance;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** HTTPS at an OpenID provider on this machine: a certificate of the test's root, which its clients are told to trust. */
record ProviderTls(Path crt, Path key, Path trustStore) {
    private static final char[] PASSWORD = "changeit".toCharArray(); // what everybody takes

    static ProviderTls make(StepPki pki) throws Exception {
        Path crt = pki.file("provider.crt");
        Path key = pki.file("provider.key");
        pki.step(
                        "certificate",
                        "create",
                        "127.0.0.1",
                        crt.toString(),
                        key.toString(),
                        "--profile",
                        "leaf",
                        "--ca",
                        pki.root().toString(),
                        "--ca-key",
                        pki.folder().resolve("step/secrets/root_ca_key").toString(),
                        "--ca-password-file",
                        pki.password(),
                        "--no-password",
                        "--insecure")
                .succeeded();
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("root", ApiClient.certificate(StepPki.text(pki.root())));
        Path trustStore = pki.file("trusted.p12");
        try (OutputStream out = Files.newOutputStream(trustStore)) {
            trusted.store(out, PASSWORD);
        }
        return new ProviderTls(crt, key, trustStore);
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

    /** What makes Chancery's JVM trust it. */
    String javaOptions() {
        return "-XX:TieredStopAtLevel=1 -Djavax.net.ssl.trustStore=" + trustStore
                + " -Djavax.net.ssl.trustStorePassword=" + new String(PASSWORD);
    }
}
