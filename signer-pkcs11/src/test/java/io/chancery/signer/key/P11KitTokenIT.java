package io.chancery.signer.key;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.signer.admin.KeyAlgorithm;
import io.chancery.softhsm.P11KitServer;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/** The same signing key, reached over a connection: SoftHSM behind p11-kit. */
@ExtendWith(SoftHsmExtension.class)
@SuppressWarnings("NullAway.Init")
class P11KitTokenIT extends SigningKeyContract {
    private static P11KitServer server;
    private static IssuerCertificate issuer;
    private static String uri;

    @BeforeAll
    static void start(SoftHsmToken token) throws Exception {
        issuer = TokenFixture.issuer(token, "ca", KeyAlgorithm.EC_P384);
        server = P11KitServer.start(token, token.modulePath(), System.getenv("P11_KIT_SERVER_ADDRESS"));
        uri = P11KitServer.uri(token, "ca");
    }

    @AfterAll
    static void end() throws Exception {
        server.close();
    }

    @Override
    SigningKey open() {
        return TokenFixture.open(uri, issuer);
    }

    @Override
    IssuerCertificate issuer() {
        return issuer;
    }
}
