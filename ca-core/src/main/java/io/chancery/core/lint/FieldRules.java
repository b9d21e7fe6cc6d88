package io.chancery.core.lint;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.der.DerTime;
import io.chancery.core.lint.LintRule.Check;
import io.chancery.core.lint.LintRule.Part;
import io.chancery.core.lint.LintRule.Scope;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1PrintableString;
import org.bouncycastle.asn1.ASN1UTCTime;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Rules about serial, issuer, validity and subject. */
final class FieldRules {
    private static final int MAX_SERIAL_OCTETS = 20;
    private static final int MIN_SERIAL_BITS = 64;
    private static final Instant GENERALIZED_FROM = Instant.parse("2050-01-01T00:00:00Z");
    private static final Pattern UTC = Pattern.compile("[0-9]{12}Z");
    private static final Pattern GENERALIZED = Pattern.compile("[0-9]{14}Z");
    private static final String PRINTABLE_SIGNS = " '()+,-./:=?"; // X.680 s. 41.4, beside letters and digits

    /** How the parameters of each algorithm that may sign are written. */
    private enum Parameters {
        ABSENT,
        NULL,
        PSS
    }

    private static final Map<ASN1ObjectIdentifier, Parameters> SIGNATURES = Map.ofEntries(
            Map.entry(X9ObjectIdentifiers.ecdsa_with_SHA256, Parameters.ABSENT), // RFC 5758 s. 3.2
            Map.entry(X9ObjectIdentifiers.ecdsa_with_SHA384, Parameters.ABSENT),
            Map.entry(X9ObjectIdentifiers.ecdsa_with_SHA512, Parameters.ABSENT),
            Map.entry(PKCSObjectIdentifiers.sha256WithRSAEncryption, Parameters.NULL), // RFC 4055 s. 5
            Map.entry(PKCSObjectIdentifiers.sha384WithRSAEncryption, Parameters.NULL),
            Map.entry(PKCSObjectIdentifiers.sha512WithRSAEncryption, Parameters.NULL),
            Map.entry(PKCSObjectIdentifiers.id_RSASSA_PSS, Parameters.PSS),
            Map.entry(EdECObjectIdentifiers.id_Ed25519, Parameters.ABSENT)); // RFC 8410 s. 3

    static final List<LintRule> ALL = List.of(
            rule(
                    "version-3",
                    "RFC 5280 s. 4.1.2.1",
                    "a version other than 3",
                    tbs -> broken(tbs.version() != 3, () -> "version: " + tbs.version())),
            rule(
                    "serial-positive",
                    "RFC 5280 s. 4.1.2.2",
                    "a serial number of 0 or less",
                    tbs -> broken(serial(tbs).signum() <= 0, () -> "serialNumber: not positive")),
            rule(
                    "serial-length",
                    "RFC 5280 s. 4.1.2.2",
                    "a serial number of more than 20 octets",
                    tbs -> broken(
                            serial(tbs).toByteArray().length > MAX_SERIAL_OCTETS,
                            () -> "serialNumber: more than 20 octets")),
            rule(
                    "serial-entropy",
                    "CA/B BR s. 7.1.2.1, 7.1.2.6, 7.1.2.7",
                    "a serial number shorter than 64 bits, which no 64 random bits can stand in",
                    tbs -> broken(
                            serial(tbs).bitLength() < MIN_SERIAL_BITS,
                            () -> "serialNumber: " + serial(tbs).bitLength() + " bits, at least 64 are needed")),
            rule(
                    "signature-algorithm",
                    "RFC 5280 s. 4.1.2.3, RFC 4055, 5758, 8410, CA/B BR s. 7.1.3.2",
                    "a signature by SHA-1 or what is older, or parameters that the algorithm does not have",
                    FieldRules::signature),
            rule(
                    "issuer-named",
                    "RFC 5280 s. 4.1.2.4",
                    "an empty issuer",
                    tbs -> broken(tbs.issuer().getRDNs().length == 0, () -> "issuer: empty")),
            rule(
                    "issuer-match",
                    "RFC 5280 s. 4.1.2.4, 6.1",
                    "an issuer that is not, octet for octet, the subject of the certificate that signs",
                    FieldRules::issuer),
            rule(
                    "issuer-may-sign",
                    "RFC 5280 s. 4.2.1.3, 4.2.1.9",
                    "a signing certificate that is no CA's, or whose key may not sign certificates",
                    tbs -> tbs.signer()
                            .filter(signer -> !signer.isCa() || !signer.mayCertify())
                            .map(signer -> signer.isCa()
                                    ? "issuer: its keyUsage lacks keyCertSign"
                                    : "issuer: no CA (basicConstraints)")),
            rule(
                    "validity-order",
                    "RFC 5280 s. 4.1.2.5",
                    "an end that is not after the beginning",
                    tbs -> broken(
                            !tbs.notBefore().isBefore(tbs.notAfter()),
                            () -> "validity: from " + tbs.notBefore() + ", ends at " + tbs.notAfter())),
            rule(
                    "validity-encoding",
                    "RFC 5280 s. 4.1.2.5.1, 4.1.2.5.2",
                    "a time without seconds, with a fraction, not in UTC, as GeneralizedTime before 2050 or as UTCTime from then on",
                    tbs -> time(tbs.start(), "notBefore").or(() -> time(tbs.end(), "notAfter"))),
            rule(
                    "validity-within-issuer",
                    "RFC 5280 s. 6.1.3",
                    "a certificate that is valid when its issuer is not",
                    FieldRules::within),
            rule(
                    "no-unique-identifiers",
                    "RFC 5280 s. 4.1.2.8",
                    "issuerUniqueID and subjectUniqueID",
                    tbs -> broken(tbs.hasUniqueIdentifiers(), () -> "issuerUniqueID, subjectUniqueID: present")),
            rule(
                    "subject-strings",
                    "RFC 5280 s. 4.1.2.4, X.680 s. 41.4",
                    "a PrintableString in the subject with characters that it cannot have: many programs cannot read such a certificate",
                    tbs -> strings(tbs.subject())));

