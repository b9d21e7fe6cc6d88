package io.chancery.conformance;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.PasswordBasedDecrypter;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Talks to the API by hand, where the step client is too well-behaved. */
final class ApiClient {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    /** By their encrypted form: decryption is made to be slow. */
    private static final Map<String, ECKey> KEYS = new ConcurrentHashMap<>();

    private final String url;
    private final HttpClient http;
    private final ECKey provisionerKey;
    private final KeyPair subjectKey;

    private ApiClient(String url, HttpClient http, ECKey provisionerKey, KeyPair subjectKey) {
        this.url = url;
        this.http = http;
        this.provisionerKey = provisionerKey;
        this.subjectKey = subjectKey;
    }

    static ApiClient of(StepPki pki) throws Exception {
        return at(pki, pki.url());
    }

    /** Of one node of several, or of a balancer before them. */
    static ApiClient at(StepPki pki, String url) throws Exception {
        Map<String, Object> ca = JSONObjectUtils.parse(StepPki.text(pki.caJson()));
        Map<?, ?> authority = (Map<?, ?>) ca.get("authority");
        Map<?, ?> provisioner = (Map<?, ?>) ((List<?>) authority.get("provisioners")).get(0);
        String encrypted = (String) provisioner.get("encryptedKey");
        ECKey key = KEYS.get(encrypted);
        if (key == null) {
            JWEObject jwe = JWEObject.parse(encrypted);
            jwe.decrypt(new PasswordBasedDecrypter(
                    StepPki.text(Path.of(pki.password())).strip()));
            key = ECKey.parse(jwe.getPayload().toString());
            KEYS.put(encrypted, key);
        }
        return new ApiClient(
                url,
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .sslContext(trusting(pki.root()))
                        .connectTimeout(TIMEOUT)
                        .build(),
                key,
                keyPair("EC", 256));
    }

    /** The first certificate in a PEM text. */
    static X509Certificate certificate(String pem) throws GeneralSecurityException {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    static KeyPair keyPair(String type, int size) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(type);
        generator.initialize(size);
        return generator.generateKeyPair();
    }

    /** With the subject key of another client: its certificates can be shown here. */
    ApiClient as(ApiClient other) {
        return new ApiClient(url, http, provisionerKey, other.subjectKey);
    }

    /** The same client, showing the certificate that it was answered in every handshake from now on. */
    ApiClient showing(Answer issued, Path root) throws Exception {
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry("own", subjectKey.getPrivate(), new char[0], chain(issued));
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(own, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trustManagers(root), null);
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(context)
                .connectTimeout(TIMEOUT)
                .build();
        return new ApiClient(url, client, provisionerKey, subjectKey);
    }

    private static X509Certificate[] chain(Answer issued) throws Exception {
        List<X509Certificate> chain = new ArrayList<>();
        for (Object pem : (List<?>) JSONObjectUtils.parse(issued.body()).get("certChain")) {
            chain.add(certificate((String) pem));
        }
        return chain.toArray(X509Certificate[]::new);
    }

