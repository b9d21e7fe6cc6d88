package io.chancery.signer.hsm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import sun.security.pkcs11.wrapper.CK_C_INITIALIZE_ARGS;
import sun.security.pkcs11.wrapper.CK_TOKEN_INFO;
import sun.security.pkcs11.wrapper.PKCS11;
import sun.security.pkcs11.wrapper.PKCS11Constants;
import sun.security.pkcs11.wrapper.PKCS11Exception;

/** The way to the JDK's own wrapper around a PKCS#11 library. */
public final class CryptokiWrapper {
    /** CKR_DEVICE_REMOVED, CKR_SESSION_CLOSED, …_HANDLE_INVALID, CKR_TOKEN_NOT_PRESENT, CKR_CRYPTOKI_NOT_INITIALIZED. */
    private static final Set<Long> SESSION_IS_GONE = Set.of(0x32L, 0xB0L, 0xB3L, 0xE0L, 0x190L);

    private CryptokiWrapper() {}

    /**
     * Loads and initialises the library at the absolute path, unless this process has done so before. Blocks.
     *
     * @throws HsmException MISCONFIGURED when it cannot be loaded, LOST when it does not start
     */
    public static PKCS11 load(String absolutePath) {
        try {
            return PKCS11.getInstance(absolutePath, "C_GetFunctionList", arguments(), false);
        } catch (IOException e) {
            throw new HsmException(
                    HsmException.Kind.MISCONFIGURED,
                    "the PKCS#11 library " + absolutePath + " cannot be loaded: " + e.getMessage()
                            + "; is it one of this machine's architecture, and all that it needs installed?",
                    e);
        } catch (PKCS11Exception e) {
            throw HsmException.of("the PKCS#11 library " + absolutePath + " does not start", e);
        } catch (IllegalAccessError e) {
            throw new HsmException(
                    HsmException.Kind.MISCONFIGURED,
                    "Java was started without the flags of signer-pkcs11's file jvm-flags; start bin/chancery",
                    e);
        }
    }

    static CK_C_INITIALIZE_ARGS arguments() {
        CK_C_INITIALIZE_ARGS arguments = new CK_C_INITIALIZE_ARGS();
        // As SunPKCS11 itself does: without it the library may take us for single-threaded.
        arguments.flags = PKCS11Constants.CKF_OS_LOCKING_OK;
        return arguments;
    }

    /**
     * Closes a session of the library at the path. Where that fails, and the session is not gone, the signer starts the
     * library again when it can. Blocks.
     */
    public static void close(PKCS11 library, long session, String absolutePath) throws PKCS11Exception {
        try {
            library.C_CloseSession(session);
        } catch (PKCS11Exception e) {
            if (!saysGone(e)) {
                LeftSessions.of(absolutePath).forget();
            }
            throw e;
        }
    }

    static boolean saysGone(PKCS11Exception e) {
        return SESSION_IS_GONE.contains(e.getErrorCode());
    }

    /** @param index the place in the library's list of all slots */
    public static TokenSlot slot(long id, int index, CK_TOKEN_INFO info) {
        return new TokenSlot(
                id,
                index,
                text(info.label),
                text(info.serialNumber),
                text(info.manufacturerID),
                text(info.model),
                info.flags);
    }

    /** A field that is filled up with blanks: UTF-8, one octet in each char. */
    public static String text(char[] padded) {
        byte[] octets = new byte[padded.length];
        for (int i = 0; i < padded.length; i++) {
            octets[i] = (byte) padded[i];
        }
        return new String(octets, StandardCharsets.UTF_8).stripTrailing();
    }
}
