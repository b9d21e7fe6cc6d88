package io.chancery.conformance;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/**
 * An authority that has nothing to do with the PKI, and a server's certificate of it: both programs are told that their
 * platform trusts it, as it trusts the world's public ones.
 */
record StepCaPeerPlatform(StepCaPeerIdentity localhost, Path pem, Path trustStore) {
    private static final String PASSWORD = "changeit"; // what everybody takes

    static StepCaPeerPlatform make(Path folder) throws GeneralSecurityException, IOException {
        StepCaPeerMachine authority = StepCaPeerMachine.Plan.ca("Public").signedByItself();
        StepCaPeerMachine server = StepCaPeerMachine.Plan.client("localhost")
                .purposes(KeyPurposeId.id_kp_serverAuth)
                .names(StepCaPeerCsr.dns("localhost"))
                .by(authority);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("public", authority.certificate());
        Path trustStore = folder.resolve("public.p12");
        try (OutputStream out = Files.newOutputStream(trustStore)) {
            trusted.store(out, PASSWORD.toCharArray());
        }
        return new StepCaPeerPlatform(
                new StepCaPeerIdentity(List.of(server.certificate()), server.key()),
                Files.writeString(folder.resolve("public.crt"), authority.pem()),
                trustStore);
    }

    /** The environment that tells step-ca. */
    Map<String, String> ofStepCa() {
        return Map.of("SSL_CERT_FILE", pem.toString());
    }

    /** The environment that tells Chancery. */
    Map<String, String> ofChancery() {
        return Map.of(
                "CHANCERY_JAVA_OPTS",
                Objects.requireNonNullElse(System.getenv("CHANCERY_JAVA_OPTS"), "") + " -Djavax.net.ssl.trustStore="
                        + trustStore + " -Djavax.net.ssl.trustStorePassword=" + PASSWORD);
    }
}
