package io.chancery.node.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cluster.mtls.GenuineTrust;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.chain.AbandonedIssuers;
import io.chancery.node.TestCertificates;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What TLS makes of the certificates that a stranger shows. */
@ExtendWith(VertxExtension.class)
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class GenuineTrustTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private KeyPair root;
    private KeyPair intermediate;
    private X509ExtendedTrustManager trust;

    @BeforeEach
    void oneRoot(Vertx vertx) throws Exception {
        root = TestCertificates.newKey();
        intermediate = TestCertificates.newKey();
        trust = (X509ExtendedTrustManager) GenuineTrust.options(List.of(ca("Root", "Root", root, root)))
                .getTrustManagerFactory(vertx)
                .getTrustManagers()[0];
    }

    private static X509Certificate ca(String name, String issuer, KeyPair key, KeyPair by) throws Exception {
        return certificate(name, issuer, key, by, true);
    }

    /** No two are alike. */
    private static X509Certificate certificate(String name, String issuer, KeyPair key, KeyPair by, boolean ca)
            throws Exception {
        return TestCertificates.certificate(
                name, key, "CN=" + issuer, by, ca, "x" + NUMBERS.incrementAndGet() + ".example");
    }

    private void judge(List<X509Certificate> chain) throws CertificateException {
        trust.checkClientTrusted(chain.toArray(X509Certificate[]::new), "EC");
    }

    @Test
    void certificates_that_name_each_other_are_refused_at_once() throws Exception {
        KeyPair forger = TestCertificates.newKey();
        List<X509Certificate> chain = new ArrayList<>(List.of(certificate("leaf", "X", forger, forger, false)));
        for (int i = 0; i < 30; i++) {
            chain.add(ca("X", "X", forger, forger));
        }
        long began = System.nanoTime();
        assertThatThrownBy(() -> judge(chain)).isInstanceOf(CertificateException.class);
        assertThat(System.nanoTime() - began).isLessThan(TimeUnit.SECONDS.toNanos(5));
    }

    @Test
    void forged_certificates_under_a_trusted_name_lead_nowhere() throws Exception {
        KeyPair forger = TestCertificates.newKey();
        List<X509Certificate> chain = new ArrayList<>(List.of(certificate("leaf", "Root", forger, forger, false)));
        for (int i = 0; i < 30; i++) {
            chain.add(ca("Root", "Root", forger, forger));
        }
        assertThatThrownBy(() -> judge(chain)).isInstanceOf(CertificateException.class);
    }

    @Test
    void a_chain_to_the_root_is_good_with_the_root_and_others_in_it_or_not() throws Exception {
        X509Certificate leaf = certificate("leaf", "Intermediate", TestCertificates.newKey(), intermediate, false);
        X509Certificate above = ca("Intermediate", "Root", intermediate, root);
        X509Certificate foreign = ca("Foreign", "Foreign", TestCertificates.newKey(), intermediate);
        for (List<X509Certificate> chain : List.of(
                List.of(leaf, above),
                List.of(leaf, above, ca("Root", "Root", root, root)),
                List.of(leaf, foreign, above),
                List.of(leaf, above, foreign))) {
            assertThatCode(() -> judge(chain)).doesNotThrowAnyException();
        }
        assertThatThrownBy(() -> judge(List.of(leaf))).isInstanceOf(CertificateException.class);
    }

    @Test
    void a_chain_over_an_issuer_that_was_given_up_is_refused_whichever_of_its_certificates_is_in_it(Vertx vertx)
            throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("root", ca("Root", "Root", root, root));
        TrustManagerFactory judges = TrustManagerFactory.getInstance("PKIX");
        judges.init(store);
        AbandonedIssuers given = new AbandonedIssuers(Set.of(KeyId.of(intermediate.getPublic())), Set.of());
        X509ExtendedTrustManager without = (X509ExtendedTrustManager) GenuineTrust.options(judges, given)
                .getTrustManagerFactory(vertx)
                .getTrustManagers()[0];
        X509Certificate leaf = certificate("leaf", "Intermediate", TestCertificates.newKey(), intermediate, false);
        X509Certificate one = ca("Intermediate", "Root", intermediate, root);
        X509Certificate another = ca("Intermediate", "Root", intermediate, root);
        for (List<X509Certificate> chain : List.of(List.of(leaf, one), List.of(leaf, another), List.of(one))) {
            X509Certificate[] sent = chain.toArray(X509Certificate[]::new);
            assertThatThrownBy(() -> without.checkServerTrusted(sent, "UNKNOWN"))
                    .isInstanceOf(CertificateException.class);
        }
        X509Certificate[] other = {certificate("leaf", "Root", TestCertificates.newKey(), root, false)};
        assertThatCode(() -> without.checkServerTrusted(other, "UNKNOWN")).doesNotThrowAnyException();
    }
}
