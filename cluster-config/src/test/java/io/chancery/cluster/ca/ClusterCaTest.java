package io.chancery.cluster.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class ClusterCaTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    private ClusterCa ca;
    private X509Certificate authority;

    @BeforeEach
    void create() throws Exception {
        ca = ClusterCa.create("test", NOW, new SecureRandom());
        authority = certificate(ca.certificatePem());
    }

    private static X509Certificate certificate(String pem) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void the_authority_vouches_for_nodes_and_for_no_further_authority() throws Exception {
        assertThat(authority.getBasicConstraints()).isZero();
        authority.verify(authority.getPublicKey());
        assertThat(authority.getNotAfter().toInstant()).isEqualTo(NOW.plus(Duration.ofDays(3650)));
    }

    @Test
    void a_nodes_certificate_is_good_for_both_ends_of_a_connection_and_names_node_and_host() throws Exception {
        X509Certificate node = certificate(ca.issue("n1", "10.0.0.1").certificatePem());
        node.verify(authority.getPublicKey());
        assertThat(node.getExtendedKeyUsage()).containsExactlyInAnyOrder("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
        assertThat(node.getSubjectAlternativeNames().stream().map(name -> String.valueOf(name.get(1))))
                .containsExactly("n1", "10.0.0.1");
        assertThat(node.getNotAfter().toInstant()).isEqualTo(NOW.plus(Duration.ofDays(365)));
        assertThat(node.getBasicConstraints()).isEqualTo(-1);
    }

    @Test
    void every_node_has_a_key_of_its_own_that_no_text_shows() throws Exception {
        ClusterCa.NodeIdentity one = ca.issue("n1", "10.0.0.1");
        ClusterCa.NodeIdentity other = ca.issue("n2", "10.0.0.2");
        assertThat(one.keyPem()).startsWith("-----BEGIN PRIVATE KEY-----").isNotEqualTo(other.keyPem());
        assertThat(one.toString()).doesNotContain("PRIVATE");
    }

    @Test
    void one_that_was_kept_in_files_goes_on_as_the_same_authority() throws Exception {
        ClusterCa again = ClusterCa.of(ca.certificatePem(), ca.keyPem(), NOW, new SecureRandom());
        String node = again.issue("n1", "10.0.0.1").certificatePem();
        assertThat(ca.issued(node)).isTrue();
        ClusterCa other = ClusterCa.create("test", NOW, new SecureRandom());
        assertThat(other.issued(node)).isFalse();
        assertThat(ca.issued("no certificate")).isFalse();
    }

    @Test
    void in_the_authoritys_last_year_a_nodes_certificate_ends_with_it() throws Exception {
        Instant end = authority.getNotAfter().toInstant();
        ClusterCa late = ClusterCa.of(ca.certificatePem(), ca.keyPem(), end.minusSeconds(60), new SecureRandom());
        X509Certificate node = certificate(late.issue("n1", "10.0.0.1").certificatePem());
        assertThat(node.getNotAfter().toInstant()).isEqualTo(end).isEqualTo(late.issuedEnds());
        assertThat(late.endsBeforeItsNodes()).isTrue();
        assertThat(ca.endsBeforeItsNodes()).isFalse();
        ClusterCa over = ClusterCa.of(ca.certificatePem(), ca.keyPem(), end, new SecureRandom());
        assertThatThrownBy(() -> over.issue("n1", "10.0.0.1"))
                .isInstanceOf(GeneralSecurityException.class)
                .hasMessageContaining(end.toString());
    }

    @Test
    void a_key_that_is_another_authoritys_is_refused() throws Exception {
        ClusterCa other = ClusterCa.create("test", NOW, new SecureRandom());
        assertThatThrownBy(() -> ClusterCa.of(ca.certificatePem(), other.keyPem(), NOW, new SecureRandom()))
                .isInstanceOf(GeneralSecurityException.class);
    }

    @Test
    void a_node_whose_clock_is_an_hour_behind_believes_what_was_made_now() throws Exception {
        Date behind = Date.from(NOW.minus(Duration.ofHours(1)));
        authority.checkValidity(behind);
        certificate(ca.issue("n1", "10.0.0.1").certificatePem()).checkValidity(behind);
    }
}
