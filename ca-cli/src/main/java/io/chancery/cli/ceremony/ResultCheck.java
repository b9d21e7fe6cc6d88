package io.chancery.cli.ceremony;

import io.chancery.cli.UsageException;
import io.chancery.cli.hsm.PemFiles;
import io.chancery.cli.hsm.SignIntermediateCommand;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.csr.CertificateRequest;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.signer.admin.KeyAlgorithm;
import io.chancery.signer.admin.KeyAttributes;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.jspecify.annotations.Nullable;

/**
 * Holds what a step made against what people confirmed before it: the key on the token that was named, of the type and
 * origin that were shown; a certificate that is what was shown, field by field, and signed by its issuer's key; the request
 * of the subject that was shown; and backups that are still those that were made.
 */
final class ResultCheck {
    private final Path folder;
    private final List<String> problems;
    private final Map<String, String> keys = new HashMap<>();
    /** By authority, as people confirmed them. */
    private final Map<String, String> algorithms = new HashMap<>();

    private final Map<String, X509Certificate> certificates = new HashMap<>();

    /** @param folder of the results, the transcript among them */
    ResultCheck(Path folder, List<String> problems) {
        this.folder = folder;
        this.problems = problems;
    }

    /**
     * One step, after all before it.
     *
     * @param place how problems begin
     */
    void step(String place, Map<String, String> facts, JsonObject result) {
        same(place, "token", facts, result.getString("tokenLabel"));
        same(place, "token serial", facts, result.getString("tokenSerial"));
        same(place, "object", facts, result.getString("object"));
        same(place, "backup", facts, result.getString("backup"));
        String authority = result.getString("authority");
        if (facts.containsKey("object")) {
            recorded(
                    place,
                    result,
                    List.of(
                            "authority",
                            "tokenSerial",
                            "object",
                            "backup",
                            "publicKeySha256",
                            "imported",
                            "attributes"));
            key(place, facts, result);
        }
        if (facts.containsKey("token")) {
            recorded(place, result, List.of("tokenLabel"));
        }
        if (facts.containsKey("to be signed SHA-256") || facts.containsKey("subject")) {
            recorded(place, result, List.of("authority", "file", "sha256"));
        }
        String key = result.getString("publicKeySha256");
        if (key != null && keys.put(authority, key) != null) {
            problems.add(place + "a second key is made for " + authority);
        }
        String file = result.getString("file");
        if (file != null && !MadeFiles.isPlain(file)) {
            problems.add(place + "it names a file elsewhere");
        } else if (file != null) {
            made(place, file, facts, result, authority);
        }
        if (facts.containsKey("to be signed SHA-256")) {
            recorded(place, result, List.of("issuer", "certificateSha256"));
        }
        JsonObject backups = result.getJsonObject("backupFiles", new JsonObject());
        backups.forEach(each -> backup(place, each.getKey(), (String) each.getValue()));
    }

    /** Where it came from, and how well it is kept, in the token's own words at that time. */
    private void key(String place, Map<String, String> facts, JsonObject result) {
        if (facts.containsKey("algorithm")) {
            algorithms.put(result.getString("authority"), facts.get("algorithm"));
        }
        JsonObject told = result.getJsonObject("attributes");
        if (told == null || !result.containsKey("imported")) {
            return;
        }
        KeyAttributes attributes = KeyAttributes.told(told.getMap());
        String made = facts.getOrDefault("made", "");
        if (attributes.imported() != made.startsWith(KeyStep.OUTSIDE)
                || attributes.imported() != result.getBoolean("imported")) {
            problems.add(place + "the key was to be made " + made + ", and is " + attributes.text());
        }
        // One with shares has been outside anyway, and whoever has enough of them has it.
        if (!attributes.weaknesses().isEmpty() && !made.startsWith(KeyStep.OUTSIDE)) {
            problems.add(place + "the key is weak: " + String.join("; ", attributes.weaknesses()));
        }
    }

    /** What the step must have left; nobody has signed a result that says less. */
    private void recorded(String place, JsonObject result, List<String> names) {
        names.stream()
                .filter(name -> !result.containsKey(name))
                .forEach(name -> problems.add(place + "what it made is not recorded: " + name + " is missing"));
    }

