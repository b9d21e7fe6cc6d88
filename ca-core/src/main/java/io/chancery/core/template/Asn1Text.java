package io.chancery.core.template;

import io.chancery.core.json.GoBase64;
import io.chancery.gotemplate.budget.Budget;
import io.chancery.gotemplate.text.GoNumber;
import io.chancery.gotemplate.time.GoTimes;
import io.chancery.gotemplate.time.TimeParser;
import io.chancery.gotemplate.value.Bool;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Sequence;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.TimeValue;
import io.chancery.gotemplate.value.Type;
import io.chancery.gotemplate.value.Value;
import java.io.IOException;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1Boolean;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERGeneralizedTime;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DERNumericString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.DERUTCTime;
import org.bouncycastle.asn1.DERUTF8String;

/** ASN.1 values written as text, {@code utf8:Zürich}; IllegalArgumentException for what does not fit. Pure. */
final class Asn1Text {
    private static final Pattern PRINTABLE = Pattern.compile("[A-Za-z0-9 '()+,./:=?*&-]*");
    private static final Pattern NUMERIC = Pattern.compile("[0-9 ]*");
    private static final Pattern IA5 = Pattern.compile("[\\x00-\\x7f]*");

    private Asn1Text() {}

    /** A value behind its type and a colon; PrintableString without one. */
    static ASN1Encodable encode(String text, boolean explicit) {
        int colon = text.indexOf(':');
        String type = colon < 0 ? "printable" : text.substring(0, colon);
        return encode(text.substring(colon + 1), explicit ? "explicit," + type : type);
    }

    /** A value of the first type that the parameters name, within the tags that they name. */
    static ASN1Encodable encode(String value, String parameters) {
        List<String> all = Arrays.asList(parameters.split(","));
        String type = "";
        for (String each : all) {
            boolean isType = List.of(
                            "utf8",
                            "ia5",
                            "numeric",
                            "printable",
                            "int",
                            "oid",
                            "bool",
                            "boolean",
                            "utc",
                            "generalized",
                            "raw")
                    .contains(each);
            type = isType ? each : type;
        }
        if (type.equals("raw")) {
            return raw(value); // whatever else is said
        }
        return tagged(primitive(value, type), all);
    }

    private static ASN1Encodable primitive(String value, String type) {
        return switch (type) {
            case "int" ->
                new ASN1Integer(GoNumber.decimal(value)
                        .orElseThrow(() -> new IllegalArgumentException("invalid int value: " + value)));
            case "oid" -> oid(value);
            case "utf8" -> new DERUTF8String(value);
            case "ia5" -> new DERIA5String(fitting(value, IA5, "ia5"));
            case "numeric" -> new DERNumericString(fitting(value, NUMERIC, "numeric"));
            case "utc", "generalized" -> time(parsedTime(value, type), type);
            case "bool", "boolean" -> bool(value);
            default -> new DERPrintableString(fitting(value, PRINTABLE, "printable"));
        };
    }

    private static String fitting(String value, Pattern pattern, String type) {
        if (!pattern.matcher(value).matches()) {
            throw new IllegalArgumentException("invalid " + type + " value");
        }
        return value;
    }

    private static ASN1Encodable raw(String value) {
        try {
            ASN1Primitive read = ASN1Primitive.fromByteArray(GoBase64.decode(value));
            if (read != null) { // null for no octets at all
                return read;
            }
        } catch (IOException | RuntimeException e) {
            // said below
        }
        throw new IllegalArgumentException("invalid raw value: not the Base64 of DER");
    }

    static ASN1ObjectIdentifier oid(String text) {
        ASN1ObjectIdentifier oid = text.length() > 400 ? null : ASN1ObjectIdentifier.tryFromID(text);
        if (oid == null) {
            throw new IllegalArgumentException("error parsing json: " + text + " is not a valid OID");
        }
        return oid;
    }

