package io.chancery.cli.ceremony;

import io.chancery.core.certificate.CaNames;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.TBSCertificate;

/**
 * What people are shown of a CA certificate before they confirm it, read from the very bytes that are signed: so that it
 * can be read from them again, and compared.
 */
final class CertificateFacts {
    private static final Pattern CONSTRAINTS = Pattern.compile("permitted \\[(.*)], excluded \\[(.*)]");

    private CertificateFacts() {}

    /**
     * @param constraints the name constraints as somebody wrote them; the fact is this text where the bytes have just them
     * @param isRoot of a root nobody is shown where its list is
     * @throws IllegalArgumentException when the bytes, or the constraints, are none
     */
    static Map<String, String> of(Der bytes, String constraints, boolean isRoot) throws IOException {
        TBSCertificate tbs = TBSCertificate.getInstance(bytes.bytes());
        Extensions extensions = tbs.getExtensions();
        if (extensions == null) {
            throw new IllegalArgumentException("it has no extensions");
        }
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("subject", tbs.getSubject().toString());
        facts.put("issuer", tbs.getIssuer().toString());
        facts.put("serial", tbs.getSerialNumber().getValue().toString(16));
        facts.put(
                "valid",
                tbs.getStartDate().getDate().toInstant() + " to "
                        + tbs.getEndDate().getDate().toInstant());
        facts.put("path length", pathLength(BasicConstraints.fromExtensions(extensions)));
        facts.put(
                "name constraints",
                constraints(
                        NameConstraints.getInstance(extensions.getExtensionParsedValue(Extension.nameConstraints)),
                        constraints));
        if (!isRoot) {
            List<String> urls = crlUrls(extensions);
            facts.put("revocation list at", urls.isEmpty() ? "no place named" : String.join(", ", urls));
        }
        facts.put(
                "signature algorithm",
                SignatureScheme.of(tbs.getSignature())
                        .map(SignatureScheme::text)
                        .orElse("an unknown algorithm"));
        facts.put(
                "public key SHA-256",
                Sha256.digest(tbs.getSubjectPublicKeyInfo().getEncoded(ASN1Encoding.DER))
                        .hex());
        facts.put("to be signed SHA-256", Sha256.digest(bytes.bytes()).hex());
        return facts;
    }

    private static String pathLength(BasicConstraints basic) {
        if (basic == null || !basic.isCA()) {
            return "none, as it is not a CA's";
        }
        return basic.getPathLenConstraint() == null
                ? "no limit"
                : basic.getPathLenConstraint().toString();
    }

    private static String constraints(NameConstraints has, String written) throws IOException {
        if (has == null) {
            return "none";
        }
        Matcher lists = CONSTRAINTS.matcher(written);
        boolean same = lists.matches()
                && CaNames.constraints(list(lists.group(1)), list(lists.group(2)))
                        .filter(has::equals)
                        .isPresent();
        return same ? written : "others";
    }

    private static List<String> list(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(", ", -1));
    }

    private static List<String> crlUrls(Extensions extensions) {
        List<String> urls = new ArrayList<>();
        if (extensions.getExtension(Extension.cRLDistributionPoints) != null) {
            for (DistributionPoint point :
                    CRLDistPoint.fromExtensions(extensions).getDistributionPoints()) {
                for (GeneralName name : GeneralNames.getInstance(
                                point.getDistributionPoint().getName())
                        .getNames()) {
                    urls.add(name.getName().toString());
                }
            }
        }
        return urls;
    }
}
