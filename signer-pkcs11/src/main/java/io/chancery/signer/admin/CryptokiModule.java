package io.chancery.signer.admin;

import io.chancery.signer.hsm.HsmException;
import java.util.Optional;
import sun.security.pkcs11.wrapper.CK_INFO;
import sun.security.pkcs11.wrapper.CK_MECHANISM_INFO;
import sun.security.pkcs11.wrapper.CK_SLOT_INFO;
import sun.security.pkcs11.wrapper.CK_TOKEN_INFO;
import sun.security.pkcs11.wrapper.PKCS11Exception;

/** What a library tells without a session. */
final class CryptokiModule {
    private static final long MECHANISM_INVALID = 0x70; // CKR_MECHANISM_INVALID: where its field is depends on the Java

    private final CryptokiLibrary calls;

    CryptokiModule(CryptokiLibrary calls) {
        this.calls = calls;
    }

    CryptokiLibrary calls() {
        return calls;
    }

    String path() {
        return calls.path();
    }

    CK_INFO info() {
        return ask(() -> calls.wrapper().C_GetInfo());
    }

    long[] slotIds(boolean withToken) {
        return ask(() -> calls.wrapper().C_GetSlotList(withToken));
    }

    CK_SLOT_INFO slotInfo(long slot) {
        return ask(() -> calls.wrapper().C_GetSlotInfo(slot));
    }

    CK_TOKEN_INFO tokenInfo(long slot) {
        return ask(() -> calls.wrapper().C_GetTokenInfo(slot));
    }

    long[] mechanisms(long slot) {
        return ask(() -> calls.wrapper().C_GetMechanismList(slot));
    }

    /** Empty where the library does not know the mechanism. */
    Optional<CK_MECHANISM_INFO> mechanism(long slot, long code) {
        return ask(() -> {
            try {
                return Optional.of(calls.wrapper().C_GetMechanismInfo(slot, code));
            } catch (PKCS11Exception e) {
                if (e.getErrorCode() == MECHANISM_INVALID) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    private interface Question<T> {
        T ask() throws PKCS11Exception;
    }

    private <T> T ask(Question<T> question) {
        try {
            return question.ask();
        } catch (PKCS11Exception e) {
            throw HsmException.of("the PKCS#11 library " + path() + " gave no answer", e);
        }
    }
}
