package io.chancery.core.lint;

import static io.chancery.core.lint.FieldRules.broken;

import io.chancery.core.lint.LintRule.Check;
import io.chancery.core.lint.LintRule.Part;
import io.chancery.core.lint.LintRule.Scope;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECCurve;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** Rules about the subject's public key: of a form that everyone reads alike, and not one that is easily broken. */
final class SubjectKeyRules {
    private static final int MIN_RSA_BITS = 2048;
    private static final int MAX_RSA_BITS = 16384; // as Go's crypto/x509 reads them
    private static final int MAX_EXPONENT_BITS = 31;
    private static final int UNCOMPRESSED = 4; // SEC 1 s. 2.3.3
    private static final int ED25519_OCTETS = 32;

    /** P-224 is among them since step-ca signs it. By name: a curve is made when the first key on it comes. */
    private static final Map<ASN1ObjectIdentifier, String> CURVES = Map.of(
            SECObjectIdentifiers.secp224r1, "secp224r1",
            X9ObjectIdentifiers.prime256v1, "secp256r1",
            SECObjectIdentifiers.secp384r1, "secp384r1",
            SECObjectIdentifiers.secp521r1, "secp521r1");

    static final List<LintRule> ALL = List.of(
            rule(
                    "key-form",
                    "RFC 3279 s. 2.3.1, RFC 5480 s. 2.1.1, RFC 8410 s. 3",
                    "a key that is no RSA, Ed25519 or EC key on P-224, P-256, P-384 or P-521, or not in the one form that these standards give it",
                    SubjectKeyRules::form),
            rule(
                    "rsa-size",
                    "CA/B BR s. 6.1.5",
                    "an RSA modulus of fewer than 2048 or more than 16384 bits",
                    rsa(key -> broken(
                            key.modulus().bits() < MIN_RSA_BITS || key.modulus().bits() > MAX_RSA_BITS,
                            () -> "an RSA modulus of " + key.modulus().bits()
                                    + " bits; from 2048 to 16384 are allowed"))),
            rule(
                    "rsa-exponent",
                    "RFC 8017 s. 3.1, CA/B BR s. 6.1.6",
                    "an RSA exponent that is even, below 3 or over 31 bits",
                    rsa(key -> broken(
                            !isExponent(key.exponent()),
                            () -> "an RSA exponent that is even, below 3 or over 31 bits"))),
            rule(
                    "rsa-small-factor",
                    "CA/B BR s. 6.1.6, NIST SP 800-89 s. 5.3.3",
                    "an RSA modulus that a prime below 752 divides",
                    rsa(key ->
                            key.modulus().smallFactor().map(factor -> "an RSA modulus that " + factor + " divides"))),
            rule(
                    "rsa-roca",
                    "CVE-2017-15361, CA/B BR s. 6.1.1.3",
                    "an RSA key as Infineon's flawed library made it (ROCA): it can be factored",
                    rsa(key -> broken(key.modulus().isRoca(), () -> "an RSA key as a flawed library makes it (ROCA)"))),
            rule(
                    "rsa-close-primes",
                    "CA/B BR s. 6.1.1.3",
                    "an RSA modulus whose primes Fermat's method finds within 100 rounds",
                    rsa(key ->
                            broken(key.modulus().hasClosePrimes(), () -> "an RSA modulus whose primes are too close"))),
            rule(
                    "ec-point",
                    "NIST SP 800-56A Rev. 3 s. 5.6.2.3.3, CA/B BR s. 6.1.5, 6.1.6",
                    "an EC key that is no point of its curve",
                    SubjectKeyRules::point),
            rule(
                    "ed25519-point",
                    "RFC 8032 s. 5.1.3",
                    "an Ed25519 key that is no point of the curve, or one of the few that signatures can be made for by anyone",
                    SubjectKeyRules::edwards),
            rule(
                    "key-not-issuers",
                    "CA/B BR s. 6.1.1.3",
                    "the key of the issuer itself",
                    tbs -> tbs.signer()
                            .filter(signer ->
                                    signer.key().equals(FieldRules.der(tbs.key().info())))
                            .map(signer -> "subjectPublicKeyInfo: its issuer's own key")));

    private SubjectKeyRules() {}

    private static LintRule rule(String name, String source, String refuses, Check check) {
        return new LintRule(name, Part.KEY, Scope.STANDARD, source, refuses, check);
    }

    private static ECCurve curve(String name) {
        return CustomNamedCurves.getByName(name).getCurve();
    }

    /** What a rule says of an RSA key; others it passes over. */
    private interface RsaCheck {
        Optional<String> problem(SubjectKey key);
    }

    private static Check rsa(RsaCheck check) {
        return tbs -> tbs.key().isRsa()
                ? check.problem(tbs.key()).map(problem -> "subjectPublicKeyInfo: " + problem)
                : Optional.empty();
    }

    private static boolean isExponent(BigInteger exponent) {
        return exponent.compareTo(BigInteger.TWO) > 0
                && exponent.testBit(0)
                && exponent.bitLength() <= MAX_EXPONENT_BITS;
    }

    private static Optional<String> form(ToBeSigned tbs) {
        SubjectKey key = tbs.key();
        boolean fits;
        if (key.isRsa()) {
            fits = DERNull.INSTANCE.equals(key.info().getAlgorithm().getParameters())
                    && key.modulus().value().signum() > 0;
        } else if (key.isEc()) {
            fits = key.curve().filter(CURVES::containsKey).isPresent()
                    && key.bits().length > 0
                    && key.bits()[0] == UNCOMPRESSED;
        } else {
            fits = key.isEd25519()
                    && key.info().getAlgorithm().getParameters() == null
                    && key.bits().length == ED25519_OCTETS;
        }
        return broken(
                !fits || key.info().getPublicKeyData().getPadBits() != 0,
                () -> "subjectPublicKeyInfo: a type, curve or form that is not supported");
    }

    private static Optional<String> point(ToBeSigned tbs) {
        if (!tbs.key().isEc()) {
            return Optional.empty();
        }
        ECCurve curve = curve(tbs.key().curve().map(CURVES::get).orElseThrow());
        try {
            return broken(curve.decodePoint(tbs.key().bits()).isInfinity(), () -> "subjectPublicKeyInfo: infinity");
        } catch (IllegalArgumentException e) {
            return Optional.of("subjectPublicKeyInfo: no point of its curve");
        }
    }

    private static Optional<String> edwards(ToBeSigned tbs) {
        return broken(
                tbs.key().isEd25519()
                        && !Ed25519.validatePublicKeyPartial(tbs.key().bits(), 0),
                () -> "subjectPublicKeyInfo: no point that an Ed25519 key can be");
    }
}
