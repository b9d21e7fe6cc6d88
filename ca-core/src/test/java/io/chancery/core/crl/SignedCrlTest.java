package io.chancery.core.crl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.TestCa;
import io.chancery.core.TestKeys;
import io.chancery.core.der.Der;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Lists of revoked certificates as others read them. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SignedCrlTest {
    private static final BigInteger NUMBER = BigInteger.valueOf(1_795_669_698_646L);
    private static final PreparedCrl.Validity DAY =
            new PreparedCrl.Validity(TestCa.NOW, TestCa.NOW.plus(Duration.ofDays(1)));

    private static PreparedCrl prepared(CrlEntries entries) {
        return PreparedCrl.prepare(TestCa.ISSUER, NUMBER, DAY, entries, Optional.of("https://ca.example/1.0/crl"));
    }

    private static Der signature(Der tbs) {
        return Der.of(
                TestKeys.sign("SHA256withECDSA", TestKeys.of("P-256 issuer").getPrivate(), tbs.bytes()));
    }

    private static X509CRL read(PreparedCrl list) throws Exception {
        Der whole = SignedCrl.assemble(TestCa.ISSUER, list, signature(list.tbs()), TestKeys.KEYS);
        return (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(whole.bytes()));
    }

    @Test
    void the_jdk_reads_every_entry_and_verifies_the_signature() throws Exception {
        CrlEntries entries = new CrlEntries();
        Instant far = Instant.parse("2050-01-01T00:00:00Z");
        for (int reason = 0; reason <= 10; reason++) {
            entries.add(BigInteger.ONE.shiftLeft(12 * reason).add(BigInteger.valueOf(7)), TestCa.NOW, reason);
        }
        entries.add(BigInteger.ONE.shiftLeft(158), far, 1);
        X509CRL crl = read(prepared(entries));
        crl.verify(TestCa.ISSUER.certificate().getPublicKey(), TestKeys.BC);
        assertThat(crl.getRevokedCertificates()).hasSize(12);
        assertThat(crl.getThisUpdate().toInstant()).isEqualTo(DAY.thisUpdate());
        assertThat(crl.getNextUpdate().toInstant()).isEqualTo(DAY.nextUpdate());
        assertThat(crl.getCriticalExtensionOIDs()).containsExactly("2.5.29.28");
        X509CRLEntry plain = crl.getRevokedCertificate(BigInteger.valueOf(8));
        assertThat(plain.hasExtensions()).as("reason 0").isFalse();
        for (int reason : List.of(7, 8)) {
            BigInteger serial = BigInteger.ONE.shiftLeft(12 * reason).add(BigInteger.valueOf(7));
            assertThat(crl.getRevokedCertificate(serial).hasExtensions())
                    .as("a reason that takes it off, or none")
                    .isFalse();
        }
        X509CRLEntry last = crl.getRevokedCertificate(BigInteger.ONE.shiftLeft(158));
        assertThat(last.getRevocationDate().toInstant()).isEqualTo(far);
        assertThat(last.getRevocationReason()).isEqualTo(java.security.cert.CRLReason.KEY_COMPROMISE);
    }

    @Test
    void an_empty_list_has_no_entries_at_all() throws Exception {
        X509CRL crl = read(prepared(new CrlEntries()));
        assertThat(crl.getRevokedCertificates()).isNull();
    }

    @Test
    void what_was_written_is_read_back() {
        CrlEntries entries = new CrlEntries();
        for (int i = 1; i <= 1000; i++) {
            entries.add(BigInteger.valueOf(i * 7_919L), TestCa.NOW.plusSeconds(i), i % 11);
        }
        TbsCrl read = TbsCrl.parse(prepared(entries).tbs().bytes());
        assertThat(read.entries()).isEqualTo(1000);
        assertThat(read.number()).isEqualTo(NUMBER);
        assertThat(read.thisUpdate()).isEqualTo(DAY.thisUpdate());
        assertThat(read.nextUpdate()).isEqualTo(DAY.nextUpdate());
    }

    @Test
    void a_list_with_another_signature_number_or_time_than_planned_is_not_published() {
        PreparedCrl list = prepared(new CrlEntries());
        Der signature = signature(list.tbs());
        byte[] spoilt = signature.bytes();
        spoilt[spoilt.length - 1] ^= 1;
        refused(list, Der.of(spoilt), "signature");
        refused(
                new PreparedCrl(NUMBER.add(BigInteger.ONE), list.thisUpdate(), list.nextUpdate(), list.tbs()),
                signature,
                "number");
        refused(
                new PreparedCrl(NUMBER, list.thisUpdate(), list.nextUpdate().plusSeconds(1), list.tbs()),
                signature,
                "times");
        refused(
                new PreparedCrl(NUMBER, list.thisUpdate(), list.nextUpdate(), Der.of(new byte[] {0x30, 0})),
                signature,
                "DER");
    }

    private static void refused(PreparedCrl plan, Der signature, String word) {
        assertThatThrownBy(() -> SignedCrl.assemble(TestCa.ISSUER, plan, signature, TestKeys.KEYS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(word);
    }

    @Test
    void a_list_that_ends_before_it_begins_is_not_published() {
        PreparedCrl list = PreparedCrl.prepare(
                TestCa.ISSUER,
                NUMBER,
                new PreparedCrl.Validity(DAY.nextUpdate(), DAY.thisUpdate()),
                new CrlEntries(),
                Optional.empty());
        refused(list, signature(list.tbs()), "before it begins");
    }

    @Test
    void a_published_list_is_read_back_as_what_it_is() {
        CrlEntries entries = new CrlEntries();
        entries.add(BigInteger.TEN, TestCa.NOW, 1);
        PreparedCrl list = prepared(entries);
        byte[] whole = SignedCrl.assemble(TestCa.ISSUER, list, signature(list.tbs()), TestKeys.KEYS)
                .bytes();
        assertThat(SignedCrl.read(TestCa.ISSUER, whole, TestKeys.KEYS))
                .isEqualTo(new SignedCrl.Published(NUMBER, DAY.thisUpdate(), DAY.nextUpdate()));
    }

    @Test
    void a_published_list_of_which_any_octet_is_another_is_not_believed() {
        PreparedCrl list = prepared(new CrlEntries());
        byte[] whole = SignedCrl.assemble(TestCa.ISSUER, list, signature(list.tbs()), TestKeys.KEYS)
                .bytes();
        for (int at = 0; at < whole.length; at++) {
            byte[] spoilt = whole.clone();
            spoilt[at] ^= 1;
            assertThatThrownBy(() -> SignedCrl.read(TestCa.ISSUER, spoilt, TestKeys.KEYS))
                    .as("octet %d", at)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void where_a_list_says_that_it_is_had_is_read_from_it() {
        String url = "https://ca.example/1.0/crl";
        CrlEntries entries = new CrlEntries();
        entries.add(BigInteger.TEN, TestCa.NOW, 1);
        PreparedCrl with = prepared(entries);
        PreparedCrl without = PreparedCrl.prepare(TestCa.ISSUER, NUMBER, DAY, entries, Optional.empty());
        byte[] list = SignedCrl.assemble(TestCa.ISSUER, with, signature(with.tbs()), TestKeys.KEYS)
                .bytes();
        assertThat(SignedCrl.isHadAt(list, Optional.of(url))).isTrue();
        assertThat(SignedCrl.isHadAt(list, Optional.of(url + "/"))).isFalse();
        assertThat(SignedCrl.isHadAt(list, Optional.empty())).isFalse();
        byte[] silent = SignedCrl.assemble(TestCa.ISSUER, without, signature(without.tbs()), TestKeys.KEYS)
                .bytes();
        assertThat(SignedCrl.isHadAt(silent, Optional.empty())).isTrue();
        assertThat(SignedCrl.isHadAt(silent, Optional.of(url))).isFalse();
        assertThatThrownBy(() -> SignedCrl.isHadAt(new byte[] {1, 2}, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
