package io.chancery.core.csr;

import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.crypto.SignatureCheck;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.name.SubjectAltName;
import java.io.IOException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.pkcs.Attribute;
import org.bouncycastle.asn1.pkcs.CertificationRequest;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * A PKCS#10 request (RFC 2986) whose own signature has been verified.
 *
 * @param commonName the subject's, or empty
 * @param names its subject alternative names
 */
public record CertificateRequest(
        Der der, SubjectPublicKeyInfo keyInfo, PublicKey key, String commonName, List<SubjectAltName> names) {
    public CertificateRequest {
        names = List.copyOf(names);
    }

    /** CaException MALFORMED when it cannot be read, BAD_CSR when its signature is wrong, BAD_KEY for its key. */
    public static CertificateRequest read(Der der, PublicKeys keys) {
        CertificationRequest request = parse(der);
        SubjectPublicKeyInfo keyInfo = request.getCertificationRequestInfo().getSubjectPublicKeyInfo();
        PublicKey key = keys.decode(keyInfo);
        try {
            byte[] info = request.getCertificationRequestInfo().getEncoded(ASN1Encoding.DER);
            boolean genuine = SignatureCheck.of(request.getSignatureAlgorithm())
                    .map(check ->
                            keys.verify(check, key, info, request.getSignature().getOctets()))
                    .orElse(false);
            if (!genuine) {
                throw CaException.of(ErrorCode.BAD_CSR, "invalid csr");
            }
            return new CertificateRequest(
                    der,
                    keyInfo,
                    key,
                    commonName(request.getCertificationRequestInfo().getSubject()),
                    names(request));
        } catch (IOException | IllegalArgumentException | ClassCastException | IllegalStateException e) {
            throw unreadable();
        }
    }

    private static CertificationRequest parse(Der der) {
        try {
            byte[] bytes = der.bytes();
            CertificationRequest request = CertificationRequest.getInstance(ASN1Primitive.fromByteArray(bytes));
            // The getters below parse lazily; a broken part must show here.
            request.getCertificationRequestInfo().getSubject();
            request.getSignature().getOctets();
            return request;
        } catch (IOException | RuntimeException e) {
            throw unreadable();
        }
    }

    private static String commonName(X500Name subject) {
        RDN[] rdns = subject.getRDNs(BCStyle.CN);
        return rdns.length == 0
                ? ""
                : IETFUtils.valueToString(rdns[rdns.length - 1].getFirst().getValue())
                        .replace("\\", "");
    }

    private static List<SubjectAltName> names(CertificationRequest request) {
        List<SubjectAltName> names = new ArrayList<>();
        if (request.getCertificationRequestInfo().getAttributes() == null) {
            return names;
        }
        for (Object each : request.getCertificationRequestInfo().getAttributes().toArray()) {
            Attribute attribute = Attribute.getInstance(each);
            if (attribute.getAttrType().equals(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest)
                    && attribute.getAttrValues().size() > 0) {
                Extensions extensions =
                        Extensions.getInstance(attribute.getAttrValues().getObjectAt(0));
                Extension san = extensions.getExtension(Extension.subjectAlternativeName);
                if (san != null) {
                    for (var name :
                            GeneralNames.getInstance(san.getParsedValue()).getNames()) {
                        SubjectAltName.ofGeneralName(name).ifPresent(names::add);
                    }
                }
            }
        }
        return names;
    }

    private static CaException unreadable() {
        return CaException.of(ErrorCode.MALFORMED, "error decoding json");
    }
}
