package io.chancery.core.chain;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.TestCa;
import io.chancery.core.TestCertificate;
import io.chancery.core.TestKeys;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.certificate.PresentedCertificate;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ClientChainTest {
    private static final Der ROOT = TestCertificate.ca("Root", "P-384").by("Root", "P-384");
    private static final Der UPPER = TestCertificate.ca("Upper", "P-521").by("Root", "P-384");
    private static final Der LOWER = TestCertificate.ca("Lower", "P-256").by("Upper", "P-521");

    private static TestCertificate client() {
        return TestCertificate.client("client", "Ed25519");
    }

    /** A CA's, by the root, that permits names below one host alone. */
    private static Der forHere(TestCertificate ca) {
        GeneralSubtree here = new GeneralSubtree(new GeneralName(GeneralName.dNSName, "here.example"));
        return ca.with(Extension.nameConstraints, new NameConstraints(new GeneralSubtree[] {here}, null))
                .by("Root", "P-384");
    }

    private static List<Der> path(Der root, Der leaf, Der... others) {
        return new ClientChain(List.of(TestCertificate.x509(root)), List.of(), TestKeys.KEYS)
                .path(PresentedCertificate.parse(leaf), List.of(others), TestCa.NOW);
    }

    @Test
    void a_path_is_the_leaf_and_what_stands_between_it_and_the_root_whatever_else_was_sent() {
        Der leaf = client().by("Lower", "P-256");
        Der fake = TestCertificate.ca("Upper", "P-521").by("Root", "P-256");
        assertThat(path(ROOT, leaf, UPPER, fake, LOWER, LOWER, ROOT)).containsExactly(leaf, LOWER, UPPER);
        assertThat(path(UPPER, leaf, LOWER)).containsExactly(leaf, LOWER);
        assertThat(path(ROOT, client().by("Root", "P-384"))).hasSize(1);
        assertThat(path(ROOT, leaf, LOWER)).isEmpty();
        assertThat(path(ROOT, leaf, fake, LOWER)).isEmpty();
    }

    @Test
    void a_path_is_sought_only_among_certificates_that_a_root_or_one_of_them_has_signed() throws Exception {
        List<Der> sent = List.of(
                client().by("Lower", "P-256"),
                LOWER,
                UPPER,
                LOWER,
                TestCertificate.ca("Upper", "P-521").by("Root", "P-256"),
                TestCertificate.ca("Lower", "P-256").by("Upper", "P-256"),
                TestCertificate.ca("Other", "P-256").by("Other", "P-256"));
        X509Certificate root = TestCertificate.x509(ROOT);
        assertThat(new ClientChain(List.of(root), List.of(), TestKeys.KEYS).genuine(sent))
                .containsExactly(TestCertificate.x509(UPPER), TestCertificate.x509(LOWER));
    }

    @Test
    void forged_certificates_end_the_search_soon() throws Exception {
        List<Der> sent = new ArrayList<>();
        for (int i = 1; i < GenuineCertificates.MOST_FAILED; i++) {
            sent.add(TestCertificate.ca("Upper", "P-521").serial(100 + i).by("Root", "P-256"));
        }
        ClientChain chain = new ClientChain(List.of(TestCertificate.x509(ROOT)), List.of(), TestKeys.KEYS);
        sent.add(UPPER);
        assertThat(chain.genuine(sent)).containsExactly(TestCertificate.x509(UPPER));
        sent.add(0, TestCertificate.ca("Upper", "P-521").serial(100).by("Root", "P-256"));
        assertThat(chain.genuine(sent)).isEmpty();
    }

    @Test
    void every_certificate_of_a_path_is_valid_now_the_root_too() {
        Der leaf = client().by("Upper", "P-521");
        Der over = TestCertificate.ca("Upper", "P-521")
                .to(TestCa.NOW.minus(Duration.ofMinutes(1)))
                .by("Root", "P-384");
        Der early = TestCertificate.ca("Upper", "P-521")
                .from(TestCa.NOW.plus(Duration.ofMinutes(1)))
                .by("Root", "P-384");
        Der oldRoot = TestCertificate.ca("Root", "P-384")
                .to(TestCa.NOW.minus(Duration.ofMinutes(1)))
                .by("Root", "P-384");
        Der earlyRoot = TestCertificate.ca("Root", "P-384")
                .from(TestCa.NOW.plus(Duration.ofMinutes(1)))
                .by("Root", "P-384");
        assertThat(path(ROOT, leaf, UPPER)).hasSize(2);
        assertThat(path(ROOT, leaf, over)).isEmpty();
        assertThat(path(ROOT, leaf, early)).isEmpty();
        assertThat(path(oldRoot, leaf, UPPER)).isEmpty();
        assertThat(path(oldRoot, client().by("Root", "P-384"))).isEmpty();
        assertThat(path(earlyRoot, client().by("Root", "P-384"))).isEmpty();
        assertThat(path(ROOT, client().to(TestCa.NOW.minusSeconds(1)).by("Upper", "P-521"), UPPER))
                .isEmpty();
        assertThat(path(ROOT, client().from(TestCa.NOW.plusSeconds(1)).by("Upper", "P-521"), UPPER))
                .isEmpty();
    }

    @Test
    void purposes_hold_for_the_whole_path_where_any_are_named() {
        TestCertificate unbound = TestCertificate.bare("client", "Ed25519");
        TestCertificate any = TestCertificate.bare("client", "Ed25519").purposes(KeyPurposeId.anyExtendedKeyUsage);
        TestCertificate server = TestCertificate.bare("client", "Ed25519").purposes(KeyPurposeId.id_kp_serverAuth);
        Der forServers = TestCertificate.ca("Upper", "P-521")
                .purposes(KeyPurposeId.id_kp_serverAuth)
                .by("Root", "P-384");
        assertThat(path(ROOT, unbound.by("Upper", "P-521"), UPPER)).hasSize(2);
        assertThat(path(ROOT, any.by("Upper", "P-521"), UPPER)).hasSize(2);
        assertThat(path(ROOT, server.by("Upper", "P-521"), UPPER)).isEmpty();
        assertThat(path(ROOT, client().by("Upper", "P-521"), forServers)).isEmpty();
    }

    @Test
    void what_a_ca_certificate_forbids_is_forbidden() {
        Der none = TestCertificate.bare("Upper", "P-521")
                .with(Extension.keyUsage, new KeyUsage(KeyUsage.keyCertSign))
                .by("Root", "P-384");
        Der noSigning = TestCertificate.bare("Upper", "P-521")
                .with(Extension.basicConstraints, new BasicConstraints(true))
                .with(Extension.keyUsage, new KeyUsage(KeyUsage.cRLSign))
                .by("Root", "P-384");
        Der last = TestCertificate.bare("Upper", "P-521")
                .with(Extension.basicConstraints, new BasicConstraints(0))
                .by("Root", "P-384");
        Der here = forHere(TestCertificate.ca("Upper", "P-521"));
        Der leaf = client().by("Upper", "P-521");
        assertThat(path(ROOT, leaf, none)).isEmpty();
        assertThat(path(ROOT, leaf, noSigning)).isEmpty();
        assertThat(path(ROOT, leaf, last)).hasSize(2);
        assertThat(path(ROOT, client().by("Lower", "P-256"), last, LOWER)).isEmpty();
        assertThat(path(ROOT, client().names("a.here.example").by("Upper", "P-521"), here))
                .hasSize(2);
        assertThat(path(ROOT, client().names("a.there.example").by("Upper", "P-521"), here))
                .isEmpty();
    }

    @Test
    void a_name_that_Java_cannot_read_takes_no_other_one_out_of_what_a_CA_above_permits() {
        Der here = forHere(TestCertificate.ca("Upper", "P-521"));
        for (String host : List.of("a.here.example", "a.there.example")) {
            GeneralNames names = new GeneralNames(new GeneralName[] {
                new GeneralName(GeneralName.rfc822Name, "me@"), new GeneralName(GeneralName.dNSName, host)
            });
            Der leaf = TestCertificate.client("a client", "Ed25519")
                    .with(Extension.subjectAlternativeName, names)
                    .by("Upper", "P-521");
            assertThat(path(ROOT, leaf, here)).as(host).hasSize(host.equals("a.here.example") ? 2 : 0);
        }
    }

    @Test
    void what_a_root_says_of_purposes_and_names_holds_for_what_it_signed_itself_and_below() {
        Der forServers = TestCertificate.ca("Root", "P-384")
                .purposes(KeyPurposeId.id_kp_serverAuth)
                .by("Root", "P-384");
        Der here = forHere(TestCertificate.ca("Root", "P-384"));
        assertThat(path(forServers, client().by("Root", "P-384"))).isEmpty();
        assertThat(path(forServers, client().by("Upper", "P-521"), UPPER)).isEmpty();
        assertThat(path(here, client().names("a.here.example").by("Root", "P-384")))
                .hasSize(1);
        assertThat(path(here, client().names("a.there.example").by("Root", "P-384")))
                .isEmpty();
        assertThat(path(here, client().names("a.there.example").by("Upper", "P-521"), UPPER))
                .isEmpty();
    }

    /** Whoever has the key comes with another certificate of it than the one that was named. */
    @Test
    void no_path_leads_over_a_key_that_was_given_up_whichever_of_its_certificates_was_sent() throws Exception {
        Der leaf = client().by("Upper", "P-521");
        KeyId key = KeyId.of(TestKeys.of("P-521").getPublic());
        Der earlier = TestCertificate.ca("Upper", "P-521").serial(8).by("Root", "P-384");
        for (Der sent : List.of(UPPER, twin(UPPER), earlier)) {
            assertThat(pathWithout(new AbandonedIssuers(Set.of(), Set.of()), ROOT, leaf, sent))
                    .hasSize(2);
            assertThat(pathWithout(new AbandonedIssuers(Set.of(key), Set.of()), ROOT, leaf, sent))
                    .isEmpty();
        }
    }

    @Test
    void a_certificate_that_was_given_up_is_that_one_alone() {
        AbandonedIssuers one = new AbandonedIssuers(Set.of(), Set.of(Sha256.digest(UPPER.bytes())));
        Der leaf = client().by("Upper", "P-521");
        assertThat(pathWithout(one, ROOT, leaf, UPPER)).isEmpty();
        assertThat(pathWithout(
                        one,
                        ROOT,
                        leaf,
                        TestCertificate.ca("Upper", "P-521").serial(8).by("Root", "P-384")))
                .hasSize(2);
    }

    @Test
    void a_key_that_was_given_up_is_no_root_and_no_client_either() {
        AbandonedIssuers upper =
                new AbandonedIssuers(Set.of(KeyId.of(TestKeys.of("P-521").getPublic())), Set.of());
        assertThat(pathWithout(upper, UPPER, client().by("Upper", "P-521"))).isEmpty();
        assertThat(pathWithout(
                        upper, ROOT, TestCertificate.client("client", "P-521").by("Root", "P-384")))
                .isEmpty();
    }

    private static List<Der> pathWithout(AbandonedIssuers abandoned, Der root, Der leaf, Der... others) {
        return new ClientChain(List.of(TestCertificate.x509(root)), List.of(), TestKeys.KEYS)
                .without(abandoned)
                .path(PresentedCertificate.parse(leaf), List.of(others), TestCa.NOW);
    }

    /** The same certificate with n - s in place of s, which verifies as well: anybody can make it. Signed by the root. */
    private static Der twin(Der certificate) throws Exception {
        BigInteger order =
                ((ECPublicKey) TestKeys.of("P-384").getPublic()).getParams().getOrder();
        ASN1Sequence all = ASN1Sequence.getInstance(certificate.bytes());
        ASN1Sequence signature = ASN1Sequence.getInstance(
                ASN1BitString.getInstance(all.getObjectAt(2)).getOctets());
        BigInteger s = ASN1Integer.getInstance(signature.getObjectAt(1)).getValue();
        DERSequence other =
                new DERSequence(new ASN1Encodable[] {signature.getObjectAt(0), new ASN1Integer(order.subtract(s))});
        return Der.of(new DERSequence(new ASN1Encodable[] {
                    all.getObjectAt(0), all.getObjectAt(1), new DERBitString(other.getEncoded())
                })
                .getEncoded());
    }

    @Test
    void bytes_that_are_no_certificate_make_no_path() {
        assertThat(path(ROOT, client().by("Upper", "P-521"), UPPER, Der.of(new byte[] {0x30, 0})))
                .isEmpty();
    }
}
