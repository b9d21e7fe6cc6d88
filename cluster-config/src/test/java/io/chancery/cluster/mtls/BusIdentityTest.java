package io.chancery.cluster.mtls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cluster.ca.ClusterCa;
import io.chancery.core.der.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that other nodes would not believe are refused before anybody relies on them. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class BusIdentityTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    @TempDir
    private Path folder;

    private BusFiles files;
    private ClusterCa ca;
    private ClusterCa.NodeIdentity node;

    @BeforeEach
    void write() throws Exception {
        files = new BusFiles(folder);
        ca = ClusterCa.create("test", NOW, new SecureRandom());
        node = ca.issue("n1", "10.0.0.1");
        files.certificate(node);
        files.key(node);
        files.authorities(ca);
    }

    private void isRefused(String file) {
        assertThatThrownBy(() -> BusIdentity.read(files.cluster()))
                .isInstanceOf(BusFilesException.class)
                .hasMessageContaining(file)
                .hasMessageNotContaining("PRIVATE");
    }

    @Test
    void three_files_that_fit_are_one_identity_that_no_text_shows() throws Exception {
        BusIdentity identity = BusIdentity.read(files.cluster());
        assertThat(identity.certificate().getSubjectX500Principal().getName()).isEqualTo("CN=n1");
        assertThat(identity.authorities()).hasSize(1);
        assertThat(identity.toString()).isEqualTo("BusIdentity[CN=n1]");
    }

    @Test
    void a_node_believes_what_either_of_two_authorities_has_signed_and_nothing_else() throws Exception {
        ClusterCa next = ClusterCa.create("test", NOW, new SecureRandom());
        BusIdentity before = BusIdentity.read(files.cluster());
        files.authorities(ca, next);
        BusIdentity both = BusIdentity.read(files.cluster());
        ClusterCa.NodeIdentity renewed = next.issue("n1", "10.0.0.1");
        files.certificate(renewed);
        files.key(renewed);
        BusIdentity after = BusIdentity.read(files.cluster());
        assertThat(both.believes(before.certificate())).isTrue();
        assertThat(both.believes(after.certificate())).isTrue();
        assertThat(before.believes(after.certificate())).isFalse();
    }

    @Test
    void what_people_write_above_the_blocks_may_be_of_any_encoding() throws Exception {
        ClusterCa.NodeIdentity noted = new ClusterCa.NodeIdentity(
                "# für Knoten n1, gültig bis März\n" + node.certificatePem(), "# Schlüssel\n" + node.keyPem());
        files.certificate(noted);
        files.key(noted);
        Path authorities = files.cluster().ca();
        byte[] pem = Files.readAllBytes(authorities);
        byte[] note = "# Zürich\n".getBytes(StandardCharsets.ISO_8859_1);
        Files.write(authorities, note);
        Files.write(authorities, pem, java.nio.file.StandardOpenOption.APPEND);
        BusIdentity identity = BusIdentity.read(files.cluster());
        assertThat(identity.certificate().getSubjectX500Principal().getName()).isEqualTo("CN=n1");
        assertThat(identity.authorities()).hasSize(1);

        Sha256 before = identity.hash();
        files.certificate(new ClusterCa.NodeIdentity("# fär Knoten n1\n" + node.certificatePem(), node.keyPem()));
        assertThat(BusIdentity.read(files.cluster()).hash())
                .as("a change beside the blocks is one too")
                .isNotEqualTo(before);
    }

    @Test
    void a_cluster_may_have_a_name_that_is_longer_than_a_certificate_s() throws Exception {
        ClusterCa longer = ClusterCa.create("ä".repeat(100), NOW, new SecureRandom());
        ClusterCa.NodeIdentity below = longer.issue("n1", "10.0.0.1");
        files.certificate(below);
        files.key(below);
        files.authorities(longer);
        assertThat(BusIdentity.read(files.cluster())
                        .authorities()
                        .get(0)
                        .getSubjectX500Principal()
                        .getName())
                .isEqualTo("CN=Chancery bus of " + "ä".repeat(48));
    }

    @Test
    void any_change_of_a_file_is_a_change() throws Exception {
        BusIdentity first = BusIdentity.read(files.cluster());
        assertThat(BusIdentity.read(files.cluster()).hash()).isEqualTo(first.hash());
        files.authorities(ca, ClusterCa.create("test", NOW, new SecureRandom()));
        assertThat(BusIdentity.read(files.cluster()).hash()).isNotEqualTo(first.hash());
    }

    @Test
    void a_key_of_another_certificate_is_refused() throws Exception {
        files.key(ca.issue("n1", "10.0.0.1"));
        isRefused("bus.key");
    }

    @Test
    void a_certificate_that_its_own_authorities_have_not_signed_is_refused() throws Exception {
        files.authorities(ClusterCa.create("test", NOW, new SecureRandom()));
        isRefused("cluster-ca.crt");
    }

    @Test
    void a_file_that_is_missing_empty_or_cut_off_is_refused() throws Exception {
        Files.writeString(
                folder.resolve("bus.crt"), node.certificatePem().substring(0, 200), StandardCharsets.US_ASCII);
        isRefused("the bus certificate");
        files.certificate(node);
        Files.writeString(folder.resolve("cluster-ca.crt"), "", StandardCharsets.US_ASCII);
        isRefused("the cluster CA");
        Files.delete(folder.resolve("bus.key"));
        isRefused("bus.key");
    }
}
