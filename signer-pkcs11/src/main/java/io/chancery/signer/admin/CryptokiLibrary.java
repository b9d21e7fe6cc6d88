package io.chancery.signer.admin;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.CryptokiWrapper;
import io.chancery.signer.hsm.HsmException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import sun.security.pkcs11.wrapper.PKCS11;
import sun.security.pkcs11.wrapper.PKCS11Exception;

/**
 * A PKCS#11 library, loaded and initialised for this process. Nearly all is asked of it through the JDK's wrapper, which
 * has no C_InitToken, C_InitPIN and C_SetPIN: those three go to the same loaded library through JNA.
 */
final class CryptokiLibrary {
    private static final int LABEL_OCTETS = 32;

    /** Places in CK_FUNCTION_LIST, whose order PKCS#11 fixes. */
    private static final int INIT_TOKEN = 9;

    private static final int INIT_PIN = 10;
    private static final int SET_PIN = 11;
    private static final long NOT_INITIALIZED = 0x190; // CKR_CRYPTOKI_NOT_INITIALIZED

    private final PKCS11 wrapper;
    private final String path;

    private CryptokiLibrary(PKCS11 wrapper, String path) {
        this.wrapper = wrapper;
        this.path = path;
    }

    static CryptokiLibrary open(String absolutePath) {
        return new CryptokiLibrary(CryptokiWrapper.load(absolutePath), absolutePath);
    }

    PKCS11 wrapper() {
        return wrapper;
    }

    String path() {
        return path;
    }

    /** Makes a token in the slot, or a new one in place of what is there. */
    void initToken(long slot, String label, Secret soPin) {
        byte[] padded = new byte[LABEL_OCTETS];
        Arrays.fill(padded, (byte) ' ');
        byte[] octets = label.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(octets, 0, padded, 0, octets.length);
        withPin(soPin, pin -> {
            try (Memory text = new Memory(LABEL_OCTETS)) {
                text.write(0, padded, 0, LABEL_OCTETS);
                check(
                        "the token was not initialised",
                        call(INIT_TOKEN, new NativeLong(slot), pin, new NativeLong(pin.size()), text));
            }
        });
    }

    /** Sets the user's PIN, in a session where the security officer is logged in. */
    void initPin(long session, Secret newPin) {
        withPin(
                newPin,
                pin -> check(
                        "the token did not take the PIN",
                        call(INIT_PIN, new NativeLong(session), pin, new NativeLong(pin.size()))));
    }

    /** Changes the PIN of whoever is logged in, the user's when nobody is. */
    void setPin(long session, Secret oldPin, Secret newPin) {
        withPin(
                oldPin,
                old -> withPin(
                        newPin,
                        pin -> check(
                                "the token did not change the PIN",
                                call(
                                        SET_PIN,
                                        new NativeLong(session),
                                        old,
                                        new NativeLong(old.size()),
                                        pin,
                                        new NativeLong(pin.size())))));
    }

    private interface PinUse {
        void with(Memory pin);
    }

    private static void withPin(Secret secret, PinUse use) {
        byte[] octets = secret.utf8();
        if (octets.length == 0) {
            throw HsmException.misconfigured("the PIN is empty");
        }
        try (Memory pin = new Memory(octets.length)) {
            try {
                pin.write(0, octets, 0, octets.length);
                use.with(pin);
            } finally {
                pin.clear();
            }
        } finally {
            Arrays.fill(octets, (byte) 0);
        }
    }

    private long call(int place, Object... arguments) {
        PointerByReference list = new PointerByReference();
        long found =
                NativeLibrary.getInstance(path).getFunction("C_GetFunctionList").invokeInt(new Object[] {list});
        check("the library has no function list", found);
        // CK_VERSION, two octets, is padded to a pointer's size.
        Pointer function = list.getValue().getPointer((long) (place + 1) * com.sun.jna.Native.POINTER_SIZE);
        NativeLong code = (NativeLong) Function.getFunction(function).invoke(NativeLong.class, arguments);
        return code.longValue();
    }

    private static void check(String what, long code) {
        if (code == NOT_INITIALIZED) {
            // p11-kit's proxy does: what the wrapper initialised is another instance than the one asked here.
            throw HsmException.misconfigured(what + ": this library gives each caller an instance of its own; name the"
                    + " library behind it with module-path");
        }
        if (code != 0) {
            throw HsmException.of(what, new PKCS11Exception(code, ""));
        }
    }
}
