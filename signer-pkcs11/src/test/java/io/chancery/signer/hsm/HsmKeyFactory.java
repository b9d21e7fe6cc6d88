package io.chancery.signer.hsm;

import io.chancery.core.certificate.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.secret.Secret;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.List;
import java.util.Optional;

/**
 * Makes issuer keys that never leave a token. Blocks; for a ceremony or a first start, while nobody else uses the
 * token: SoftHSM 2.6 does not bear key generation beside other work.
 */
public final class HsmKeyFactory {
    private HsmKeyFactory() {}

    /** What key to make. */
    public enum KeySpec {
        EC_P256,
        EC_P384,
        RSA_3072
    }

    /**
     * Makes a key pair on the token of the URI, which names token, PIN and, as {@code object}, the label. The key lives
     * until this process ends, unless {@link NewKey#store} keeps it: a ceremony that breaks off leaves nothing behind.
     *
     * @throws HsmException of any kind; MISCONFIGURED when the label is taken
     */
    public static NewKey generate(Pkcs11Uri uri, Optional<Secret> pin, KeySpec spec) {
        String label = uri.object()
                .orElseThrow(() -> HsmException.misconfigured("pkcs11 URI: object is needed, the new key's label"));
        TokenLogin login = TokenLogin.openToGenerate(uri, pin, label);
        try {
            if (login.keyStore().containsAlias(label)) {
                throw HsmException.misconfigured("the token " + login.slot().label() + " has a key " + label);
            }
            return new NewKey(login, label, generator(login, spec).generateKeyPair());
        } catch (GeneralSecurityException | RuntimeException e) {
            if (e instanceof HsmException known) {
                throw known;
            }
            throw HsmException.of("the token " + login.slot().label() + " did not make a key", e);
        }
    }

    private static KeyPairGenerator generator(TokenLogin login, KeySpec spec) throws GeneralSecurityException {
        boolean rsa = spec == KeySpec.RSA_3072;
        KeyPairGenerator generator = KeyPairGenerator.getInstance(rsa ? "RSA" : "EC", login.provider());
        generator.initialize(
                rsa
                        ? new RSAKeyGenParameterSpec(3072, RSAKeyGenParameterSpec.F4)
                        : new ECGenParameterSpec(spec == KeySpec.EC_P256 ? "secp256r1" : "secp384r1"));
        return generator;
    }

    /** A key pair on a token that is not kept yet. */
    public static final class NewKey {
        private final TokenLogin login;
        private final String label;
        private final KeyPair pair;

        private NewKey(TokenLogin login, String label, KeyPair pair) {
            this.login = login;
            this.label = label;
            this.pair = pair;
        }

        public PublicKey publicKey() {
            return pair.getPublic();
        }

        /** Signs with the key's default scheme, as for a self-signed certificate or a request. Blocks. */
        public Der sign(Der tbs) {
            return new TokenKey(login.provider(), pair.getPrivate())
                    .sign(SignatureScheme.defaultFor(pair.getPublic()), tbs.bytes());
        }

        /**
         * Keeps the key on the token under its label, with its certificate beside it under the same CKA_ID: without one
         * Java would not show the key. Blocks.
         *
         * @param chain the key's own certificate first; IllegalArgumentException when it is another key's
         */
        public void store(List<X509Certificate> chain) {
            if (chain.isEmpty()
                    || !java.util.Arrays.equals(
                            chain.get(0).getPublicKey().getEncoded(),
                            pair.getPublic().getEncoded())) {
                throw new IllegalArgumentException("the first certificate of the chain is not this key's");
            }
            try {
                login.keyStore()
                        .setKeyEntry(
                                label,
                                pair.getPrivate(),
                                null,
                                chain.subList(0, 1).toArray(X509Certificate[]::new));
            } catch (GeneralSecurityException | RuntimeException e) {
                throw HsmException.of("the token did not keep the key " + label, e);
            }
        }
    }
}
