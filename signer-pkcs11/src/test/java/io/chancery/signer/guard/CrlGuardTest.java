package io.chancery.signer.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.bus.SignReply;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.crl.CrlEntries;
import io.chancery.core.crl.PreparedCrl;
import io.chancery.signer.TestPki;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V2TBSCertListGenerator;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which lists the signer puts its name under: each rule is broken once, in a list that keeps to all others. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class CrlGuardTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final BigInteger NUMBER = BigInteger.valueOf(NOW.toEpochMilli());
    private static final IssuerCertificate ISSUER = issuer();

    private final CrlGuard guard = new CrlGuard(ISSUER);

    private static IssuerCertificate issuer() {
        try {
            return TestPki.issuer(TestPki.ec("secp256r1"));
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A list made by another library, a good one unless a member is changed. */
    private static final class Recipe {
        X500Name issuer = X500Name.getInstance(
                ISSUER.certificate().getSubjectX500Principal().getEncoded());
        org.bouncycastle.asn1.x509.AlgorithmIdentifier scheme = ISSUER.scheme().identifier();
        Instant thisUpdate = NOW;
        Instant nextUpdate = NOW.plus(Duration.ofHours(24));
        ASN1Encodable number = new ASN1Integer(NUMBER);
        boolean numberCritical;
        Optional<byte[]> keyId =
                Optional.of(SubjectKeyIdentifier.getInstance(org.bouncycastle.asn1.ASN1OctetString.getInstance(
                                        ISSUER.certificate().getExtensionValue("2.5.29.14"))
                                .getOctets())
                        .getKeyIdentifier());
        Optional<IssuingDistributionPoint> point = Optional.of(point(false, false));
        boolean pointCritical = true;
        Optional<ASN1ObjectIdentifier> stranger = Optional.empty();
        BigInteger serial = BigInteger.TEN;
        int reason = CRLReason.keyCompromise;
        Optional<Extension> entryExtension = Optional.empty();

        static IssuingDistributionPoint point(boolean onlyUsers, boolean indirect) {
            DistributionPointName name = new DistributionPointName(
                    new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, "https://ca/crl")));
            return new IssuingDistributionPoint(name, onlyUsers, false, null, indirect, false);
        }

        byte[] encoded() throws IOException {
            V2TBSCertListGenerator list = new V2TBSCertListGenerator();
            list.setSignature(scheme);
            list.setIssuer(issuer);
            list.setThisUpdate(new Time(Date.from(thisUpdate)));
            list.setNextUpdate(new Time(Date.from(nextUpdate)));
            if (entryExtension.isPresent()) {
                list.addCRLEntry(
                        new ASN1Integer(serial), new Time(Date.from(NOW)), new Extensions(entryExtension.get()));
            } else {
                list.addCRLEntry(new ASN1Integer(serial), new Time(Date.from(NOW)), reason);
            }
            ExtensionsGenerator extensions = new ExtensionsGenerator();
            if (keyId.isPresent()) {
                extensions.addExtension(
                        Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(keyId.get()));
            }
            extensions.addExtension(Extension.cRLNumber, numberCritical, number);
            if (point.isPresent()) {
                extensions.addExtension(Extension.issuingDistributionPoint, pointCritical, point.get());
            }
            if (stranger.isPresent()) {
                extensions.addExtension(stranger.get(), false, DERNull.INSTANCE);
            }
            list.setExtensions(extensions.generate());
            return list.generateTBSCertList().getEncoded(ASN1Encoding.DER);
        }
    }

    /** As another library reads it. */
    private static BigInteger number(byte[] tbs) {
        ASN1Sequence list = ASN1Sequence.getInstance(tbs);
        Extensions extensions = Extensions.getInstance(
                ASN1TaggedObject.getInstance(list.getObjectAt(list.size() - 1)).getExplicitBaseObject());
        return ASN1Integer.getInstance(extensions.getExtensionParsedValue(Extension.cRLNumber))
                .getValue();
    }

    private Optional<String> broken(byte[] tbs) {
        return guard.check(NUMBER, tbs, NOW).map(SignReply.Refused::rule);
    }

    private Optional<String> broken(Recipe recipe) throws IOException {
        return broken(recipe.encoded());
    }

    @Test
    void a_list_as_this_ca_makes_it_is_signed_with_and_without_entries() {
        CrlEntries entries = new CrlEntries();
        PreparedCrl.Validity day = new PreparedCrl.Validity(NOW, NOW.plus(Duration.ofDays(1)));
        assertThat(broken(PreparedCrl.prepare(ISSUER, NUMBER, day, entries, Optional.empty())
                        .tbs()
                        .bytes()))
                .isEmpty();
        entries.add(BigInteger.ONE.shiftLeft(127), NOW, 0);
        entries.add(BigInteger.ONE, NOW, 10);
        assertThat(broken(PreparedCrl.prepare(ISSUER, NUMBER, day, entries, Optional.of("https://ca/crl"))
                        .tbs()
                        .bytes()))
                .isEmpty();
    }

    @Test
    void one_that_another_library_made_of_the_same_is_signed_too() throws Exception {
        assertThat(broken(new Recipe())).isEmpty();
    }

    @Test
    void another_issuer_is_refused() throws Exception {
        Recipe recipe = new Recipe();
        recipe.issuer = new X500Name("CN=Somebody Else");
        assertThat(broken(recipe)).contains("issuer");
    }

    @Test
    void another_algorithm_is_refused() throws Exception {
        Recipe recipe = new Recipe();
        recipe.scheme = io.chancery.core.crypto.SignatureScheme.RSA_PSS_SHA256.identifier();
        assertThat(broken(recipe)).contains("algorithm");
        recipe.scheme = new org.bouncycastle.asn1.x509.AlgorithmIdentifier(
                ISSUER.scheme().identifier().getAlgorithm(), org.bouncycastle.asn1.DERNull.INSTANCE);
        assertThat(broken(recipe)).contains("algorithm");
        recipe.scheme = io.chancery.core.crypto.SignatureScheme.ECDSA_SHA512.identifier();
        assertThat(broken(recipe)).isEmpty();
    }

    @Test
    void another_number_than_the_message_s_is_refused_and_so_is_a_negative_one_or_one_far_ahead() throws Exception {
        Recipe recipe = new Recipe();
        recipe.number = new ASN1Integer(NUMBER.add(BigInteger.ONE));
        assertThat(broken(recipe)).contains("crl-number");
        recipe.number = new ASN1Integer(-1);
        assertThat(guard.check(BigInteger.valueOf(-1), recipe.encoded(), NOW).map(SignReply.Refused::rule))
                .contains("crl-number");
        BigInteger dayAhead = BigInteger.valueOf(NOW.plus(Duration.ofDays(1)).toEpochMilli());
        recipe.number = new ASN1Integer(dayAhead);
        assertThat(guard.check(dayAhead, recipe.encoded(), NOW)).isEmpty();
        BigInteger further = dayAhead.add(BigInteger.ONE);
        recipe.number = new ASN1Integer(further);
        assertThat(guard.check(further, recipe.encoded(), NOW).map(SignReply.Refused::rule))
                .contains("crl-number");
        recipe.number = new DERUTF8String("1");
        assertThat(broken(recipe)).contains("der");
    }

    @ParameterizedTest
    @ValueSource(longs = {-3_600, 3_600})
    void one_that_is_not_made_now_is_refused(long seconds) throws Exception {
        Recipe recipe = new Recipe();
        recipe.thisUpdate = NOW.plusSeconds(seconds);
        assertThat(broken(recipe)).contains("crl-dates");
    }

    @Test
    void one_that_ends_at_once_or_after_years_is_refused() throws Exception {
        Recipe recipe = new Recipe();
        recipe.nextUpdate = NOW;
        assertThat(broken(recipe)).contains("crl-dates");
        recipe.nextUpdate = NOW.plus(Duration.ofDays(400));
        assertThat(broken(recipe)).contains("crl-dates");
    }

    @Test
    void one_that_would_hide_what_is_revoked_is_refused() throws Exception {
        Recipe recipe = new Recipe();
        recipe.point = Optional.of(Recipe.point(true, false));
        assertThat(broken(recipe)).contains("extensions");
        recipe.point = Optional.of(Recipe.point(false, true));
        assertThat(broken(recipe)).contains("extensions");
        recipe.point = Optional.of(Recipe.point(false, false));
        recipe.pointCritical = false;
        assertThat(broken(recipe)).contains("extensions");
    }

    @Test
    void extensions_of_other_kinds_of_lists_are_refused() throws Exception {
        Recipe recipe = new Recipe();
        recipe.stranger = Optional.of(Extension.deltaCRLIndicator);
        assertThat(broken(recipe)).contains("extensions");
        recipe.stranger = Optional.empty();
        recipe.numberCritical = true;
        assertThat(broken(recipe)).contains("extensions");
    }

    @Test
    void another_key_s_identifier_or_none_is_refused() throws Exception {
        Recipe recipe = new Recipe();
        recipe.keyId = Optional.of(new byte[20]);
        assertThat(broken(recipe)).contains("authority-key");
        recipe.keyId = Optional.empty();
        assertThat(broken(recipe)).contains("authority-key");
    }

    @Test
    void entries_that_no_certificate_has_are_refused() throws Exception {
        Recipe recipe = new Recipe();
        recipe.serial = BigInteger.ZERO;
        assertThat(broken(recipe)).contains("der");
        recipe.serial = BigInteger.ONE.shiftLeft(200);
        assertThat(broken(recipe)).contains("der");
        recipe.serial = BigInteger.valueOf(-5);
        assertThat(broken(recipe)).contains("der");
        recipe.serial = BigInteger.TEN;
        recipe.entryExtension = Optional.of(new Extension(Extension.certificateIssuer, true, new byte[] {5, 0}));
        assertThat(broken(recipe)).contains("der");
    }

    @Test
    void what_is_cut_off_followed_or_changed_anywhere_is_refused_or_still_a_list_of_this_number() throws Exception {
        byte[] good = new Recipe().encoded();
        for (int length = 0; length < good.length; length++) {
            assertThat(broken(Arrays.copyOf(good, length)))
                    .as("cut to %d", length)
                    .isPresent();
        }
        assertThat(broken(Arrays.copyOf(good, good.length + 1))).isPresent();
        for (int i = 0; i < good.length; i++) {
            byte[] changed = good.clone();
            changed[i] ^= (byte) 0x80;
            if (broken(changed).isEmpty()) {
                assertThat(number(changed)).as("changed at %d", i).isEqualTo(NUMBER);
            }
        }
    }
}
