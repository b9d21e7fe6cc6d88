package io.chancery.node.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.certificate.SignedCertificate;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.chancery.node.issuance.IssuanceFixture;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** A certificate goes out with the chain of the issuer that signed it, whichever signs now. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class IssuedChainsTest {
    private static final PublicKeys KEYS = new PublicKeys(new BouncyCastleProvider());

    private static Der leaf(IssuanceFixture ca) {
        Der tbs = ca.certificate().tbs();
        return SignedCertificate.assemble(ca.issuer(), tbs, ca.sign(tbs), KEYS).orElseThrow();
    }

    private static String chain(Issuers issuers, Der leaf) {
        return new IssuedChains(issuers)
                .of(Certificate.getInstance(leaf.bytes()))
                .get(0);
    }

    @Test
    void each_certificate_has_its_own_issuer_s_chain() throws Exception {
        IssuanceFixture former = IssuanceFixture.create("Former CA");
        IssuanceFixture next = IssuanceFixture.create("Next CA");
        Issuers issuers = former.afterIt(next);
        assertThat(chain(issuers, leaf(former)))
                .isEqualTo(CertificateText.pem(former.issuer().certificate()));
        assertThat(chain(issuers, leaf(next)))
                .isEqualTo(CertificateText.pem(next.issuer().certificate()));
    }

    @Test
    void behind_a_certificate_stands_all_that_its_issuer_s_file_has_in_that_order_and_nothing_else() throws Exception {
        IssuanceFixture ca = IssuanceFixture.create("CA");
        X509Certificate own = ca.issuer().certificate();
        X509Certificate upper = IssuanceFixture.create("Upper CA").issuer().certificate();
        X509Certificate root = IssuanceFixture.create("Root").issuer().certificate();
        Issuer standing = ca.issuers().standing();
        for (List<X509Certificate> file : List.of(List.of(own, upper), List.of(own, upper, root))) {
            Issuer issuer = new Issuer(
                    standing.name(),
                    standing.certificate(),
                    file,
                    standing.constraints(),
                    standing.listUrl(),
                    standing.rule());
            assertThat(new IssuedChains(Issuers.of(List.of(), issuer, key -> true))
                            .of(Certificate.getInstance(leaf(ca).bytes())))
                    .isEqualTo(file.stream().map(CertificateText::pem).toList());
        }
    }

    @Test
    void one_whose_issuer_is_not_known_here_is_not_answered_with_another_chain() throws Exception {
        Der leaf = leaf(IssuanceFixture.create("Next CA"));
        Issuers issuers = IssuanceFixture.create("Former CA").issuers();
        assertThatThrownBy(() -> chain(issuers, leaf))
                .isInstanceOfSatisfying(
                        CaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SIGNER_UNAVAILABLE));
    }

    @Test
    void the_texts_are_made_once_for_all_certificates_of_an_issuer() throws Exception {
        IssuanceFixture ca = IssuanceFixture.create("CA");
        IssuedChains chains = new IssuedChains(ca.issuers());
        List<String> first = chains.of(Certificate.getInstance(leaf(ca).bytes()));
        assertThat(chains.of(Certificate.getInstance(leaf(ca).bytes()))).isSameAs(first);
    }
}
