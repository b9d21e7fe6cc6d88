package io.chancery.core.certificate;

import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/**
 * Where those who check a certificate find more: in its extensions, when there are any (RFC 5280 s. 4.2.1.13, 4.2.2.1).
 *
 * @param crl of the list of revoked certificates, each the same one
 * @param issuer of the issuer's certificate
 */
public record IssuerUrls(List<String> crl, List<String> issuer) {
    public static final IssuerUrls NONE = new IssuerUrls(List.of(), List.of());

    public IssuerUrls {
        crl = List.copyOf(crl);
        issuer = List.copyOf(issuer);
    }

    /** Whether certificates may name it as the place of a list or certificate. */
    public static boolean isUrl(String text) {
        return text.matches("(https?|ldaps?)://[!-~]{1,1024}");
    }

    List<Extension> extensions() {
        List<Extension> all = new ArrayList<>();
        if (!crl.isEmpty()) {
            GeneralName[] names = crl.stream().map(IssuerUrls::name).toArray(GeneralName[]::new);
            DistributionPointName where = new DistributionPointName(new GeneralNames(names));
            all.add(LeafCertificate.extension(
                    Extension.cRLDistributionPoints,
                    false,
                    new CRLDistPoint(new DistributionPoint[] {new DistributionPoint(where, null, null)})));
        }
        if (!issuer.isEmpty()) {
            AccessDescription[] places = issuer.stream()
                    .map(url -> new AccessDescription(AccessDescription.id_ad_caIssuers, name(url)))
                    .toArray(AccessDescription[]::new);
            all.add(LeafCertificate.extension(
                    Extension.authorityInfoAccess, false, new AuthorityInformationAccess(places)));
        }
        return all;
    }

    private static GeneralName name(String url) {
        return new GeneralName(GeneralName.uniformResourceIdentifier, new DERIA5String(url));
    }
}