    private static ZonedDateTime parsedTime(String value, String type) {
        for (String layout : List.of(GoTimes.PRINTED, GoTimes.RFC3339)) {
            try {
                return TimeParser.parse(layout, value, ZoneOffset.UTC);
            } catch (TimeParser.Mismatch e) {
                // the next one, or said below
            }
        }
        throw new IllegalArgumentException("invalid " + type + " value: " + value);
    }

    private static ASN1Encodable time(ZonedDateTime given, String type) {
        ZonedDateTime time = given.withZoneSameInstant(ZoneOffset.UTC);
        if (time.getYear() < 0 || time.getYear() > 9999) {
            throw new IllegalArgumentException("cannot represent time as GeneralizedTime");
        }
        boolean utc = time.getYear() >= 1950 && time.getYear() < 2050;
        return utc && !type.equals("generalized")
                ? new DERUTCTime(GoTimes.format("060102150405Z", time))
                : new DERGeneralizedTime(GoTimes.format("20060102150405Z", time));
    }

    private static ASN1Encodable bool(String value) {
        if (List.of("1", "t", "T", "true", "TRUE", "True").contains(value)) {
            return ASN1Boolean.TRUE;
        }
        if (List.of("0", "f", "F", "false", "FALSE", "False").contains(value)) {
            return ASN1Boolean.FALSE;
        }
        throw new IllegalArgumentException("invalid bool value: " + value);
    }

    private static ASN1Encodable tagged(ASN1Encodable value, List<String> parameters) {
        boolean explicit = parameters.contains("explicit");
        for (String each : parameters) {
            if (each.startsWith("tag:")) {
                int tag = GoNumber.decimal(each.substring(4))
                        .filter(n -> n >= 0 && n < 1 << 20)
                        .orElseThrow(() -> new IllegalArgumentException("invalid " + each))
                        .intValue();
                return new DERTaggedObject(explicit, tag, value);
            }
        }
        return explicit ? new DERTaggedObject(true, 0, value) : value;
    }

    /** Go's {@code asn1.MarshalWithParams} of a value of the template language; BudgetExceeded for one too large or too deep. */
    static ASN1Encodable marshal(Value value, String parameters, Budget budget) {
        return marshal(value, parameters, budget, 0);
    }

    private static ASN1Encodable marshal(Value value, String parameters, Budget budget, int depth) {
        budget.depth(depth);
        budget.charge(16);
        if (value instanceof Text text) {
            String type = PRINTABLE.matcher(text.value()).matches()
                            && !text.value().contains("&")
                            && !text.value().contains("*")
                    ? "printable"
                    : "utf8";
            boolean named = Arrays.stream(parameters.split(","))
                    .anyMatch(List.of("utf8", "ia5", "numeric", "printable")::contains);
            return encode(text.value(), named ? parameters : type + "," + parameters);
        }
        return tagged(untagged(value, parameters, budget, depth), Arrays.asList(parameters.split(",")));
    }

    private static ASN1Encodable untagged(Value value, String parameters, Budget budget, int depth) {
        if (value instanceof Int number) {
            return new ASN1Integer(number.value());
        }
        if (value instanceof Bool bool) {
            return ASN1Boolean.getInstance(bool.truth());
        }
        if (value instanceof TimeValue time) {
            return time(
                    time.value(),
                    parameters.contains("generalized") ? "generalized" : parameters.contains("utc") ? "utc" : "");
        }
        if (value instanceof Sequence list && list.type().equals(Type.OCTETS)) {
            budget.charge(list.size());
            byte[] octets = new byte[list.size()];
            for (int i = 0; i < octets.length; i++) {
                octets[i] = (byte) ((Int) list.items().get(i)).value();
            }
            return new DEROctetString(octets);
        }
        if (value instanceof Sequence list) {
            return new DERSequence(list.items().stream()
                    .map(each -> marshal(each, "", budget, depth + 1))
                    .toArray(ASN1Encodable[]::new));
        }
        throw new IllegalArgumentException("asn1: structure error: unknown Go type: " + value.type());
    }
}
