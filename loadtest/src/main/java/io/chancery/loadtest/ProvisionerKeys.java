package io.chancery.loadtest;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.crypto.PasswordBasedDecrypter;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Finds the private key of a JWK provisioner: in a file, or at the CA, encrypted with its password. */
final class ProvisionerKeys {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final LoadSettings settings;

    ProvisionerKeys(LoadSettings settings) {
        this.settings = settings;
    }

    /** IllegalArgumentException says which setting is wrong. */
    ECKey find() throws IOException, InterruptedException, GeneralSecurityException {
        if (settings.key().isPresent()) {
            return fromFile(settings.key().get());
        }
        String password =
                Files.readString(settings.passwordFile().orElseThrow()).strip();
        String encrypted = text(get("/provisioners/" + encoded(kid()) + "/encrypted-key"), "key");
        try {
            JWEObject jwe = JWEObject.parse(encrypted);
            jwe.decrypt(new PasswordBasedDecrypter(password));
            return withKid(ECKey.parse(jwe.getPayload().toString()));
        } catch (ParseException | JOSEException e) {
            throw new IllegalArgumentException(
                    "load.password-file: the password does not open the key of " + settings.provisioner(), e);
        }
    }

    private ECKey fromFile(Path file) throws IOException {
        try {
            return withKid(ECKey.parse(Files.readString(file)));
        } catch (ParseException e) {
            throw new IllegalArgumentException("load.key: a private EC key as JWK belongs into " + file, e);
        }
    }

    private ECKey withKid(ECKey key) {
        return settings.kid()
                .map(kid -> new ECKey.Builder(key).keyID(kid).build())
                .orElse(key);
    }

    private String kid() throws IOException, InterruptedException, GeneralSecurityException {
        if (settings.kid().isPresent()) {
            return settings.kid().get();
        }
        List<String> found = new ArrayList<>();
        if (get("/provisioners?limit=100").get("provisioners") instanceof List<?> list) {
            for (Object each : list) {
                if (each instanceof Map<?, ?> one
                        && settings.provisioner().equals(one.get("name"))
                        && one.get("key") instanceof Map<?, ?> key) {
                    found.add(String.valueOf(key.get("kid")));
                }
            }
        }
        if (found.size() != 1) {
            throw new IllegalArgumentException("load.provisioner: the CA has " + found.size()
                    + " JWK provisioners named \"" + settings.provisioner() + "\"; load.kid chooses one");
        }
        return found.get(0);
    }

    private Map<String, Object> get(String path) throws IOException, InterruptedException, GeneralSecurityException {
        HttpClient client = HttpClient.newBuilder()
                .sslContext(TrustedRoot.read(settings.root()).context())
                .connectTimeout(TIMEOUT)
                .build();
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(URI.create(settings.url() + path))
                        .timeout(TIMEOUT)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        try {
            if (answer.statusCode() == 200) {
                return JSONObjectUtils.parse(answer.body());
            }
        } catch (ParseException e) {
            // said below
        }
        throw new IOException(settings.url() + path + " answered " + answer.statusCode() + ": "
                + answer.body().strip());
    }

    private static String text(Map<String, Object> object, String member) throws IOException {
        if (object.get(member) instanceof String text) {
            return text;
        }
        throw new IOException("the CA's answer has no " + member);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