    static SSLContext trusting(Path root) throws GeneralSecurityException, IOException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trustManagers(root), null);
        return context;
    }

    private static TrustManager[] trustManagers(Path root) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream pem = Files.newInputStream(root)) {
            store.setCertificateEntry(
                    "root", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return trust.getTrustManagers();
    }

    ECKey provisionerKey() {
        return provisionerKey;
    }

    /** The claims of a good token for a name; to be spoilt by the caller. */
    JWTClaimsSet.Builder claims(String name) {
        return claims(name, Duration.ZERO);
    }

    private JWTClaimsSet.Builder claims(String name, Duration ahead) {
        Instant now = Instant.now().plus(ahead);
        return new JWTClaimsSet.Builder()
                .issuer(StepPki.PROVISIONER)
                .audience(url + "/1.0/sign")
                .subject(name)
                .issueTime(Date.from(now))
                .notBeforeTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(300)))
                .jwtID(UUID.randomUUID().toString())
                .claim("sans", List.of(name));
    }

    JWSHeader.Builder header() {
        return new JWSHeader.Builder(JWSAlgorithm.ES256)
                .type(JOSEObjectType.JWT)
                .keyID(provisionerKey.getKeyID());
    }

    String token(String name) throws JOSEException {
        return token(header().build(), claims(name).build());
    }

    /** As one whose maker's clock is so far ahead. */
    String token(String name, Duration ahead) throws JOSEException {
        return token(header().build(), claims(name, ahead).build());
    }

    String token(JWSHeader header, JWTClaimsSet claims) throws JOSEException {
        SignedJWT jwt = new SignedJWT(header, claims);
        jwt.sign(new ECDSASigner(provisionerKey));
        return jwt.serialize();
    }

    /** By what the store knows a token: SHA-256 of its id, in hex. */
    static String tokenKey(String token) {
        try {
            byte[] id = SignedJWT.parse(token).getJWTClaimsSet().getJWTID().getBytes(StandardCharsets.UTF_8);
            return HexFormat.of()
                    .withUpperCase()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(id));
        } catch (ParseException | GeneralSecurityException e) {
            throw new IllegalArgumentException(e);
        }
    }

    String csr(String name) throws Exception {
        return csr(name, subjectKey);
    }

    static String csr(String name, KeyPair key) throws IOException, OperatorCreationException {
        String algorithm = key.getPrivate().getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
        return pem(new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=" + name), key.getPublic())
                .build(new JcaContentSignerBuilder(algorithm).build(key.getPrivate())));
    }

    static String pem(PKCS10CertificationRequest request) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(request);
        }
        return text.toString();
    }

    Answer sign(String csr, String ott) throws Exception {
        return sign(csr, ott, Map.of()).get();
    }

    CompletableFuture<Answer> sign(String csr, String ott, Map<String, String> headers) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("csr", csr);
        body.put("ott", ott);
        body.put("notBefore", "");
        body.put("notAfter", "");
        return post(JSONObjectUtils.toJSONString(body), headers);
    }

    CompletableFuture<Answer> post(String body, Map<String, String> headers) {
        return post("/sign", body, headers);
    }

    CompletableFuture<Answer> post(String path, String body, Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(TIMEOUT)
                .POST(HttpRequest.BodyPublishers.ofString(body));
        headers.forEach(request::header);
        return http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString())
                .thenApply(Answer::of);
    }

    /** A revocation of the serial, by a token of the provisioner. */
    Answer revoke(String serial) throws Exception {
        return revoke(serial, Duration.ZERO);
    }

    /** As by one whose maker's clock is so far ahead. */
    Answer revoke(String serial, Duration ahead) throws Exception {
        JWTClaimsSet claims =
                claims(serial, ahead).audience(url + "/1.0/revoke").build();
        String body = JSONObjectUtils.toJSONString(
                Map.of("serial", serial, "ott", token(header().build(), claims), "passive", true));
        return post("/revoke", body, Map.of()).get();
    }

    Answer get(String path) throws Exception {
        return send("GET", path);
    }

    Answer send(String method, String path) throws Exception {
        return Answer.of(http.send(
                HttpRequest.newBuilder(URI.create(url + path))
                        .timeout(TIMEOUT)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString()));
    }

    /** An answer of the API. */
    record Answer(int status, String body, java.net.http.HttpHeaders headers) {
        static Answer of(HttpResponse<String> response) {
            return new Answer(response.statusCode(), response.body(), response.headers());
        }

        String member(String name) {
            try {
                return String.valueOf(JSONObjectUtils.parse(body).get(name));
            } catch (ParseException e) {
                throw new AssertionError("not JSON: " + body, e);
            }
        }

        String header(String name) {
            return headers.firstValue(name).orElse("");
        }
    }
}
