package io.chancery.signer.key;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.signer.TestPki;
import io.chancery.signer.hsm.HsmKeyFactory;
import io.chancery.signer.hsm.HsmKeyFactory.KeySpec;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.softhsm.SoftHsmToken;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** Makes issuers on a token, as the quick start does. */
public final class TokenFixture {
    private TokenFixture() {}

    public static IssuerCertificate issuer(SoftHsmToken token, String label, KeySpec spec) {
        HsmKeyFactory.NewKey key = HsmKeyFactory.generate(Pkcs11Uri.parse(token.uri(label)), Optional.empty(), spec);
        X509Certificate certificate = TestPki.selfSigned(key.publicKey(), key::sign);
        key.store(List.of(certificate));
        return IssuerCertificate.of(certificate);
    }

    public static SigningKey open(String uri, IssuerCertificate issuer) {
        return SigningKeys.open(uri, Optional.empty(), Optional.empty(), Optional.empty(), issuer, 4);
    }
}
