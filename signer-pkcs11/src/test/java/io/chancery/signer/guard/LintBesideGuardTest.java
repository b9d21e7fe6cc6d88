package io.chancery.signer.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.config.ChanceryConfig.KeyRules;
import io.chancery.core.der.Der;
import io.chancery.core.lint.Lint;
import io.chancery.core.lint.SigningCertificate;
import io.chancery.signer.TestPki;
import java.math.BigInteger;
import java.security.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which of the rules before signing the guard holds whatever is configured: no configuration may leave those out. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class LintBesideGuardTest {
    private static final KeyRules WIDEST = new KeyRules(Optional.empty(), true, 10, true);
    private static final ASN1ObjectIdentifier SHA1_WITH_RSA = new ASN1ObjectIdentifier("1.2.840.113549.1.1.5");
    private static IssuerCertificate issuer;
    private static PublicKey subjectKey;

    /** Breaks the rule of that name. */
    private static final Map<String, Consumer<TbsRecipe>> SPOILERS = Map.ofEntries(
            Map.entry("version-3", recipe -> {
                recipe.version = new ASN1Integer(1);
                recipe.withoutExtensions = true;
            }),
            Map.entry("serial-positive", recipe -> recipe.serial = BigInteger.ZERO),
            Map.entry("serial-length", recipe -> recipe.serial = BigInteger.ONE.shiftLeft(160)),
            Map.entry("serial-entropy", recipe -> recipe.serial = BigInteger.TEN),
            Map.entry(
                    "signature-algorithm",
                    recipe -> recipe.algorithm = new AlgorithmIdentifier(SHA1_WITH_RSA, DERNull.INSTANCE)),
            Map.entry("issuer-match", recipe -> recipe.issuerName = new X500Name("CN=another")),
            Map.entry("validity-order", recipe -> recipe.notAfter = recipe.notBefore.minusSeconds(1)),
            Map.entry("validity-within-issuer", recipe -> recipe.notAfter = TestPki.END.plus(Duration.ofDays(1))),
            Map.entry("no-unique-identifiers", recipe -> recipe.withUniqueIdentifier = true),
            Map.entry(
                    "key-not-issuers",
                    recipe -> recipe.publicKey = SubjectPublicKeyInfo.getInstance(
                            issuer.certificate().getPublicKey().getEncoded())),
            Map.entry("extensions-distinct", recipe -> recipe.extensions.add(recipe.extensions.get(0))),
            Map.entry(
                    "authority-key",
                    recipe -> recipe.replaceExtension(
                            Extension.authorityKeyIdentifier, new AuthorityKeyIdentifier(new byte[] {1, 2, 3}))),
            Map.entry(
                    "cert-sign-needs-ca",
                    recipe -> recipe.replaceExtension(Extension.keyUsage, new KeyUsage(KeyUsage.keyCertSign))),
            Map.entry("issuer-name-needs-usage", recipe -> {
                recipe.subject = recipe.issuerName;
                recipe.extensions.remove(0); // its key usage
            }),
            Map.entry(
                    "path-length-needs-ca",
                    // cA FALSE is left out, so nothing stands before the length.
                    recipe -> recipe.extension(Extension.basicConstraints, new DERSequence(new ASN1Integer(0)))),
            Map.entry(
                    "ca-path-length", recipe -> recipe.extension(Extension.basicConstraints, new BasicConstraints(1))));

    @BeforeAll
    static void keys() throws Exception {
        issuer = TestPki.issuer(TestPki.ec("secp256r1"));
        subjectKey = TestPki.ec("secp256r1").getPublic();
    }

    static Stream<String> withoutException() {
        List<String> names = new ArrayList<>(Lint.choices());
        names.removeAll(Lint.exceptions());
        return names.stream();
    }

    @ParameterizedTest
    @MethodSource("withoutException")
    void what_breaks_a_rule_that_cannot_be_left_out_is_refused_by_the_guard(String rule) {
        TbsRecipe recipe = new TbsRecipe(issuer, subjectKey);
        SPOILERS.get(rule).accept(recipe);
        Der tbs = recipe.der();
        assertThat(Lint.STANDARD.all(tbs, Optional.of(SigningCertificate.of(issuer.certificate()))))
                .extracting(finding -> finding.rule().name())
                .contains(rule);
        assertThat(new SigningGuard(issuer, WIDEST).check(new SerialNumber(TbsRecipe.SERIAL), tbs))
                .isPresent();
    }

    /** Such as a serial number that the message names as well. */
    @Test
    void a_short_serial_number_is_refused_by_the_guard_although_it_is_the_one_asked_for() {
        TbsRecipe recipe = new TbsRecipe(issuer, subjectKey);
        recipe.serial = BigInteger.TEN;
        assertThat(new SigningGuard(issuer, WIDEST).check(new SerialNumber(BigInteger.TEN), recipe.der()))
                .isPresent();
    }

    @Test
    void what_can_be_left_out_may_be_signed_then() {
        TbsRecipe recipe = new TbsRecipe(issuer, subjectKey);
        recipe.extension(Extension.policyConstraints, new DERSequence(new DEROctetString(new byte[0])));
        assertThat(Lint.STANDARD.first(recipe.der(), Optional.of(SigningCertificate.of(issuer.certificate()))))
                .isPresent();
        assertThat(new SigningGuard(issuer, WIDEST).check(new SerialNumber(TbsRecipe.SERIAL), recipe.der()))
                .isEmpty();
    }
}
