package io.chancery.core;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.name.SubjectName;
import java.io.IOException;
import java.security.KeyPair;
import java.util.List;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.pkcs.Attribute;
import org.bouncycastle.asn1.pkcs.CertificationRequestInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/** Certificate requests for tests, signed by the key of {@link TestKeys} that they carry. */
public final class TestCsr {
    private TestCsr() {}

    public static Der of(String kind, String commonName, List<SubjectAltName> names) {
        GeneralName[] general = names.stream().map(SubjectAltName::generalName).toArray(GeneralName[]::new);
        return of(kind, SubjectName.ofCommonName(commonName), general.length == 0 ? new DERSet() : attributes(general));
    }

    public static Der of(String kind, X500Name subject, ASN1Set attributes) {
        KeyPair pair = TestKeys.of(kind);
        SignatureScheme scheme = SignatureScheme.defaultFor(pair.getPublic());
        CertificationRequestInfo info = new CertificationRequestInfo(
                subject, SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()), attributes);
        try {
            return TestCa.csr(info.getEncoded("DER"), pair.getPrivate(), scheme.jcaName(), scheme.identifier());
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    public static ASN1Set attributes(GeneralName... names) {
        return new DERSet(extensionRequest(names));
    }

    public static Attribute extensionRequest(GeneralName... names) {
        try {
            ExtensionsGenerator extensions = new ExtensionsGenerator();
            extensions.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
            return new Attribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, new DERSet(extensions.generate()));
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
