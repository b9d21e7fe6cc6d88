package io.chancery.conformance;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.pkcs.CertificationRequest;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Certificate requests with any key, subject and names. Keys are made once a kind. */
final class StepCaPeerCsr {
    private static final BouncyCastleProvider BC = new BouncyCastleProvider();

    private final Map<String, KeyPair> keys = new HashMap<>();

    /** A name on a P-256 key, and no SANs. */
    String of(String name) throws Exception {
        return of("CN=" + name, "P-256", "SHA256withECDSA", List.of());
    }

    String withKey(String name, String kind, String algorithm) throws Exception {
        return of("CN=" + name, kind, algorithm, List.of());
    }

    String withSans(String subject, GeneralName... sans) throws Exception {
        return of(subject, "P-256", "SHA256withECDSA", List.of(sans));
    }

    String of(String subject, String kind, String algorithm, List<GeneralName> sans) throws Exception {
        return ApiClient.pem(request(subject, kind, algorithm, sans));
    }

    /** One that asks for these extensions. */
    String wishing(String name, Extensions wishes) throws Exception {
        KeyPair key = key("P-256");
        PKCS10CertificationRequestBuilder builder =
                new JcaPKCS10CertificationRequestBuilder(subject("CN=" + name), key.getPublic());
        builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, wishes);
        return ApiClient.pem(builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA").setProvider(BC).build(key.getPrivate())));
    }

    PKCS10CertificationRequest request(String subject, String kind, String algorithm, List<GeneralName> sans)
            throws Exception {
        KeyPair key = key(kind);
        PKCS10CertificationRequestBuilder builder =
                new JcaPKCS10CertificationRequestBuilder(subject(subject), key.getPublic());
        if (!sans.isEmpty()) {
            ExtensionsGenerator extensions = new ExtensionsGenerator();
            extensions.addExtension(
                    Extension.subjectAlternativeName, false, new GeneralNames(sans.toArray(GeneralName[]::new)));
            builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
        }
        ContentSigner signer =
                new JcaContentSignerBuilder(algorithm).setProvider(BC).build(key.getPrivate());
        return builder.build(signer);
    }

    /** BouncyCastle refuses common names over 64 characters when it reads them as text. */
    private static X500Name subject(String text) {
        if (text.startsWith("CN=") && text.length() > 64 && !text.contains(",")) {
            return new X500Name(new RDN[] {new RDN(BCStyle.CN, new DERUTF8String(text.substring(3)))});
        }
        return new X500Name(text);
    }

    /** The same request for the same key, with a good signature of another one. */
    static String signedBy(CertificationRequest request, KeyPair other) throws Exception {
        byte[] info = request.getCertificationRequestInfo().getEncoded("DER");
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(other.getPrivate());
        signature.update(info);
        return pem(
                "CERTIFICATE REQUEST",
                new DERSequence(new ASN1Encodable[] {
                            request.getCertificationRequestInfo(),
                            request.getSignatureAlgorithm(),
                            new DERBitString(signature.sign())
                        })
                        .getEncoded());
    }

    private KeyPair key(String kind) throws GeneralSecurityException {
        KeyPair known = keys.get(kind);
        if (known != null) {
            return known;
        }
        KeyPair made = generate(kind);
        keys.put(kind, made);
        return made;
    }

    private static KeyPair generate(String kind) throws GeneralSecurityException {
        if (kind.startsWith("Ed")) {
            return KeyPairGenerator.getInstance(kind, BC).generateKeyPair();
        }
        if (kind.startsWith("RSA-")) {
            KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
            rsa.initialize(Integer.parseInt(kind.substring(4)));
            return rsa.generateKeyPair();
        }
        KeyPairGenerator ec = KeyPairGenerator.getInstance("EC", BC);
        ec.initialize(new ECGenParameterSpec(kind));
        return ec.generateKeyPair();
    }

    static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + type + "-----\n";
    }

    static GeneralName dns(String name) {
        return new GeneralName(GeneralName.dNSName, name);
    }

    static GeneralName ip(String address) {
        return new GeneralName(GeneralName.iPAddress, address);
    }

    static GeneralName email(String address) {
        return new GeneralName(GeneralName.rfc822Name, address);
    }

    static GeneralName uri(String text) {
        return new GeneralName(GeneralName.uniformResourceIdentifier, text);
    }
}
