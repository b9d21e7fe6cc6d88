package io.chancery.cli.quickstart;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.cli.Surroundings;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.core.pem.PemBlock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.text.ParseException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Gets one certificate as any client would: over the CA's public HTTPS API, trusting nothing but its root. */
final class FirstCertificate {
    private static final Duration TIMEOUT = Duration.ofSeconds(15);
    private static final String NAME = "first.example";

    private final Surroundings surroundings;
    private final X509Certificate root;
    private final String url;

    FirstCertificate(Surroundings surroundings, X509Certificate root, String url) {
        this.surroundings = surroundings;
        this.root = root;
        this.url = url;
    }

    /** IOException says what the CA answered when it was not a certificate. */
    X509Certificate get(String provisionerPassword)
            throws IOException, InterruptedException, GeneralSecurityException, JOSEException {
        try {
            HttpClient client = HttpClient.newBuilder()
                    .sslContext(trustingRoot())
                    .connectTimeout(TIMEOUT)
                    .build();
            ProvisionerKey key = provisionerKey(client, provisionerPassword);
            String token = key.token(
                    QuickstartPki.PROVISIONER,
                    url + "/1.0/sign",
                    Sha256.digest(root.getEncoded()).hex(),
                    NAME,
                    surroundings.clock().instant(),
                    surroundings.random());
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("csr", request());
            body.put("ott", token);
            Map<String, Object> answer = send(
                    client,
                    HttpRequest.newBuilder(URI.create(url + "/1.0/sign"))
                            .timeout(TIMEOUT)
                            .POST(HttpRequest.BodyPublishers.ofString(JSONObjectUtils.toJSONString(body))));
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(
                            JSONObjectUtils.getString(answer, "crt").getBytes(StandardCharsets.US_ASCII)));
        } catch (ParseException e) {
            throw new IOException("the CA's answer cannot be read", e);
        }
    }

    private ProvisionerKey provisionerKey(HttpClient client, String password)
            throws IOException, InterruptedException, ParseException, JOSEException {
        Map<String, Object> answer = send(
                client,
                HttpRequest.newBuilder(URI.create(url + "/provisioners"))
                        .timeout(TIMEOUT)
                        .GET());
        for (Object one : List.of(JSONObjectUtils.getJSONObjectArray(answer, "provisioners"))) {
            if (one instanceof Map<?, ?> provisioner
                    && QuickstartPki.PROVISIONER.equals(provisioner.get("name"))
                    && provisioner.get("encryptedKey") instanceof String encrypted) {
                return ProvisionerKey.decrypt(encrypted, password);
            }
        }
        throw new IOException("the CA lists no provisioner " + QuickstartPki.PROVISIONER);
    }

    private static Map<String, Object> send(HttpClient client, HttpRequest.Builder request)
            throws IOException, InterruptedException, ParseException {
        HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 400) {
            throw new IOException("the CA answered " + response.statusCode() + ": "
                    + response.body().strip());
        }
        return JSONObjectUtils.parse(response.body());
    }

    private String request() throws GeneralSecurityException, IOException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), surroundings.random());
        KeyPair pair = generator.generateKeyPair();
        try {
            byte[] der = new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=" + NAME), pair.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                    .getEncoded();
            return new PemBlock("CERTIFICATE REQUEST", Map.of(), Der.of(der)).encode();
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException("the request cannot be signed", e);
        }
    }

    private SSLContext trustingRoot() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("root", root);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), surroundings.random());
        return context;
    }
}
