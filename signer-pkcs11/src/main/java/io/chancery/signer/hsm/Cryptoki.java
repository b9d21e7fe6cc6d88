package io.chancery.signer.hsm;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import sun.security.pkcs11.wrapper.CK_ATTRIBUTE;
import sun.security.pkcs11.wrapper.CK_C_INITIALIZE_ARGS;
import sun.security.pkcs11.wrapper.CK_TOKEN_INFO;
import sun.security.pkcs11.wrapper.PKCS11;
import sun.security.pkcs11.wrapper.PKCS11Constants;
import sun.security.pkcs11.wrapper.PKCS11Exception;

/**
 * What SunPKCS11 does not show, asked of the JDK's own wrapper: tokens by label, and objects by label and id. The one
 * class that knows the wrapper; the JVM must be started with the flags of the file {@code jvm-flags}. The library is
 * initialised once a process, whoever comes first, so this and SunPKCS11 share its state.
 */
final class Cryptoki {
    private static final int MAX_OBJECTS = 1000;

    private final PKCS11 library;

    private Cryptoki(PKCS11 library) {
        this.library = library;
    }

    /** Loads and initialises the library at the absolute path, unless this process has done so before. */
    static Cryptoki open(String absolutePath) {
        try {
            CK_C_INITIALIZE_ARGS args = new CK_C_INITIALIZE_ARGS();
            // As SunPKCS11 itself does: without it the library may take us for single-threaded.
            args.flags = PKCS11Constants.CKF_OS_LOCKING_OK;
            return new Cryptoki(PKCS11.getInstance(absolutePath, "C_GetFunctionList", args, false));
        } catch (IOException e) {
            throw new HsmException(
                    HsmException.Kind.MISCONFIGURED, "the PKCS#11 library " + absolutePath + " cannot be loaded", e);
        } catch (PKCS11Exception e) {
            throw HsmException.of("the PKCS#11 library " + absolutePath + " does not start", e);
        } catch (IllegalAccessError e) {
            throw new HsmException(
                    HsmException.Kind.MISCONFIGURED,
                    "Java was started without --add-exports jdk.crypto.cryptoki/sun.security.pkcs11.wrapper=ALL-UNNAMED",
                    e);
        }
    }

    /** Every slot with an initialised token. */
    List<TokenSlot> tokens() {
        try {
            List<TokenSlot> tokens = new ArrayList<>();
            Set<Long> full = new HashSet<>();
            for (long slot : library.C_GetSlotList(true)) {
                full.add(slot);
            }
            // SunPKCS11's slotListIndex counts in the list of all slots, the empty ones too.
            long[] slots = library.C_GetSlotList(false);
            for (int index = 0; index < slots.length; index++) {
                if (!full.contains(slots[index])) {
                    continue;
                }
                CK_TOKEN_INFO info = library.C_GetTokenInfo(slots[index]);
                if ((info.flags & PKCS11Constants.CKF_TOKEN_INITIALIZED) != 0) {
                    tokens.add(new TokenSlot(
                            slots[index],
                            index,
                            text(info.label),
                            text(info.serialNumber),
                            text(info.manufacturerID),
                            text(info.model),
                            info.flags));
                }
            }
            return tokens;
        } catch (PKCS11Exception e) {
            throw HsmException.of("the tokens cannot be listed", e);
        }
    }

    /** CKA_ID of each private key that has all of the given attributes; needs this process to be logged in. */
    List<byte[]> privateKeyIds(long slot, List<CK_ATTRIBUTE> attributes) {
        return values(slot, PKCS11Constants.CKO_PRIVATE_KEY, attributes, PKCS11Constants.CKA_ID);
    }

    /** The encoded certificates with the CKA_ID. */
    List<byte[]> certificates(long slot, byte[] id) {
        return values(slot, PKCS11Constants.CKO_CERTIFICATE, List.of(id(id)), PKCS11Constants.CKA_VALUE);
    }

    static CK_ATTRIBUTE id(byte[] id) {
        return new CK_ATTRIBUTE(PKCS11Constants.CKA_ID, id);
    }

    static CK_ATTRIBUTE label(byte[] utf8) {
        return new CK_ATTRIBUTE(PKCS11Constants.CKA_LABEL, utf8);
    }

    private List<byte[]> values(long slot, long objectClass, List<CK_ATTRIBUTE> attributes, long wanted) {
        List<CK_ATTRIBUTE> template = new ArrayList<>(attributes);
        template.add(new CK_ATTRIBUTE(PKCS11Constants.CKA_CLASS, objectClass));
        template.add(new CK_ATTRIBUTE(PKCS11Constants.CKA_TOKEN, true));
        try {
            long session = library.C_OpenSession(slot, PKCS11Constants.CKF_SERIAL_SESSION, null, null);
            try {
                library.C_FindObjectsInit(session, template.toArray(CK_ATTRIBUTE[]::new));
                long[] objects = library.C_FindObjects(session, MAX_OBJECTS);
                library.C_FindObjectsFinal(session);
                List<byte[]> values = new ArrayList<>();
                for (long object : objects) {
                    CK_ATTRIBUTE[] value = {new CK_ATTRIBUTE(wanted)};
                    library.C_GetAttributeValue(session, object, value);
                    values.add(value[0].pValue == null ? new byte[0] : value[0].getByteArray());
                }
                return values;
            } finally {
                library.C_CloseSession(session);
            }
        } catch (PKCS11Exception e) {
            throw HsmException.of("the token's objects cannot be searched", e);
        }
    }

    private static String text(char[] padded) {
        byte[] octets = new byte[padded.length];
        for (int i = 0; i < padded.length; i++) {
            octets[i] = (byte) padded[i];
        }
        return new String(octets, java.nio.charset.StandardCharsets.UTF_8).stripTrailing();
    }

    /** For messages: ids are octets, and nobody reads those but as hex. */
    static String hex(byte[] id) {
        return HexFormat.of().formatHex(id).toLowerCase(Locale.ROOT);
    }
}
