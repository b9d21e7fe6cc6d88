package io.chancery.signer.hsm;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.secret.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Signature;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import sun.security.pkcs11.wrapper.CK_ATTRIBUTE;

/** A private key on a token, found and ready, bound to one login. Safe for any number of threads. */
public final class TokenKey {
    private final Cryptoki cryptoki;
    private final Provider provider;
    private final PrivateKey key;
    private final long slot;
    private final boolean pinTried;
    private final AtomicBoolean left = new AtomicBoolean();
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger mostUnderWay = new AtomicInteger();

    private TokenKey(TokenLogin login, PrivateKey key) {
        this.cryptoki = login.cryptoki();
        this.provider = login.provider();
        this.slot = login.slot().id();
        this.pinTried = login.pinTried();
        this.key = key;
    }

    /** Whether its login has shown that the PIN is right; not so where this process was logged in before. */
    public boolean pinTried() {
        return pinTried;
    }

    /**
     * Opens a new provider instance, logs in and finds the key. Blocks.
     *
     * @throws HsmException LOST when library, token or session is not there; PIN_REFUSED; MISCONFIGURED
     */
    public static TokenKey open(Pkcs11Uri uri, Optional<Secret> kmsPin) {
        return find(TokenLogin.open(uri, kmsPin), uri, () -> {});
    }

    /**
     * The key, by a login of its own that is given up when the key is not found.
     *
     * @param missing run when the key has no certificate; it may write one
     */
    static TokenKey find(TokenLogin login, Pkcs11Uri uri, Runnable missing) {
        try {
            return found(login, uri, missing);
        } catch (RuntimeException e) {
            login.cryptoki().leave(login.provider());
            login.cryptoki().closeLeft();
            throw e;
        }
    }

    private static TokenKey found(TokenLogin login, Pkcs11Uri uri, Runnable missing) {
        byte[] id = keyId(login, uri);
        List<byte[]> certificates = login.cryptoki().certificates(login.slot().id(), id);
        boolean without = certificates.isEmpty();
        if (without) {
            missing.run();
            certificates = login.cryptoki().certificates(login.slot().id(), id);
        }
        if (certificates.isEmpty()) {
            throw HsmException.misconfigured("the key of " + uri + " is on the token, but no certificate with the same"
                    + " CKA_ID (" + Cryptoki.hex(id) + "), and Java shows a key only beside its certificate; write the"
                    + " issuer's certificate: chancery hsm import-cert --config ca.json CRT_FILE");
        }
        if (without) {
            login.reload();
        }
        return new TokenKey(login, privateKey(login, uri, certificates));
    }

    /** It is of no more use: {@link Cryptoki#closeLeft} closes its sessions. Calls under way end as they would. Never waits. */
    void leave() {
        if (!left.getAndSet(true)) {
            cryptoki.leave(provider);
        }
    }

    /** Whether its token answers, and its sessions are there, as far as that shows without a signature. Blocks; HsmException LOST. */
    void look(boolean sessions) {
        cryptoki.look(slot, sessions ? Optional.of(provider) : Optional.empty());
    }

    private static byte[] keyId(TokenLogin login, Pkcs11Uri uri) {
        List<CK_ATTRIBUTE> wanted = new ArrayList<>();
        uri.object().ifPresent(label -> wanted.add(Cryptoki.label(label.getBytes(StandardCharsets.UTF_8))));
        uri.id().ifPresent(id -> wanted.add(Cryptoki.id(id.bytes())));
        if (wanted.isEmpty()) {
            throw HsmException.misconfigured("pkcs11 URI: a key is named by object, id or both: " + uri);
        }
        List<byte[]> ids = login.cryptoki().privateKeyIds(login.slot().id(), wanted);
        if (ids.isEmpty()) {
            throw HsmException.misconfigured(
                    "no private key fits " + uri + " on token " + login.slot().label());
        }
        if (ids.size() > 1) {
            throw HsmException.misconfigured(ids.size() + " private keys fit " + uri + "; name it by object and id");
        }
        return ids.get(0);
    }

    /** By the certificate itself: its label may be another one than the key's, and aliases of equal labels differ. */
    private static PrivateKey privateKey(TokenLogin login, Pkcs11Uri uri, List<byte[]> certificates) {
        KeyStore keyStore = login.keyStore();
        try {
            for (String alias : Collections.list(keyStore.aliases())) {
                Certificate certificate = keyStore.getCertificate(alias);
                if (certificate != null && keyStore.isKeyEntry(alias) && contains(certificates, certificate)) {
                    Key key = keyStore.getKey(alias, null);
                    if (key instanceof PrivateKey found) {
                        return found;
                    }
                }
            }
        } catch (GeneralSecurityException | RuntimeException e) {
            throw HsmException.of("the key of " + uri + " cannot be read", e);
        }
        throw HsmException.misconfigured("the key of " + uri + " cannot be used: Java does not show it");
    }

    private static boolean contains(List<byte[]> encodings, Certificate certificate) throws GeneralSecurityException {
        byte[] encoded = certificate.getEncoded();
        return encodings.stream().anyMatch(one -> Arrays.equals(one, encoded));
    }

    /**
     * One signature, in one go: a SunPKCS11 operation that is begun and left may cost a signature of its own. Blocks.
     *
     * @throws HsmException LOST; this key is then of no more use. MISCONFIGURED when the token is there and has no
     *     mechanism for it
     */
    public Der sign(SignatureScheme scheme, byte[] message) {
        int unused = mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
        try {
            Signature signature = scheme.check().begin(provider);
            signature.initSign(key);
            signature.update(message);
            return Der.of(signature.sign());
        } catch (GeneralSecurityException | RuntimeException e) {
            if (e instanceof NoSuchAlgorithmException
                    && isWithout(provider, scheme.check().jcaName())) {
                refuse(scheme);
            }
            if (mostUnderWay.get() > ProviderSessions.KEPT) {
                cryptoki.forget(); // SunPKCS11 tried to close one of them just now, and may have failed
            }
            throw HsmException.of("the token did not sign", e);
        } finally {
            unused = underWay.decrementAndGet();
        }
    }

    /** HsmException MISCONFIGURED, or LOST where the token is gone; none where the key was given up in this moment. */
    private void refuse(SignatureScheme scheme) {
        cryptoki.look(slot, Optional.empty());
        if (!left.get()) {
            throw HsmException.misconfigured("the token does not sign with " + scheme.text()
                    + "; chancery hsm modules --mechanisms lists what it can");
        }
    }

    /**
     * Whether the instance has its token, and found no mechanism for the signature when it was made. One whose token was
     * removed, or that was logged out, offers nothing any more, its key store neither.
     */
    static boolean isWithout(Provider provider, String signature) {
        return provider.getService("KeyStore", "PKCS11") != null && provider.getService("Signature", signature) == null;
    }
}
