package io.chancery.core.issuer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.TestCa;
import io.chancery.core.TestKeys;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.IssuerUrls;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.PresentedCertificate;
import io.chancery.core.certificate.RenewedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.certificate.ServerCertificateProfile;
import io.chancery.core.certificate.SignedCertificate;
import io.chancery.core.der.Der;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.profile.LeafValidity;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class IssuersTest {
    private static final Instant NOW = TestCa.NOW;
    private static final Instant SWITCH = NOW.plusSeconds(60);
    private static final SubjectPublicKeyInfo EC = key("P-256");
    private static final SubjectPublicKeyInfo RSA = key("RSA-2048");
    private static final Issuer FIRST = issuer("first", "P-256", Optional.empty());

    /** Keys whose signers are away. */
    private final Set<KeyId> away = new HashSet<>();

    private static SubjectPublicKeyInfo key(String kind) {
        return SubjectPublicKeyInfo.getInstance(TestKeys.of(kind).getPublic().getEncoded());
    }

    private static Issuer issuer(String name, String kind, Optional<IssuingRule> rule) {
        IssuerCertificate certificate = TestCa.issuer(name, kind);
        return new Issuer(
                name,
                certificate,
                List.of(certificate.certificate()),
                NameConstraints.of(List.of(certificate.certificate())),
                Optional.empty(),
                rule);
    }

    private static Issuer signing(String name, String kind, IssuingRule rule) {
        return issuer(name, kind, Optional.of(rule));
    }

    private Issuers issuers(Issuer... listed) {
        return Issuers.of(List.of(listed), FIRST, key -> !away.contains(key));
    }

    private static String chosen(Issuers issuers, String provisioner, SubjectPublicKeyInfo key, Instant now) {
        return issuers.choose(provisioner, key, now).name();
    }

    private static Issuer listedAt(String name, String kind, String url) {
        Issuer plain = issuer(name, kind, Optional.empty());
        return new Issuer(
                name,
                plain.certificate().withUrls(new IssuerUrls(List.of("ldap:///cn=list", url), List.of())),
                plain.chain(),
                plain.constraints(),
                Optional.empty(),
                plain.rule());
    }

    @Test
    void the_list_at_a_path_is_that_of_the_one_whose_certificates_say_so_else_of_the_standing_one() {
        Issuer next = listedAt("next", "P-384", "http://ca.example/crl/next");
        for (String url : List.of("http://ca.example/crl", "https://ca.example:8443/1.0/crl")) {
            Issuer former = listedAt("former", "P-521", url);
            assertThat(issuers(next, former).listedAt("/crl").name()).isEqualTo("former");
        }
        Issuer elsewhere = listedAt("former", "P-521", "http://ca.example/lists/crl");
        assertThat(issuers(next, elsewhere).listedAt("/crl").name()).isEqualTo("first");
        Issuer odd = listedAt("former", "P-521", "no URL ");
        assertThat(issuers(next, odd).listedAt("/crl").name()).isEqualTo("first");
    }

    @Test
    void one_without_a_rule_signs_nothing() {
        assertThat(chosen(issuers(issuer("next", "P-384", Optional.empty())), "admin", EC, NOW))
                .isEqualTo("first");
    }

    @Test
    void one_with_a_time_signs_from_that_moment_on() {
        Issuers issuers = issuers(signing("next", "P-384", new IssuingRule(Optional.of(SWITCH), Set.of(), Set.of())));
        assertThat(chosen(issuers, "admin", EC, SWITCH.minusNanos(1))).isEqualTo("first");
        assertThat(chosen(issuers, "admin", EC, SWITCH)).isEqualTo("next");
    }

    @Test
    void of_several_that_fit_the_first_one_signs() {
        Issuers issuers = issuers(
                signing("b", "P-384", new IssuingRule(Optional.empty(), Set.of("bees"), Set.of())),
                signing("rsa", "RSA-2048", new IssuingRule(Optional.empty(), Set.of(), Set.of(KeyType.RSA))));
        assertThat(chosen(issuers, "bees", RSA, NOW)).isEqualTo("b");
        assertThat(chosen(issuers, "admin", RSA, NOW)).isEqualTo("rsa");
        assertThat(chosen(issuers, "admin", EC, NOW)).isEqualTo("first");
        assertThat(chosen(issuers, "admin", key("Ed25519"), NOW)).isEqualTo("first");
    }

    @Test
    void while_no_signer_has_the_new_key_the_old_one_signs() {
        Issuer next = signing("next", "P-384", IssuingRule.ALL);
        away.add(next.keyId());
        assertThat(chosen(issuers(next), "admin", EC, NOW)).isEqualTo("first");
        away.clear();
        assertThat(chosen(issuers(next), "admin", EC, NOW)).isEqualTo("next");
        away.add(next.keyId());
        away.add(FIRST.keyId());
        assertThat(chosen(issuers(next), "admin", EC, NOW)).isEqualTo("next");
    }

    @Test
    void what_is_for_a_provisioner_or_a_kind_of_key_is_never_signed_by_one_that_is_not() {
        IssuingRule rsaOnly = new IssuingRule(Optional.empty(), Set.of(), Set.of(KeyType.RSA));
        Issuer next = signing("rsa-2", "P-384", rsaOnly);
        away.add(next.keyId());
        assertThat(chosen(issuers(next), "admin", RSA, NOW)).isEqualTo("rsa-2");
        assertThat(chosen(issuers(next, signing("rsa-1", "P-521", rsaOnly)), "admin", RSA, NOW))
                .isEqualTo("rsa-1");
    }

    @Test
    void one_whose_certificate_is_not_good_at_the_moment_is_passed_over() {
        Issuers issuers = issuers(signing("next", "P-384", IssuingRule.ALL));
        assertThat(chosen(issuers, "admin", EC, NOW.minus(Duration.ofDays(2)))).isEqualTo("next"); // neither is good
        Issuer standing = new Issuer(
                "ca.json", TestCa.ISSUER, List.of(), NameConstraints.of(List.of()), Optional.empty(), Optional.empty());
        Issuers older = Issuers.of(List.of(signing("next", "P-384", IssuingRule.ALL)), standing, key -> true);
        assertThat(chosen(older, "admin", EC, NOW.minus(Duration.ofDays(2)))).isEqualTo("ca.json");
    }

    @Test
    void names_subjects_and_keys_are_told_apart() {
        assertThatThrownBy(
                        () -> issuers(issuer("a", "P-384", Optional.empty()), issuer("a", "P-521", Optional.empty())))
                .hasMessageContaining("called a");
        assertThatThrownBy(() -> issuers(issuer("a", "P-256", Optional.empty())))
                .hasMessageContaining("key");
        Issuer sameSubject = new Issuer(
                "b",
                TestCa.issuer("first", "P-384"),
                List.of(),
                NameConstraints.of(List.of()),
                Optional.empty(),
                Optional.empty());
        assertThatThrownBy(() -> issuers(sameSubject)).hasMessageContaining("subject");
    }

    @Test
    void a_certificate_and_recorded_bytes_name_their_issuer() {
        Issuer next = signing("next", "P-384", IssuingRule.ALL);
        PreparedCertificate prepared = leaf(next.certificate());
        assertThat(issuers(next).ofRecorded(prepared.tbs()).orElseThrow().name())
                .isEqualTo("next");
        assertThat(issuers(next).of(signed(prepared)).orElseThrow().name()).isEqualTo("next");
        assertThat(issuers().of(signed(prepared))).isEmpty();
    }

    private static PreparedCertificate leaf(IssuerCertificate issuer) {
        return ServerCertificateProfile.prepare(
                issuer,
                new SerialNumber(BigInteger.ONE.shiftLeft(100)),
                "a.example",
                List.of("a.example"),
                NameConstraints.of(List.of()),
                TestKeys.of("Ed25519").getPublic(),
                NOW);
    }

    private static Der signed(PreparedCertificate prepared) {
        byte[] signature = TestKeys.sign(
                "SHA384withECDSA",
                TestKeys.of("P-384").getPrivate(),
                prepared.tbs().bytes());
        return SignedCertificate.assemble(prepared.issuer(), prepared.tbs(), Der.of(signature), TestKeys.KEYS)
                .orElseThrow();
    }

    @Test
    void what_is_published_begins_with_the_one_that_is_asked_for() {
        Issuer next = issuer("next", "P-384", Optional.empty());
        Issuers issuers = issuers(next);
        assertThat(issuers.published(FIRST))
                .containsExactly(FIRST.chain().get(0), next.chain().get(0));
        assertThat(issuers.published(next))
                .containsExactly(next.chain().get(0), FIRST.chain().get(0));
    }

    @Test
    void a_renewal_by_another_issuer_says_where_that_one_s_list_is() throws Exception {
        IssuerCertificate old = TestCa.issuer("old", "P-384").withUrls(urls("http://old.example/crl"));
        PresentedCertificate shown = PresentedCertificate.parse(signed(leaf(old)));
        assertThat(lists(shown, TestCa.ISSUER.withUrls(urls("http://new.example/crl"))))
                .contains("http://new.example/crl");
        assertThat(lists(shown, old.withUrls(urls("http://changed.example/crl"))))
                .contains("http://old.example/crl");
        assertThat(lists(shown, TestCa.ISSUER)).isEmpty();
    }

    private static IssuerUrls urls(String list) {
        return new IssuerUrls(List.of(list), List.of());
    }

    /** The bytes of the distribution points that a renewal by that issuer would have. */
    private static String lists(PresentedCertificate old, IssuerCertificate issuer) {
        PreparedCertificate renewed = RenewedCertificate.prepare(
                issuer,
                new SerialNumber(BigInteger.ONE.shiftLeft(100)),
                old,
                true,
                new LeafValidity(NOW, NOW.plusSeconds(60)),
                Optional.empty());
        Extension found = TBSCertificate.getInstance(renewed.tbs().bytes())
                .getExtensions()
                .getExtension(Extension.cRLDistributionPoints);
        return found == null
                ? ""
                : new String(found.getExtnValue().getOctets(), java.nio.charset.StandardCharsets.ISO_8859_1);
    }
}