    private FieldRules() {}

    private static LintRule rule(String name, String source, String refuses, Check check) {
        return new LintRule(name, Part.FIELDS, Scope.STANDARD, source, refuses, check);
    }

    /** The text where the condition holds; it is made only then. */
    static Optional<String> broken(boolean condition, java.util.function.Supplier<String> text) {
        return condition ? Optional.of(text.get()) : Optional.empty();
    }

    private static BigInteger serial(ToBeSigned tbs) {
        return tbs.serial().getValue();
    }

    private static Optional<String> signature(ToBeSigned tbs) {
        Parameters wanted = SIGNATURES.get(tbs.signature().getAlgorithm());
        ASN1Encodable found = tbs.signature().getParameters();
        boolean fits = wanted != null
                && switch (wanted) {
                    case ABSENT -> found == null;
                    case NULL -> DERNull.INSTANCE.equals(found);
                    // RFC 4055 s. 3.1: absent parameters mean SHA-1. RFC 5756 s. 2 has one hash for all of it.
                    case PSS -> SignatureScheme.of(tbs.signature()).isPresent();
                };
        return broken(
                !fits,
                () -> "signature: algorithm " + tbs.signature().getAlgorithm()
                        + (wanted == null ? " is not used here" : " with wrong parameters"));
    }

    private static Optional<String> issuer(ToBeSigned tbs) {
        return tbs.signer()
                .filter(signer -> !signer.subject().equals(der(tbs.issuer())))
                .map(signer -> "issuer: " + tbs.issuer() + " is not the subject of the signing certificate");
    }

    static Der der(ASN1Encodable value) {
        try {
            return Der.of(value.toASN1Primitive().getEncoded(ASN1Encoding.DER));
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot be encoded", e);
        }
    }

    private static Optional<String> within(ToBeSigned tbs) {
        return tbs.signer()
                .filter(signer -> tbs.notBefore().isBefore(signer.notBefore())
                        || tbs.notAfter().isAfter(signer.notAfter()))
                .map(signer -> "validity: from " + tbs.notBefore() + " to " + tbs.notAfter()
                        + ", valid when its issuer is not, which is from " + signer.notBefore() + " to "
                        + signer.notAfter());
    }

    private static Optional<String> time(ASN1Primitive time, String field) {
        String text = text(time);
        boolean utc = time instanceof ASN1UTCTime;
        if (!(utc ? UTC : GENERALIZED).matcher(text).matches()) {
            return Optional.of(field + ": " + text + " is not to the second and in UTC");
        }
        boolean late = !DerTime.lenient(time).isBefore(GENERALIZED_FROM);
        return broken(utc == late, () -> field + ": " + text + (utc ? " is no UTCTime" : " must be a UTCTime"));
    }

    private static String text(ASN1Primitive time) {
        try {
            byte[] encoded = time.getEncoded();
            return new String(encoded, 2, encoded.length - 2, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new IllegalArgumentException("no time", e);
        }
    }

    private static Optional<String> strings(X500Name subject) {
        for (RDN rdn : subject.getRDNs()) {
            for (AttributeTypeAndValue each : rdn.getTypesAndValues()) {
                if (each.getValue() instanceof ASN1PrintableString text && !isPrintable(text.getString())) {
                    return Optional.of("subject: attribute " + each.getType()
                            + " is a PrintableString with a character that it cannot have");
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isPrintable(String text) {
        return text.chars()
                .allMatch(c -> (c >= 'a' && c <= 'z')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= '0' && c <= '9')
                        || PRINTABLE_SIGNS.indexOf(c) >= 0);
    }
}
