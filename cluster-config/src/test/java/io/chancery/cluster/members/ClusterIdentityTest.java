package io.chancery.cluster.members;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.ca.ClusterCa;
import io.chancery.core.der.Sha256;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ClusterIdentityTest {
    private static final Sha256 ROOTS = Sha256.digest(new byte[] {1});
    private static final Sha256 OLD = Sha256.digest(new byte[] {2});
    private static final Sha256 NEW = Sha256.digest(new byte[] {3});

    private static ClusterIdentity signedBy(Sha256 issuer, Sha256... trusted) {
        return new ClusterIdentity(ROOTS, issuer, Set.of(trusted));
    }

    private static void belong(ClusterIdentity one, ClusterIdentity other) {
        assertThat(one.differsFrom(other)).isEmpty();
        assertThat(other.differsFrom(one)).isEmpty();
    }

    @Test
    void a_cluster_ca_takes_the_place_of_another_node_by_node() {
        ClusterIdentity before = signedBy(OLD, OLD);
        ClusterIdentity knowsBoth = signedBy(OLD, OLD, NEW);
        ClusterIdentity changed = signedBy(NEW, OLD, NEW);
        ClusterIdentity after = signedBy(NEW, NEW);
        belong(before, knowsBoth);
        belong(knowsBoth, changed);
        belong(changed, after);
    }

    @Test
    void nodes_that_could_not_speak_on_the_bus_do_not_belong_together_and_it_says_who_lacks_what() {
        ClusterIdentity before = signedBy(OLD, OLD);
        ClusterIdentity changed = signedBy(NEW, OLD, NEW);
        assertThat(changed.differsFrom(before)).get().asString().contains("it does not know the cluster CA");
        assertThat(before.differsFrom(changed)).get().asString().contains("this node does not know the cluster CA");
        assertThat(before.differsFrom(signedBy(NEW, NEW))).isPresent();
    }

    private static X509Certificate root() throws Exception {
        String pem = ClusterCa.create("test", Instant.now(), new SecureRandom()).certificatePem();
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void roots_are_the_same_in_any_order_and_each_of_them_counts() throws Exception {
        X509Certificate one = root();
        X509Certificate other = root();
        Sha256 both = ClusterIdentity.rootsHash(List.of(one, other));
        assertThat(ClusterIdentity.rootsHash(List.of(other, one, other))).isEqualTo(both);
        assertThat(Set.of(both, ClusterIdentity.rootsHash(List.of(one)), ClusterIdentity.rootsHash(List.of(other))))
                .hasSize(3);
    }

    @Test
    void other_roots_do_not_belong_together() {
        ClusterIdentity other = new ClusterIdentity(Sha256.digest(), OLD, Set.of(OLD));
        assertThat(signedBy(OLD, OLD).differsFrom(other)).get().asString().contains("ca.json#/root");
    }
}
