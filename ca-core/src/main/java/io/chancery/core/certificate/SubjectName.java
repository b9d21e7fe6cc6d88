package io.chancery.core.certificate;

import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;

/** Distinguished names of one common name, with the string type that Go chooses: PrintableString where it fits. */
public final class SubjectName {
    private static final Pattern PRINTABLE = Pattern.compile("[A-Za-z0-9 '()+,./:=?-]*");

    private SubjectName() {}

    public static X500Name ofCommonName(String commonName) {
        X500NameBuilder name = new X500NameBuilder(BCStyle.INSTANCE);
        if (!commonName.isEmpty()) {
            ASN1Encodable value = PRINTABLE.matcher(commonName).matches()
                    ? new DERPrintableString(commonName)
                    : new DERUTF8String(commonName);
            name.addRDN(BCStyle.CN, value);
        }
        return name.build();
    }
}
