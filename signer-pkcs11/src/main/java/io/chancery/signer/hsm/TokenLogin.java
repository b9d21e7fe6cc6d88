package io.chancery.signer.hsm;

import io.chancery.core.secret.Secret;
import java.io.IOException;
import java.security.AuthProvider;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.LoginException;

/**
 * One SunPKCS11 instance, logged in to one token. Never registered with the platform. An instance does not recover
 * from a lost session, whatever one calls on it: it is thrown away and another one opened.
 */
final class TokenLogin {
    private static final AtomicLong INSTANCES = new AtomicLong();
    private final Cryptoki cryptoki;
    private final TokenSlot slot;
    private final Provider provider;
    private final KeyStore keyStore;
    private final boolean pinTried;

    private TokenLogin(Cryptoki cryptoki, TokenSlot slot, Provider provider, KeyStore keyStore, boolean pinTried) {
        this.cryptoki = cryptoki;
        this.slot = slot;
        this.provider = provider;
        this.keyStore = keyStore;
        this.pinTried = pinTried;
    }

    /** Blocks. HsmException of any kind; one PIN_REFUSED must not be followed by another try with the same PIN. */
    static TokenLogin open(Pkcs11Uri uri, Optional<Secret> kmsPin) {
        String path = LibraryFile.path(uri.modulePath());
        Cryptoki cryptoki = Cryptoki.open(path);
        TokenSlot slot = cryptoki.token(uri);
        Optional<Secret> read = uri.pin();
        try {
            return open(path, cryptoki, slot, read.or(() -> kmsPin));
        } finally {
            read.ifPresent(Secret::close); // kms.pin is its owner's to close
        }
    }

    /** To a slot that has just been chosen. Blocks. */
    static TokenLogin open(String path, Cryptoki cryptoki, TokenSlot slot, Optional<Secret> pin) {
        slot.refuseWhenPinIsAtStake();
        if (slot.needsPin() && pin.filter(Secret::isEmpty).isPresent()) {
            throw HsmException.misconfigured("the PIN of token " + slot.label()
                    + " is empty, and was not tried; write it where pin-source points");
        }
        String name = "chancery-" + INSTANCES.incrementAndGet();
        Optional<Provider> made = Optional.empty();
        AtomicBoolean asked = new AtomicBoolean();
        try {
            Provider provider = Security.getProvider("SunPKCS11").configure(configuration(name, path, slot));
            made = Optional.of(provider);
            if (pin.isPresent()) {
                ((AuthProvider) provider).login(null, callbacks -> {
                    asked.set(true);
                    answer(callbacks, pin.get());
                });
            }
            KeyStore keyStore = KeyStore.getInstance("PKCS11", provider);
            keyStore.load(null, null);
            return new TokenLogin(cryptoki, slot, provider, keyStore, asked.get());
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            made.ifPresentOrElse(cryptoki::leave, () -> cryptoki.leaveUnfinished("SunPKCS11-" + name));
            cryptoki.closeLeft();
            if (e instanceof HsmException known) {
                throw known;
            }
            throw HsmException.of(
                    e instanceof LoginException
                            ? "the login to token " + slot.label() + " failed"
                            : "token " + slot.label() + " cannot be used",
                    e);
        }
    }

    private static void answer(Callback[] callbacks, Secret pin) throws UnsupportedCallbackException {
        for (Callback callback : callbacks) {
            if (!(callback instanceof PasswordCallback password)) {
                throw new UnsupportedCallbackException(callback);
            }
            byte[] octets = pin.utf8();
            // SunPKCS11 sends the low octet of each char: octets it must be, as PKCS#11 wants UTF-8.
            char[] chars = new char[octets.length];
            for (int i = 0; i < octets.length; i++) {
                chars[i] = (char) (octets[i] & 0xff);
            }
            password.setPassword(chars);
            Arrays.fill(octets, (byte) 0);
            Arrays.fill(chars, '\0');
        }
    }

    private static String configuration(String name, String path, TokenSlot slot) {
        // The place in the list stands in where the id is beyond what SunPKCS11 reads.
        String place = slot.id() <= Integer.MAX_VALUE ? "slot = " + slot.id() : "slotListIndex = " + slot.index();
        return String.join(
                "\n",
                "--name = " + name,
                "library = \"" + path + "\"",
                place,
                // An instance that is done with starts no thread that looks for its token.
                "destroyTokenAfterLogout = true",
                "attributes(*,CKO_PRIVATE_KEY,*) = { CKA_SENSITIVE = true CKA_EXTRACTABLE = false CKA_SIGN = true }",
                "");
    }

    /** Has the key store see what was written to the token since. Blocks; HsmException LOST. */
    void reload() {
        try {
            keyStore.load(null, null);
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            throw HsmException.of("token " + slot.label() + " cannot be read again", e);
        }
    }

    /** Whether the token was given the PIN: where this process is logged in already, nobody asks for it. */
    boolean pinTried() {
        return pinTried;
    }

    Cryptoki cryptoki() {
        return cryptoki;
    }

    TokenSlot slot() {
        return slot;
    }

    Provider provider() {
        return provider;
    }

    KeyStore keyStore() {
        return keyStore;
    }
}
