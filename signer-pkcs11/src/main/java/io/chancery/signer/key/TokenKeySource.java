package io.chancery.signer.key;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.der.Der;
import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.HsmLibrary;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.hsm.TokenKey;
import io.chancery.signer.hsm.TokenSlot;
import java.time.Duration;
import java.util.Optional;

/** Opens a key on a token: find the token, log in when it may be done, find the key, sign and verify a probe. */
final class TokenKeySource implements KeyRecovery.Source<TokenKey> {
    /** A network HSM may take seconds for a login; what takes longer hangs. */
    private static final Duration OPENING = Duration.ofSeconds(5);

    private static final Duration SHORT = Duration.ofSeconds(2);

    private final HsmLibrary library;
    private final Pkcs11Uri uri;
    private final Optional<Secret> kmsPin;
    private final IssuerCertificate issuer;
    private final PinGate gate;
    private final Admission admission;

    /** SigningKeyException MISCONFIGURED when there is no such library. */
    TokenKeySource(KeySettings settings, Pkcs11Uri uri, PinGate gate) {
        try {
            this.library = HsmLibrary.of(uri);
        } catch (HsmException e) {
            throw translated(e);
        }
        this.uri = uri;
        this.kmsPin = settings.kmsPin();
        this.issuer = settings.issuer();
        this.gate = gate;
        this.admission = settings.admission();
    }

    HsmLibrary library() {
        return library;
    }

    @Override
    public TokenKey open() {
        try {
            return openThroughGate();
        } catch (HsmException e) {
            // Any other reason would meet the second try as well, and a refused PIN has none.
            if (e.kind() == HsmException.Kind.MISCONFIGURED && admission.mend(uri)) {
                return openMended();
            }
            throw translated(e);
        }
    }

    private TokenKey openMended() {
        try {
            return openThroughGate();
        } catch (HsmException e) {
            throw translated(e);
        }
    }

    private TokenKey openThroughGate() {
        TokenSlot slot = library.slot(uri, SHORT);
        Optional<Secret> pin = uri.pin().or(() -> kmsPin);
        return gate.pass(slot, pin, refused -> openAndProve(slot, pin, refused));
    }

    private TokenKey openAndProve(TokenSlot slot, Optional<Secret> pin, Runnable refused) {
        TokenKey key = library.open(slot, uri, pin, refused, OPENING);
        try {
            Der signature =
                    library.sign(key, issuer.scheme(), SigningProbe.bytes().bytes(), SigningKey.LONGEST_SIGNATURE);
            if (!SigningProbe.verifies(signature, issuer)) {
                throw SigningKeyException.misconfigured("the key of " + uri + " does not belong to the certificate of "
                        + issuer.certificate().getSubjectX500Principal());
            }
            admission.admit(uri);
            return key;
        } catch (HsmException | SigningKeyException e) {
            retire(key);
            throw e;
        }
    }

    static SigningKeyException translated(HsmException e) {
        SigningKeyException.Kind kind = switch (e.kind()) {
            case LOST, HUNG -> SigningKeyException.Kind.AWAY;
            case PIN_REFUSED -> SigningKeyException.Kind.PIN_REFUSED;
            case MISCONFIGURED -> SigningKeyException.Kind.MISCONFIGURED;
        };
        return new SigningKeyException(kind, String.valueOf(e.getMessage()), e);
    }

    @Override
    public void retire(TokenKey key) {
        library.retire(key, SHORT);
    }

    @Override
    public boolean startAgain() {
        try {
            return library.restart(SHORT);
        } catch (HsmException e) {
            throw translated(e);
        }
    }

    @Override
    public Optional<String> hangs() {
        return library.spent()
                ? Optional.of(library.abandoned() + " calls into the HSM's library hang")
                : Optional.empty();
    }
}
