package io.chancery.core.lint;

import static io.chancery.core.lint.FieldRules.broken;

import io.chancery.core.lint.LintRule.Check;
import io.chancery.core.lint.LintRule.Part;
import io.chancery.core.lint.LintRule.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1PrintableString;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DERT61String;
import org.bouncycastle.asn1.DERUniversalString;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;

/** Rules that have to be asked for, about everything but names: certificates of step-ca's users break them. */
final class StrictRules {
    private static final int MIN_EXPONENT_BITS = 17; // 65537
    private static final int OCTET = 8;

    /** Upper bounds of RFC 5280 App. A.1, in characters. */
    private static final Map<ASN1ObjectIdentifier, Integer> LENGTHS = Map.ofEntries(
            Map.entry(BCStyle.CN, 64),
            Map.entry(BCStyle.O, 64),
            Map.entry(BCStyle.OU, 64),
            Map.entry(BCStyle.L, 128),
            Map.entry(BCStyle.ST, 128),
            Map.entry(BCStyle.SERIALNUMBER, 64),
            Map.entry(BCStyle.T, 64),
            Map.entry(BCStyle.SURNAME, 32_768),
            Map.entry(BCStyle.GIVENNAME, 32_768),
            Map.entry(BCStyle.EmailAddress, 255));

    /** The longest life of a certificate that begins at a time or later (CA/B BR s. 6.3.2). */
    private record Life(Instant from, Duration longest) {}

    private static final List<Life> LIVES = List.of(
            new Life(Instant.parse("2029-03-15T00:00:00Z"), Duration.ofDays(47)),
            new Life(Instant.parse("2027-03-15T00:00:00Z"), Duration.ofDays(100)),
            new Life(Instant.parse("2026-03-15T00:00:00Z"), Duration.ofDays(200)),
            new Life(Instant.MIN, Duration.ofDays(398)));

    static final List<LintRule> ALL = List.of(
            rule(
                    "subject-lengths",
                    Part.FIELDS,
                    "RFC 5280 App. A.1",
                    "a subject attribute that is empty or longer than its upper bound, such as a common name of more than 64 characters",
                    tbs -> attributes(tbs, StrictRules::length)),
            rule(
                    "subject-text-types",
                    Part.FIELDS,
                    "RFC 5280 s. 4.1.2.4, 4.1.2.6",
                    "a subject attribute as TeletexString, BMPString or UniversalString",
                    tbs -> attributes(tbs, StrictRules::type)),
            rule(
                    "country-code",
                    Part.FIELDS,
                    "RFC 5280 App. A.1, X.520 s. 6.3.1",
                    "a country that is not two capital letters as PrintableString",
                    tbs -> attributes(tbs, StrictRules::country)),
            rule(
                    "validity-length",
                    Part.FIELDS,
                    "CA/B BR s. 6.3.2",
                    "a leaf that is valid for more than 200 days, 100 from 2027-03-15 and 47 from 2029-03-15 on",
                    StrictRules::life),
            rule(
                    "curve-of-the-web",
                    Part.KEY,
                    "CA/B BR s. 6.1.5",
                    "an EC key on P-224",
                    tbs -> broken(
                            tbs.key()
                                    .curve()
                                    .filter(SECObjectIdentifiers.secp224r1::equals)
                                    .isPresent(),
                            () -> "subjectPublicKeyInfo: P-224, P-256 is the least")),
            rule(
                    "rsa-whole-octets",
                    Part.KEY,
                    "CA/B BR s. 6.1.5",
                    "an RSA modulus whose bits are no multiple of 8",
                    tbs -> broken(
                            tbs.key().isRsa() && tbs.key().modulus().bits() % OCTET != 0,
                            () -> "subjectPublicKeyInfo: an RSA modulus of "
                                    + tbs.key().modulus().bits() + " bits")),
            rule(
                    "rsa-exponent-size",
                    Part.KEY,
                    "CA/B BR s. 6.1.6 (a SHOULD)",
                    "an RSA exponent below 65537",
                    tbs -> broken(
                            tbs.key().isRsa() && tbs.key().exponent().bitLength() < MIN_EXPONENT_BITS,
                            () -> "subjectPublicKeyInfo: the RSA exponent "
                                    + tbs.key().exponent())),
            rule(
                    "key-usage-critical",
                    Part.EXTENSIONS,
                    "RFC 5280 s. 4.2.1.3 (a SHOULD)",
                    "a keyUsage that is not marked critical",
                    tbs -> tbs.extension(Extension.keyUsage)
                            .filter(usage -> !usage.isCritical())
                            .map(usage -> "keyUsage: not critical")),
            rule(
                    "key-usage-fits-key",
                    Part.EXTENSIONS,
                    "RFC 3279 s. 2.3.1, RFC 8813 s. 3, RFC 9295 s. 3",
                    "keyEncipherment or dataEncipherment for an EC or Ed25519 key, keyAgreement for an RSA key: none can do that",
                    tbs -> broken(
                            tbs.value(Extension.keyUsage, KeyUsage::getInstance)
                                    .filter(usage -> tbs.key().isRsa() ? agrees(usage) : enciphers(usage))
                                    .isPresent(),
                            () -> "keyUsage: what such a key cannot do")),
            rule(
                    "leaf-purposes",
                    Part.EXTENSIONS,
                    "CA/B BR s. 7.1.2.7.6",
                    "a leaf without extKeyUsage",
                    tbs -> broken(
                            !tbs.isCa()
                                    && tbs.extension(Extension.extendedKeyUsage).isEmpty(),
                            () -> "extKeyUsage: absent")));

