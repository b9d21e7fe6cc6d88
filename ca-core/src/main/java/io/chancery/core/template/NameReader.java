package io.chancery.core.template;

import io.chancery.core.name.SubjectName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.jspecify.annotations.Nullable;

/** Distinguished names as step's JSON has them, in the order and with the string types of Go. Pure. */
final class NameReader {
    private static final List<Map.Entry<String, ASN1ObjectIdentifier>> LISTS = List.of(
            Map.entry("country", BCStyle.C),
            Map.entry("province", BCStyle.ST),
            Map.entry("locality", BCStyle.L),
            Map.entry("streetAddress", BCStyle.STREET),
            Map.entry("postalCode", BCStyle.POSTAL_CODE),
            Map.entry("organization", BCStyle.O),
            Map.entry("organizationalUnit", BCStyle.OU));

    private NameReader() {}

    /** A text is a common name; IllegalArgumentException for what is no name. */
    static X500Name read(Members of, String member, SubjectDefaults defaults) {
        @Nullable Object raw = of.raw(member);
        if (raw instanceof String commonName) {
            return defaults.subject(commonName);
        }
        return read(of.object(member).orElseGet(() -> new Members(member + "/", Map.of())), defaults);
    }

    static X500Name read(Members name, SubjectDefaults defaults) {
        List<RDN> extra = new ArrayList<>();
        List<ASN1ObjectIdentifier> covered = new ArrayList<>();
        for (Members each : name.objects("extraNames")) {
            ASN1ObjectIdentifier oid = Asn1Text.oid(each.text("type"));
            covered.add(oid);
            extra.add(rdn(oid, List.of(each.text("value"))));
        }
        List<RDN> rdns = new ArrayList<>();
        LISTS.forEach(entry ->
                add(rdns, covered, entry.getValue(), or(name.texts(entry.getKey()), defaults.of(entry.getKey()))));
        add(rdns, covered, BCStyle.CN, or(one(name.text("commonName")), defaults.of("commonName")));
        add(rdns, covered, BCStyle.SERIALNUMBER, or(one(name.text("serialNumber")), defaults.of("serialNumber")));
        rdns.addAll(extra);
        return new X500Name(rdns.toArray(RDN[]::new));
    }

    private static List<String> or(List<String> values, String otherwise) {
        return values.isEmpty() ? one(otherwise) : values;
    }

    private static List<String> one(String text) {
        return text.isEmpty() ? List.of() : List.of(text);
    }

    private static void add(
            List<RDN> rdns, List<ASN1ObjectIdentifier> covered, ASN1ObjectIdentifier oid, List<String> values) {
        if (!values.isEmpty() && !covered.contains(oid)) {
            rdns.add(rdn(oid, values));
        }
    }

    // All values of one kind stand in one relative name, as Go writes them.
    private static RDN rdn(ASN1ObjectIdentifier oid, List<String> values) {
        return new RDN(values.stream()
                .map(value -> new AttributeTypeAndValue(oid, encoded(oid, value)))
                .toArray(AttributeTypeAndValue[]::new));
    }

    private static ASN1Encodable encoded(ASN1ObjectIdentifier oid, String value) {
        if (oid.equals(BCStyle.E)) {
            return new DERIA5String(value);
        }
        return SubjectName.text(value);
    }
}
