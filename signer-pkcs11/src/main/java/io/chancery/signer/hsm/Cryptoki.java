package io.chancery.signer.hsm;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.security.Provider;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import sun.security.pkcs11.wrapper.CK_ATTRIBUTE;
import sun.security.pkcs11.wrapper.CK_TOKEN_INFO;
import sun.security.pkcs11.wrapper.PKCS11;
import sun.security.pkcs11.wrapper.PKCS11Constants;
import sun.security.pkcs11.wrapper.PKCS11Exception;

/**
 * What SunPKCS11 does not show, asked of the JDK's own wrapper: tokens by label, objects by label and id, and the way
 * to begin anew. Classes named so alone know the wrapper; the JVM must be started with the flags of the file {@code jvm-flags}. The library is initialised once a process, whoever comes first, so this and SunPKCS11 share its
 * state.
 */
final class Cryptoki {
    private static final int MAX_OBJECTS = 1000;

    private final String path;
    private final PKCS11 library;
    private final LeftSessions left;

    private Cryptoki(String path) {
        this.path = path;
        this.library = CryptokiWrapper.load(path);
        this.left = LeftSessions.of(path);
    }

    /** See {@link CryptokiWrapper#load}. */
    static Cryptoki open(String absolutePath) {
        return new Cryptoki(absolutePath);
    }

    /**
     * C_Finalize and C_Initialize: some libraries find their HSM again in no other way. Every session of this process is
     * gone then, so nothing may be under way, and no key in use.
     */
    void restart() {
        try {
            library.C_Finalize(null);
        } catch (PKCS11Exception e) {
            // It may have lost its HSM to the point of not even ending well, or may never have begun: what counts is
            // whether it begins now.
        }
        try {
            Method initialize = PKCS11.class.getDeclaredMethod("C_Initialize", Object.class);
            initialize.setAccessible(true);
            Object unused = initialize.invoke(library, CryptokiWrapper.arguments());
            left.ended(this::stateOf);
        } catch (InvocationTargetException e) {
            if (!String.valueOf(e.getCause()).contains("CKR_CRYPTOKI_ALREADY_INITIALIZED")) {
                throw HsmException.of("the PKCS#11 library does not start again", e);
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new HsmException(HsmException.Kind.LOST, "this Java does not let a PKCS#11 library start again", e);
        }
    }

    /** The instance of SunPKCS11 is of no more use; {@link #closeLeft} closes its sessions. Never waits. */
    void leave(Provider provider) {
        left.add(provider);
    }

    /** As {@link #leave}, of an instance that could not be made to its end. */
    void leaveUnfinished(String name) {
        left.addUnfinished(name);
    }

    /** Closes the sessions of what was left, as far as the HSM answers for them. */
    void closeLeft() {
        left.close(this::stateOf);
    }

    /** HsmException LOST when the token in the slot does not answer, or a session of the instance, if one is given, is gone. */
    void look(long slot, Optional<Provider> provider) {
        try {
            var unused = library.C_GetTokenInfo(slot);
        } catch (PKCS11Exception e) {
            throw HsmException.of("the token does not answer", e);
        }
        if (!provider.flatMap(ProviderSessions::of)
                .map(sessions -> sessions.areOpen(this::stateOf))
                .orElse(true)) {
            throw new HsmException(HsmException.Kind.LOST, "a session is gone", null);
        }
    }

    /** A session may have been lost sight of. Never waits. */
    void forget() {
        left.forget();
    }

    /**
     * The slot with the token that the URI means. One that errs is passed over, since it must not hide the others; it is
     * what HsmException tells of when none that answers fits.
     */
    TokenSlot token(Pkcs11Uri uri) {
        try {
            List<TokenSlot> tokens = new ArrayList<>();
            Optional<HsmException> unseen = Optional.empty();
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
                try {
                    CK_TOKEN_INFO info = library.C_GetTokenInfo(slots[index]);
                    if ((info.flags & PKCS11Constants.CKF_TOKEN_INITIALIZED) != 0) {
                        tokens.add(CryptokiWrapper.slot(slots[index], index, info));
                    }
                } catch (PKCS11Exception e) {
                    unseen = Optional.of(HsmException.of("the tokens cannot be listed", e));
                }
            }
            return TokenSlot.choose(tokens, unseen, uri);
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
                CryptokiWrapper.close(library, session, path);
            }
        } catch (PKCS11Exception e) {
            throw HsmException.of("the token's objects cannot be searched", e);
        }
    }

    private ProviderSessions.State stateOf(long session) {
        try {
            var unused = library.C_GetSessionInfo(session);
            return ProviderSessions.State.OPEN;
        } catch (PKCS11Exception e) {
            return CryptokiWrapper.saysGone(e) ? ProviderSessions.State.GONE : ProviderSessions.State.UNKNOWN;
        }
    }

    /** For messages: ids are octets, and nobody reads those but as hex. */
    static String hex(byte[] id) {
        return HexFormat.of().formatHex(id).toLowerCase(Locale.ROOT);
    }
}
