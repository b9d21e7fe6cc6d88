package io.chancery.conformance;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.core.certificate.CaCertificateCheck;
import io.chancery.core.certificate.CaIssuer;
import io.chancery.core.certificate.CaNames;
import io.chancery.core.certificate.CaTemplate;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.certificate.SignedCertificate;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.issuance.SignCommand;
import io.chancery.core.issuance.StepIssuance;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.renewal.StepRenewal;
import io.chancery.core.template.TemplateSources;
import io.chancery.core.time.TimeOrDuration;
import io.chancery.core.token.Audiences;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** An issuer under a root, both with keys in memory; all else is the code that nodes, signers and commands run. */
final class ShapeAuthority {
    static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    static final PublicKeys KEYS = new PublicKeys(new BouncyCastleProvider());
    static final String PSS = " PSS";
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final List<String> HOSTS = List.of("ca.example");

    private final KeyPair key;
    private final KeyPair provisioner;
    private final X509Certificate root;
    private final IssuerCertificate issuer;

    /**
     * @param kind of the issuer's key; an RSA key's with {@link #PSS} behind it signs so, and so does its root
     * @param permitted names below the issuer, as {@code hsm ceremony} takes them; none is no limit
     */
    ShapeAuthority(ShapeKeys keys, String kind, List<String> permitted) throws Exception {
        String keyKind = kind.replace(PSS, "");
        KeyPair rootKey = keys.of(keyKind + " root");
        this.key = keys.of(keyKind + " issuer");
        this.provisioner = keys.of("Ed25519 provisioner");
        this.root = authority(
                "CN=Root of " + kind + ",O=Acme,C=DE", rootKey.getPublic(), Optional.empty(), rootKey, List.of());
        this.issuer = IssuerCertificate.of(authority(
                "CN=Issuer of " + kind + ",O=Acme,C=DE", key.getPublic(), Optional.of(root), rootKey, permitted));
    }

    private static X509Certificate authority(
            String subject, PublicKey key, Optional<X509Certificate> above, KeyPair signer, List<String> permitted)
            throws GeneralSecurityException, IOException {
        CaTemplate template = new CaTemplate(
                CaNames.subject(subject),
                key,
                above.map(CaIssuer::of).orElseGet(() -> itself(subject, key)),
                serial().value(),
                NOW.minus(Duration.ofDays(1)),
                NOW.plus(Duration.ofDays(above.isEmpty() ? 20_000 : 18_000)),
                above.isEmpty() ? OptionalInt.empty() : OptionalInt.of(1),
                CaNames.constraints(permitted, List.of()));
        List<String> problems = CaCertificateCheck.problems(template.tbs(), above);
        if (!problems.isEmpty()) {
            throw new AssertionError(problems.toString());
        }
        return template.certificate(
                template.tbs(),
                Der.of(ShapeKeys.sign(
                        template.scheme().check(),
                        signer.getPrivate(),
                        template.tbs().bytes())));
    }

    private static CaIssuer itself(String subject, PublicKey key) {
        CaIssuer itself = CaIssuer.itself(CaNames.subject(subject), key);
        return subject.contains(PSS) ? itself.withScheme(SignatureScheme.RSA_PSS_SHA256) : itself;
    }

    static SerialNumber serial() {
        byte[] entropy = new byte[SerialNumber.ENTROPY_BYTES];
        RANDOM.nextBytes(entropy);
        return SerialNumber.fromEntropy(entropy);
    }

    X509Certificate root() {
        return root;
    }

    IssuerCertificate issuer() {
        return issuer;
    }

    Der sign(Der tbs) throws GeneralSecurityException {
        return Der.of(ShapeKeys.sign(issuer.scheme().check(), key.getPrivate(), tbs.bytes()));
    }

    Der signed(PreparedCertificate prepared) throws GeneralSecurityException {
        return SignedCertificate.assemble(issuer, prepared.tbs(), sign(prepared.tbs()), KEYS)
                .orElseThrow();
    }

    private Provisioners provisioners(Map<String, Object> x509) {
        String x =
                encode(SubjectPublicKeyInfo.getInstance(provisioner.getPublic().getEncoded())
                        .getPublicKeyData()
                        .getOctets());
        Map<String, Object> jwk = Map.of("kty", "OKP", "crv", "Ed25519", "kid", "k", "alg", "EdDSA", "x", x);
        return Provisioners.of(
                List.of(Map.of("type", "JWK", "name", "admin", "key", jwk, "options", Map.of("x509", x509))),
                Map.of("minTLSCertDuration", "1s", "maxTLSCertDuration", "400000h"),
                KEYS,
                new TemplateSources(Map.of(), () -> 0, bound -> 0));
    }

    private NameConstraints constraints() {
        return NameConstraints.of(List.of(root, issuer.certificate()));
    }

    /** A certificate as {@code /sign} gives it. */
    Der issue(Der request, Map<String, Object> x509, Optional<String> notAfter, String sub, List<String> sans)
            throws GeneralSecurityException {
        StepIssuance issuance = new StepIssuance(
                provisioners(x509),
                new Audiences(HOSTS),
                Issuers.only(issuer, constraints()),
                Duration.ofMinutes(1),
                KEYS);
        SignCommand command =
                new SignCommand(request, token(sub, sans), Optional.empty(), notAfter.map(TimeOrDuration::parse), null);
        return signed(issuance.prepare(command, NOW, serial()).certificate());
    }

    /** A certificate as {@code /renew} and {@code /rekey} give it. */
    Der renew(Der old, Optional<Der> request) throws GeneralSecurityException {
        StepRenewal renewal = new StepRenewal(
                provisioners(Map.of()),
                new Audiences(HOSTS),
                List.of(root),
                Issuers.only(issuer, constraints()),
                Duration.ofMinutes(1),
                KEYS);
        return signed(renewal.prepare(
                        new StepRenewal.Command(
                                renewal.shown(List.of(old)),
                                Optional.empty(),
                                Optional.empty(),
                                request.map(it -> io.chancery.core.csr.CertificateRequest.read(it, KEYS))),
                        NOW.plusSeconds(60),
                        serial())
                .certificate());
    }

    private String token(String sub, List<String> sans) throws GeneralSecurityException {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("aud", "https://ca.example/1.0/sign");
        claims.put("iss", "admin");
        claims.put("jti", UUID.randomUUID().toString());
        claims.put("sub", sub);
        claims.put("sans", sans);
        String content = encode("{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"k\"}".getBytes(StandardCharsets.UTF_8))
                + "." + encode(JSONObjectUtils.toJSONString(claims).getBytes(StandardCharsets.UTF_8));
        return content + "."
                + encode(ShapeKeys.sign(
                        "Ed25519", provisioner.getPrivate(), content.getBytes(StandardCharsets.US_ASCII)));
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
