package io.chancery.core.webhook;

import io.chancery.core.certificate.PresentedCertificate;
import io.chancery.core.csr.CertificateRequest;
import io.chancery.core.profile.LeafValidity;
import io.chancery.core.template.RequestDescription;
import java.io.IOException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.jspecify.annotations.Nullable;

/** What webhooks are told of a request, and of the certificate that is to be made of it. Pure. */
public final class WebhookDescription {
    /** How the member is called that has the first. */
    public static final String REQUEST = "x509CertificateRequest";
    /** How the member is called that has the second. */
    public static final String CERTIFICATE = "x509Certificate";

    private WebhookDescription() {}

    public static Map<String, @Nullable Object> of(CertificateRequest csr) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>(RequestDescription.of(csr));
        putKey(all, csr.keyInfo());
        all.put("raw", Base64.getEncoder().encodeToString(csr.der().bytes()));
        return all;
    }

    /** @param text the certificate as a template gives it */
    public static Map<String, @Nullable Object> of(
            Map<String, @Nullable Object> text, LeafValidity validity, SubjectPublicKeyInfo key) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>(text);
        putKey(all, key);
        all.put("notBefore", validity.notBefore().toString());
        all.put("notAfter", validity.notAfter().toString());
        all.put("raw", null); // there is none before it is signed
        return all;
    }

    /** Members about the certificate that signed the token (X5C), beside the description; step leaves an empty name out. */
    public static Map<String, @Nullable Object> ofAuthorizing(PresentedCertificate certificate) {
        Map<String, @Nullable Object> facts = new LinkedHashMap<>();
        facts.put("raw", Base64.getEncoder().encodeToString(certificate.der().bytes()));
        putKey(facts, certificate.keyInfo());
        facts.put("notBefore", certificate.notBefore().toString());
        facts.put("notAfter", certificate.notAfter().toString());
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put("x5cCertificate", facts);
        if (!certificate.commonName().isEmpty()) {
            all.put("authorizationPrincipal", certificate.commonName());
        }
        return all;
    }

    private static void putKey(Map<String, @Nullable Object> all, SubjectPublicKeyInfo key) {
        try {
            all.put("publicKey", Base64.getEncoder().encodeToString(key.getEncoded(ASN1Encoding.DER)));
        } catch (IOException e) {
            throw new IllegalStateException("what was parsed always encodes", e);
        }
        all.put("publicKeyAlgorithm", algorithm(key.getAlgorithm().getAlgorithm()));
    }

    /** In Go's words. */
    private static String algorithm(ASN1ObjectIdentifier oid) {
        return oid.equals(PKCSObjectIdentifiers.rsaEncryption)
                ? "RSA"
                : oid.equals(X9ObjectIdentifiers.id_ecPublicKey)
                        ? "ECDSA"
                        : oid.equals(EdECObjectIdentifiers.id_Ed25519) ? "Ed25519" : "0";
    }
}
