package io.chancery.signer.admin;

import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.CryptokiWrapper;
import io.chancery.signer.hsm.HsmException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import sun.security.pkcs11.wrapper.CK_ATTRIBUTE;
import sun.security.pkcs11.wrapper.CK_MECHANISM;
import sun.security.pkcs11.wrapper.PKCS11;
import sun.security.pkcs11.wrapper.PKCS11Constants;
import sun.security.pkcs11.wrapper.PKCS11Exception;

/** One session with a token, and the calls that are made in it. One thread at a time. */
final class CryptokiSession implements AutoCloseable {
    static final long SO = PKCS11Constants.CKU_SO;
    static final long USER = PKCS11Constants.CKU_USER;
    private static final int MAX_OBJECTS = 10_000;
    private static final int RANDOM_OCTETS = 16;
    /** CKR_USER_ALREADY_LOGGED_IN: newer Javas have no field for it. */
    private static final long ALREADY_LOGGED_IN = 0x100;

    private static final long ATTRIBUTE_SENSITIVE = 0x11; // CKR_ATTRIBUTE_SENSITIVE
    private static final long ATTRIBUTE_TYPE_INVALID = 0x12; // CKR_ATTRIBUTE_TYPE_INVALID

    private final CryptokiLibrary library;
    private final PKCS11 wrapper;
    private final long handle;

    private CryptokiSession(CryptokiLibrary library, long handle) {
        this.library = library;
        this.wrapper = library.wrapper();
        this.handle = handle;
    }

    static CryptokiSession open(CryptokiLibrary library, long slot, boolean writing) {
        long flags = PKCS11Constants.CKF_SERIAL_SESSION | (writing ? PKCS11Constants.CKF_RW_SESSION : 0);
        try {
            return new CryptokiSession(library, library.wrapper().C_OpenSession(slot, flags, null, null));
        } catch (PKCS11Exception e) {
            throw HsmException.of("no session could be opened", e);
        }
    }

    /** Whether somebody of this process had logged in before: then the PIN was not looked at. An empty one is MISCONFIGURED. */
    boolean login(long who, Secret pin) {
        if (pin.isEmpty()) {
            throw HsmException.misconfigured("the PIN is empty, and was not tried"); // it would count as a wrong one
        }
        byte[] octets = pin.utf8();
        // The wrapper sends the low octet of each char: octets it must be, as PKCS#11 wants UTF-8.
        char[] chars = new char[octets.length];
        for (int i = 0; i < octets.length; i++) {
            chars[i] = (char) (octets[i] & 0xff);
        }
        try {
            wrapper.C_Login(handle, who, chars);
            return false;
        } catch (PKCS11Exception e) {
            if (e.getErrorCode() == ALREADY_LOGGED_IN) {
                return true;
            }
            throw HsmException.of("the login failed", e);
        } finally {
            Arrays.fill(octets, (byte) 0);
            Arrays.fill(chars, '\0');
        }
    }

    /** Nothing is left to do when it fails: the session is gone. */
    void logout() {
        try {
            wrapper.C_Logout(handle);
        } catch (PKCS11Exception e) {
            return;
        }
    }

    void initPin(Secret newPin) {
        library.initPin(handle, newPin);
    }

    void setPin(Secret oldPin, Secret newPin) {
        library.setPin(handle, oldPin, newPin);
    }

    long[] find(CK_ATTRIBUTE... wanted) {
        return call("the token's objects cannot be searched", () -> {
            wrapper.C_FindObjectsInit(handle, wanted);
            try {
                return wrapper.C_FindObjects(handle, MAX_OBJECTS);
            } finally {
                wrapper.C_FindObjectsFinal(handle);
            }
        });
    }

    /** Empty when the object has no such attribute or does not show it; any other failure is none of the object's. */
    Optional<Object> attribute(long object, long type) {
        CK_ATTRIBUTE[] wanted = {new CK_ATTRIBUTE(type)};
        try {
            wrapper.C_GetAttributeValue(handle, object, wanted);
            return Optional.ofNullable(wanted[0].pValue);
        } catch (PKCS11Exception e) {
            if (e.getErrorCode() == ATTRIBUTE_SENSITIVE || e.getErrorCode() == ATTRIBUTE_TYPE_INVALID) {
                return Optional.empty();
            }
            throw HsmException.of("the token does not tell what it holds", e);
        }
    }

    Optional<byte[]> octets(long object, long type) {
        return attribute(object, type)
                .map(value -> value instanceof char[] chars
                        ? new String(chars).getBytes(StandardCharsets.ISO_8859_1)
                        : value instanceof byte[] bytes ? bytes : new byte[0]);
    }

    /** Empty when the object does not tell. */
    Optional<Boolean> flag(long object, long type) {
        return attribute(object, type)
                .map(value -> value instanceof Boolean known
                        ? known
                        : value instanceof byte[] octet && octet.length > 0 && octet[0] != 0);
    }

    Optional<Long> number(long object, long type) {
        return attribute(object, type).map(value -> value instanceof Long known ? known : -1L);
    }

    long create(CK_ATTRIBUTE... attributes) {
        return call("the token did not take the object", () -> wrapper.C_CreateObject(handle, attributes));
    }

    void set(long object, CK_ATTRIBUTE... attributes) {
        run("the token did not change the object", () -> wrapper.C_SetAttributeValue(handle, object, attributes));
    }

    void destroy(long object) {
        run("the token did not delete the object", () -> wrapper.C_DestroyObject(handle, object));
    }

    /** The public key's handle, then the private one's. */
    long[] generatePair(CK_MECHANISM mechanism, CK_ATTRIBUTE[] forPublic, CK_ATTRIBUTE[] forPrivate) {
        return call(
                "the token did not make a key",
                () -> wrapper.C_GenerateKeyPair(handle, mechanism, forPublic, forPrivate));
    }

    long unwrap(CK_MECHANISM mechanism, long key, byte[] wrapped, CK_ATTRIBUTE... attributes) {
        return call(
                "the token did not unwrap the key",
                () -> wrapper.C_UnwrapKey(handle, mechanism, key, wrapped, attributes));
    }

    byte[] sign(CK_MECHANISM mechanism, long key, byte[] data) {
        return call("the token did not sign", () -> {
            wrapper.C_SignInit(handle, mechanism, key);
            return wrapper.C_Sign(handle, data);
        });
    }

    /** From the token's own source. */
    byte[] random() {
        byte[] octets = new byte[RANDOM_OCTETS];
        run("the token gave no random octets", () -> wrapper.C_GenerateRandom(handle, octets));
        return octets;
    }

    @Override
    public void close() {
        try {
            CryptokiWrapper.close(wrapper, handle, library.path());
        } catch (PKCS11Exception e) {
            return; // nothing is left to do here
        }
    }

    private interface Call<T> {
        T run() throws PKCS11Exception;
    }

    private interface Action {
        void run() throws PKCS11Exception;
    }

    private static <T> T call(String what, Call<T> call) {
        try {
            return call.run();
        } catch (PKCS11Exception e) {
            throw HsmException.of(what, e);
        }
    }

    private static void run(String what, Action action) {
        try {
            action.run();
        } catch (PKCS11Exception e) {
            throw HsmException.of(what, e);
        }
    }
}
