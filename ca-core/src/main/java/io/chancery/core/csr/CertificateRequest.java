package io.chancery.core.csr;

import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.crypto.SignatureCheck;
import io.chancery.core.der.Der;
import io.chancery.core.der.DerShape;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.name.SubjectAltName;
import java.io.IOException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.pkcs.Attribute;
import org.bouncycastle.asn1.pkcs.CertificationRequest;
import org.bouncycastle.asn1.pkcs.CertificationRequestInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
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
    /** In octets. */
    private static final int LONG = 1_536;

    public CertificateRequest {
        names = List.copyOf(names);
    }

    /**
     * Whether {@link #read} may take over half a millisecond, and belongs on a worker thread: anybody may sign a request with a
     * key as large, or with as many names, as fit. One with an RSA key of 4096 bits and some names is smaller.
     */
    public static boolean mayTakeLong(Der der) {
        return der.length() > LONG;
    }

    /** CaException MALFORMED when it cannot be read, BAD_CSR when its signature is wrong, BAD_KEY for its key. */
    public static CertificateRequest read(Der der, PublicKeys keys) {
        try {
            byte[] bytes = der.bytes();
            DerShape.check(bytes);
            CertificationRequest request = CertificationRequest.getInstance(ASN1Primitive.fromByteArray(bytes));
            CertificationRequestInfo info = request.getCertificationRequestInfo();
            PublicKey key = keys.decode(info.getSubjectPublicKeyInfo());
            // Over the bytes as they came: an attribute list may be signed in an order that DER would not have.
            byte[] signed = DerShape.members(bytes).get(0).bytes();
            boolean genuine = SignatureCheck.of(request.getSignatureAlgorithm())
                    .map(check -> keys.verify(
                            check, key, signed, request.getSignature().getOctets()))
                    .orElse(false);
            if (!genuine) {
                throw CaException.of(ErrorCode.BAD_CSR, "invalid csr");
            }
            return new CertificateRequest(
                    der, info.getSubjectPublicKeyInfo(), key, commonName(info.getSubject()), names(info));
        } catch (CaException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // The parser throws what comes to hand on broken input, late and of many types; all of them mean this.
            throw CaException.of(ErrorCode.MALFORMED, "error decoding json");
        }
    }

    /** Whether it has neither a subject nor subject alternative names of a kind that we know. */
    public boolean namesNobody() {
        return names.isEmpty()
                && CertificationRequest.getInstance(der.bytes())
                                .getCertificationRequestInfo()
                                .getSubject()
                                .size()
                        == 0;
    }

    /** The last one, as Go reads it, whatever relative name it stands in. */
    private static String commonName(X500Name subject) {
        String commonName = "";
        for (RDN rdn : subject.getRDNs()) {
            for (AttributeTypeAndValue each : rdn.getTypesAndValues()) {
                if (each.getType().equals(BCStyle.CN)) {
                    if (!(each.getValue() instanceof ASN1String text)) {
                        throw new IllegalArgumentException("a common name that is no string");
                    }
                    commonName = text.getString();
                }
            }
        }
        return commonName;
    }

    private static List<SubjectAltName> names(CertificationRequestInfo info) {
        List<Extension> found = new ArrayList<>();
        if (info.getAttributes() != null) {
            for (Object each : info.getAttributes().toArray()) {
                Attribute attribute = Attribute.getInstance(each);
                if (attribute.getAttrType().equals(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest)) {
                    for (Object value : attribute.getAttrValues()) {
                        Extension san = Extensions.getInstance(value).getExtension(Extension.subjectAlternativeName);
                        if (san != null) {
                            found.add(san);
                        }
                    }
                }
            }
        }
        if (found.size() > 1) {
            throw new IllegalArgumentException("alternative names asked for twice");
        }
        List<SubjectAltName> names = new ArrayList<>();
        for (Extension san : found) {
            for (GeneralName name :
                    GeneralNames.getInstance(san.getParsedValue()).getNames()) {
                SubjectAltName.ofGeneralName(name).ifPresent(names::add);
            }
        }
        return names;
    }
}
