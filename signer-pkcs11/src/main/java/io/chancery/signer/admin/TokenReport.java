package io.chancery.signer.admin;

import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.HsmLibrary;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a token and a key on it are like at one moment, as the process that signs with them finds them. No secret is in it.
 *
 * @param token before this look's own session was opened
 * @param certified the key with the certificates beside it
 * @param mechanisms in the library's order
 */
public record TokenReport(
        HsmModule.Info library,
        TokenState token,
        KeyAttributes key,
        CertifiedKey certified,
        List<HsmModule.Mechanism> mechanisms) {
    /** So long that only a call that hangs takes longer: one that is left behind is one less that the signer may leave. */
    private static final Duration LIMIT = Duration.ofSeconds(5);

    public TokenReport {
        mechanisms = List.copyOf(mechanisms);
    }

    /**
     * Looks beside the signer of this process, as it is logged in; tries no PIN. Blocks.
     *
     * @throws HsmException of any kind; HUNG at once, with nothing asked, while other calls into the library hang
     */
    public static TokenReport of(Pkcs11Uri uri) {
        HsmLibrary library = HsmLibrary.of(uri);
        if (library.abandoned() > 0) {
            throw new HsmException(HsmException.Kind.HUNG, "calls into the library hang", null);
        }
        return library.within("looking at the token", LIMIT, () -> look(uri));
    }

    private static TokenReport look(Pkcs11Uri uri) {
        try (TokenSession session = TokenSession.openBesideSigner(uri, Optional.empty())) {
            ManagedKey key = session.key(uri);
            return new TokenReport(
                    session.module().info(),
                    session.token(),
                    key.attributes(),
                    CertifiedKey.of(key),
                    session.module().mechanisms(session.token().slot().id()));
        }
    }
}