    private void made(
            String place, String name, Map<String, String> facts, JsonObject result, @Nullable String authority) {
        Path file = folder.resolve(name);
        try {
            if (!MadeFiles.sha256(file).equals(result.getString("sha256"))) {
                problems.add(place + "the file " + name + " is not the one that was made");
            } else if (facts.containsKey("to be signed SHA-256")) {
                certificate(place, PemFiles.certificate(file), facts, result, authority);
            } else {
                request(place, SignIntermediateCommand.request(file), facts, authority);
            }
        } catch (IOException e) {
            problems.add(place + "the file " + name + " cannot be read");
        } catch (UsageException | GeneralSecurityException | IllegalArgumentException e) {
            problems.add(place + "the file " + name + " does not hold what was confirmed: " + e.getMessage());
        }
    }

    private void certificate(
            String place,
            X509Certificate certificate,
            Map<String, String> facts,
            JsonObject result,
            @Nullable String authority)
            throws GeneralSecurityException, IOException {
        String issuer = result.getString("issuer", "");
        CertificateFacts.of(
                        Der.of(certificate.getTBSCertificate()),
                        facts.getOrDefault("name constraints", ""),
                        issuer.equals(authority))
                .forEach((fact, done) -> {
                    if (facts.containsKey(fact)) {
                        same(place, fact, facts, done);
                    } else {
                        problems.add(place + fact + " " + done + " was not shown to those who confirmed");
                    }
                });
        signature(place, certificate, issuer.equals(authority) ? certificate : certificates.get(issuer), issuer);
        certificates.put(authority, certificate);
        if (!sha256(certificate.getEncoded()).equals(result.getString("certificateSha256"))) {
            problems.add(place + "the certificate is not the one whose hash was recorded");
        }
        ownKey(place, authority, certificate.getPublicKey());
    }

    /** @param signer the issuer's certificate; null when no step before has made it */
    private void signature(String place, X509Certificate certificate, @Nullable X509Certificate signer, String issuer) {
        if (signer == null) {
            problems.add(place + "who signed the certificate cannot be told: that of " + issuer
                    + " is not among what was made before");
            return;
        }
        try {
            certificate.verify(signer.getPublicKey());
        } catch (GeneralSecurityException e) {
            problems.add(place + "the certificate's signature is not by the key of " + issuer);
        }
        if (!certificate.getIssuerX500Principal().equals(signer.getSubjectX500Principal())) {
            problems.add(place + "the certificate names another issuer than " + issuer);
        }
    }

    private void request(
            String place, CertificateRequest request, Map<String, String> facts, @Nullable String authority)
            throws IOException {
        X500Name subject = new PKCS10CertificationRequest(request.der().bytes()).getSubject();
        String algorithm = facts.get("signature algorithm");
        if (algorithm != null && !algorithm.equals(scheme(request))) {
            problems.add(place + "the request is not signed with " + algorithm + ", which was confirmed");
        }
        if (!facts.containsKey("subject") || !new X500Name(facts.get("subject")).equals(subject)) {
            problems.add(place + "the request is for " + subject + ", which nobody has confirmed");
        }
        ownKey(place, authority, request.key());
    }

    private static String scheme(CertificateRequest request) throws IOException {
        return SignatureScheme.of(new PKCS10CertificationRequest(request.der().bytes()).getSignatureAlgorithm())
                .map(SignatureScheme::text)
                .orElse("an unknown algorithm");
    }

    private void ownKey(String place, @Nullable String authority, PublicKey key) {
        String made = keys.get(authority);
        if (made != null && !made.equals(sha256(key.getEncoded()))) {
            problems.add(place + "its key is not the one that was made for " + authority);
        }
        String algorithm = algorithms.get(authority);
        if (algorithm != null && !KeyAlgorithm.parse(algorithm).fits(key)) {
            problems.add(place + "its key is not of the algorithm " + algorithm + ", which was confirmed");
        }
    }

    /** Backups go into safes: one that is not here is not missing. */
    private void backup(String place, String name, String sha256) {
        Path file = folder.resolve(name);
        if (!MadeFiles.isBelow(name)) {
            problems.add(place + "it names a file elsewhere");
        } else if (Files.exists(file)) {
            try {
                if (!MadeFiles.sha256(file).equals(sha256)) {
                    problems.add(place + "the backup " + name + " is not the one that was made");
                }
            } catch (IOException e) {
                problems.add(place + "the backup " + name + " cannot be read");
            }
        }
    }

    private void same(String place, String fact, Map<String, String> facts, @Nullable String done) {
        String confirmed = facts.get(fact);
        if (confirmed != null && done != null && !confirmed.equals(done)) {
            problems.add(place + fact + " " + confirmed + " was confirmed, and it was done with " + done);
        }
    }

    private static String sha256(byte[] bytes) {
        return Sha256.digest(bytes).hex();
    }
}
