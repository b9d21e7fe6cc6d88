package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.signer.TestPki;
import io.chancery.signer.admin.HsmModule;
import io.chancery.signer.admin.KeyAlgorithm;
import io.chancery.signer.admin.KeyMaker;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.TokenReport;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.softhsm.Pkcs11Shim;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a process tells of the token that it signs with. */
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class TokenReportIT {
    @Test
    void it_is_of_the_key_that_signs_and_leaves_it_signing(SoftHsmToken token) throws Exception {
        Pkcs11Uri uri = Pkcs11Uri.parse(token.uri("reported"));
        IssuerCertificate issuer;
        try (TokenSession session = TokenSession.open(uri, uri.pin())) {
            ManagedKey made = KeyMaker.generate(session, uri, KeyAlgorithm.EC_P256);
            issuer = IssuerCertificate.of(TestPki.selfSigned(made.publicKey(), made::sign));
            made.writeCertificate(issuer.certificate(), false);
        }
        assertThatThrownBy(() -> TokenReport.of(uri))
                .as("nobody is logged in, and no PIN is tried")
                .isInstanceOf(HsmException.class)
                .hasMessageContaining("no private key");

        try (Pkcs11Shim shim = Pkcs11Shim.around(token.modulePath());
                SigningKey key = SigningKeys.open(
                        shim.uri(token, "reported"), Optional.empty(), Optional.empty(), Optional.empty(), issuer, 2)) {
            shim.tellMaxSessions(7);
            TokenReport report = TokenReport.of(Pkcs11Uri.parse(shim.uri(token, "reported")));
            assertThat(report.token().slot().label()).isEqualTo(token.label());
            assertThat(report.token().maxSessions()).isEqualTo(7);
            assertThat(report.token().sessions()).as("SoftHSM does not tell").isEqualTo(-1);
            assertThat(report.key().text()).isEqualTo("made on the token, sensitive, not extractable");
            assertThat(report.mechanisms())
                    .filteredOn(mechanism -> mechanism.uses().contains("sign"))
                    .extracting(HsmModule.Mechanism::name)
                    .contains("CKM_ECDSA", "CKM_RSA_PKCS_PSS");
            assertThat(key.sign(io.chancery.core.der.Der.of(new byte[] {1}))).isNotNull();
        }
    }
}
