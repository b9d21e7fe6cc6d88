package io.chancery.signer.key;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.secret.Secret;
import io.chancery.signer.TestPki;
import io.chancery.signer.admin.KeyAlgorithm;
import io.chancery.signer.admin.KeyMaker;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.softhsm.SoftHsmToken;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Optional;

/** Makes issuers on a token, as the quick start does. */
public final class TokenFixture {
    private TokenFixture() {}

    public static IssuerCertificate issuer(SoftHsmToken token, String label, KeyAlgorithm algorithm) {
        return issuer(token.uri(label), algorithm);
    }

    /**
     * Under a CKA_ID of its label's octets.
     *
     * @param uri with the PIN, and the new key's label
     */
    public static IssuerCertificate issuer(String uri, KeyAlgorithm algorithm) {
        Pkcs11Uri named = Pkcs11Uri.parse(uri);
        byte[] label = named.object().orElseThrow().getBytes(StandardCharsets.UTF_8);
        Pkcs11Uri parsed = Pkcs11Uri.parse("pkcs11:id=" + HexFormat.of().formatHex(label) + ";object="
                        + Pkcs11Uri.encoded(named.object().orElseThrow()))
                .withDefaults(named);
        try (Secret pin = parsed.pin().orElseThrow();
                TokenSession session = TokenSession.open(parsed, Optional.of(pin))) {
            ManagedKey key = KeyMaker.generate(session, parsed, algorithm);
            X509Certificate certificate = TestPki.selfSigned(key.publicKey(), key::sign);
            key.writeCertificate(certificate, false);
            return IssuerCertificate.of(certificate);
        }
    }

    public static SigningKey open(String uri, IssuerCertificate issuer) {
        return SigningKeys.open(uri, Optional.empty(), Optional.empty(), Optional.empty(), issuer, 4);
    }
}
