package io.chancery.core.name;

import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;

/** Common names, and the texts of distinguished names. Pure. */
public final class SubjectName {
    private static final Pattern PRINTABLE = Pattern.compile("[A-Za-z0-9 '()+,./:=?-]*");

    private SubjectName() {}

    public static X500Name ofCommonName(String commonName) {
        X500NameBuilder name = new X500NameBuilder(BCStyle.INSTANCE);
        if (!commonName.isEmpty()) {
            name.addRDN(BCStyle.CN, text(commonName));
        }
        return name.build();
    }

    /** With the string type that Go chooses: PrintableString where it fits. */
    public static ASN1Encodable text(String value) {
        return PRINTABLE.matcher(value).matches() ? new DERPrintableString(value) : new DERUTF8String(value);
    }

    /** Of several the last, as Go reads it; or empty. */
    public static String commonName(X500Name subject) {
        String name = "";
        for (RDN part : subject.getRDNs(BCStyle.CN)) {
            for (AttributeTypeAndValue one : part.getTypesAndValues()) {
                if (one.getType().equals(BCStyle.CN) && one.getValue() instanceof ASN1String text) {
                    name = text.getString();
                }
            }
        }
        return name;
    }
}
