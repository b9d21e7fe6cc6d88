package io.chancery.core;

import io.chancery.core.certificate.CaIssuer;
import io.chancery.core.certificate.CaTemplate;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.der.Der;
import io.chancery.core.issuance.StepIssuance;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.name.SubjectName;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.token.Audiences;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/** A small authority for tests: one issuer, one provisioner {@code admin} with the key {@code k}, host {@code ca.example}. */
public final class TestCa {
    public static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    public static final KeyPair PROVISIONER = TestKeys.of("Ed25519");
    public static final IssuerCertificate ISSUER = issuer("P-256");

    private TestCa() {}

    /** An issuer that is a year old and has nine to go; its key is the one with {@code issuer} behind its kind. */
    public static IssuerCertificate issuer(String kind) {
        KeyPair pair = TestKeys.of(kind + " issuer");
        return IssuerCertificate.of(ca(pair, NOW.minus(Duration.ofDays(365)), NOW.plus(Duration.ofDays(3285))));
    }

    /** Also one that no administrator could make, as its key or number would be refused. */
    public static X509Certificate ca(KeyPair pair, Instant notBefore, Instant notAfter) {
        return ca("Test Issuer", pair, BigInteger.ONE, notBefore, notAfter);
    }

    private static X509Certificate ca(
            String name, KeyPair pair, BigInteger serial, Instant notBefore, Instant notAfter) {
        try {
            CaTemplate template = new CaTemplate(
                    SubjectName.ofCommonName(name),
                    pair.getPublic(),
                    CaIssuer.itself(SubjectName.ofCommonName(name), pair.getPublic()),
                    serial,
                    notBefore,
                    notAfter,
                    OptionalInt.of(0),
                    Optional.empty());
            return template.certificate(
                    template.tbs(),
                    Der.of(TestKeys.sign(
                            template.scheme().jcaName(),
                            pair.getPrivate(),
                            template.tbs().bytes())));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An issuer of another name, with a key of that kind. */
    public static IssuerCertificate issuer(String name, String kind) {
        return IssuerCertificate.of(ca(
                name, TestKeys.of(kind), BigInteger.TWO, NOW.minus(Duration.ofDays(1)), NOW.plus(Duration.ofDays(30))));
    }

    /** The provisioner as ca.json has it. */
    public static Map<String, Object> provisioner() {
        return Map.of(
                "type",
                "JWK",
                "name",
                "admin",
                "key",
                Map.of("kty", "OKP", "crv", "Ed25519", "kid", "k", "alg", "EdDSA", "use", "sig", "x", publicX()));
    }

    private static String publicX() {
        byte[] key = SubjectPublicKeyInfo.getInstance(PROVISIONER.getPublic().getEncoded())
                .getPublicKeyData()
                .getOctets();
        return base64(key);
    }

    public static StepIssuance issuance() {
        return issuance(List.of(provisioner()), Map.of());
    }

    public static StepIssuance issuance(List<Map<String, Object>> provisioners, Map<String, Object> claims) {
        return new StepIssuance(
                Provisioners.of(provisioners, claims, TestKeys.KEYS),
                new Audiences(List.of("ca.example")),
                Issuers.only(ISSUER, NameConstraints.of(List.of(ISSUER.certificate()))),
                Duration.ofMinutes(1),
                TestKeys.KEYS);
    }

    /** A token of the test provisioner: the payload signed as it is. */
    public static String token(String payload) {
        return token("{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"k\"}", payload);
    }

    public static String token(String header, String payload) {
        String input = base64(header.getBytes(StandardCharsets.UTF_8)) + "."
                + base64(payload.getBytes(StandardCharsets.UTF_8));
        byte[] signature =
                TestKeys.sign("Ed25519", PROVISIONER.getPrivate(), input.getBytes(StandardCharsets.US_ASCII));
        return input + "." + base64(signature);
    }

    public static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** A request around the given CertificationRequestInfo. */
    public static Der csr(byte[] info, PrivateKey key, String jcaName, AlgorithmIdentifier algorithm) {
        try {
            return Der.of(new DERSequence(new ASN1Encodable[] {
                        ASN1Primitive.fromByteArray(info),
                        algorithm,
                        new DERBitString(TestKeys.sign(jcaName, key, info))
                    })
                    .getEncoded());
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