    private StrictRules() {}

    private static LintRule rule(String name, Part part, String source, String refuses, Check check) {
        return new LintRule(name, part, Scope.STRICT, source, refuses, check);
    }

    /** What is wrong with one attribute of the subject. */
    private interface AttributeCheck {
        Optional<String> problem(ASN1ObjectIdentifier type, ASN1String value);
    }

    private static Optional<String> attributes(ToBeSigned tbs, AttributeCheck check) {
        for (RDN rdn : tbs.subject().getRDNs()) {
            for (AttributeTypeAndValue each : rdn.getTypesAndValues()) {
                if (each.getValue() instanceof ASN1String text) {
                    Optional<String> problem = check.problem(each.getType(), text);
                    if (problem.isPresent()) {
                        return problem.map(it -> "subject: attribute " + each.getType() + " " + it);
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<String> length(ASN1ObjectIdentifier type, ASN1String value) {
        String text = value.getString();
        int length = text.codePointCount(0, text.length());
        int most = LENGTHS.getOrDefault(type, Integer.MAX_VALUE);
        return broken(
                length == 0 || length > most,
                () -> length == 0 ? "is empty" : "has " + length + " characters, at most " + most + " are allowed");
    }

    private static Optional<String> type(ASN1ObjectIdentifier type, ASN1String value) {
        return broken(
                value instanceof DERT61String || value instanceof DERBMPString || value instanceof DERUniversalString,
                () -> "is neither UTF8String nor PrintableString");
    }

    private static Optional<String> country(ASN1ObjectIdentifier type, ASN1String value) {
        return broken(
                type.equals(BCStyle.C)
                        && !(value instanceof ASN1PrintableString
                                && value.getString().matches("[A-Z]{2}")),
                () -> "is no country code");
    }

    private static Optional<String> life(ToBeSigned tbs) {
        Duration longest = LIVES.stream()
                .filter(life -> !tbs.notBefore().isBefore(life.from()))
                .findFirst()
                .orElseThrow()
                .longest();
        // RFC 5280 s. 4.1.2.5: the last second counts.
        Duration length = Duration.between(tbs.notBefore(), tbs.notAfter()).plusSeconds(1);
        return broken(
                !tbs.isCa() && length.compareTo(longest) > 0,
                () -> "validity: longer than " + longest.toDays() + " days");
    }

    private static boolean enciphers(KeyUsage usage) {
        return usage.hasUsages(KeyUsage.keyEncipherment) || usage.hasUsages(KeyUsage.dataEncipherment);
    }

    private static boolean agrees(KeyUsage usage) {
        return usage.hasUsages(KeyUsage.keyAgreement)
                || usage.hasUsages(KeyUsage.encipherOnly)
                || usage.hasUsages(KeyUsage.decipherOnly);
    }
}
