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
    /** In a process that has just started, on a machine that may be busy; less than a turn among the nodes lasts. */
    private static final Duration FIRST_OPENING = Duration.ofSeconds(8);

    private static final Duration SHORT = Duration.ofSeconds(2);
    private static final Duration FIRST_SHORT = SHORT.multipliedBy(2);
    private static final Duration FIRST_SIGNATURE = SigningKey.LONGEST_SIGNATURE.multipliedBy(2);

    private final HsmLibrary library;
    private final Pkcs11Uri uri;
    private final Optional<Secret> kmsPin;
    private final IssuerCertificate issuer;
    private final PinGate gate;
    private final Admission admission;
    private final Duration opening;
    private final Duration shortly;
    private final Duration signature;

    private volatile Owner owner = new Owner() {
        @Override
        public void suspect(TokenKey key) {}

        @Override
        public void ended(TokenKey key) {}
    };

    /** Who has a key of this source in use; told by other keys' threads, and waits for nothing. */
    interface Owner {
        /** Another key of the library cannot be opened: is this one well? */
        void suspect(TokenKey key);

        /** The library is started again under the key. */
        void ended(TokenKey key);
    }

    /**
     * SigningKeyException MISCONFIGURED when there is no such library.
     *
     * @param once for a process that opens the key once and has just started: each step may take longer there
     */
    TokenKeySource(KeySettings settings, Pkcs11Uri uri, PinGate gate, boolean once) {
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
        this.opening = once ? FIRST_OPENING : OPENING;
        this.shortly = once ? FIRST_SHORT : SHORT;
        this.signature = once ? FIRST_SIGNATURE : SigningKey.LONGEST_SIGNATURE;
    }

    void belongsTo(Owner keeper) {
        owner = keeper;
    }

    HsmLibrary library() {
        return library;
    }

    @Override
    public TokenKey open() {
        if (library.awaitsAnswer()) {
            // Its turn at the token lasts until then, too, and no PIN is read, and no operator's permit used up, for
            // nothing.
            throw SigningKeyException.away("the HSM has not answered the last login yet");
        }
        try {
            library.closeForgotten(SHORT);
            return open(uri.pin());
        } catch (HsmException e) {
            throw translated(e);
        }
    }

    /** @param read of this one try; kms.pin is for all */
    private TokenKey open(Optional<Secret> read) {
        Optional<Secret> pin = read.or(() -> kmsPin);
        try {
            return gate.pass(() -> library.slot(uri, shortly), pin, (slot, answer) -> openAndProve(slot, pin, answer));
        } finally {
            if (!library.awaitsAnswer()) { // else a late refusal is still to be noted, with the PIN
                read.ifPresent(Secret::close);
            }
        }
    }

    private TokenKey openAndProve(TokenSlot slot, Optional<Secret> pin, PinGate.Answer answer) {
        if (pin.isEmpty() && slot.needsPin()) {
            throw SigningKeyException.misconfigured(
                    "the token " + slot.label()
                            + " needs a PIN: name its file with pin-source in the key's URI; kms.pin is for the token of kms.uri alone");
        }
        TokenKey key = library.open(slot, uri, pin, new Opening(answer), opening);
        try {
            if (key.pinTried()) {
                answer.accepted();
            }
            Der signed = library.sign(key, issuer.scheme(), SigningProbe.bytes().bytes(), signature);
            if (!SigningProbe.verifies(signed, issuer)) {
                throw SigningKeyException.misconfigured("the key of " + uri + " does not belong to the certificate of "
                        + issuer.certificate().getSubjectX500Principal());
            }
            admit();
            return key;
        } catch (RuntimeException | Error e) {
            retire(key);
            throw e;
        }
    }

    /** In the library's own way of calling: what looks at the key may hang as any other call. */
    private void admit() {
        Optional<SigningKeyException> objection = library.within("looking at the key", SHORT, () -> {
            try {
                admission.admit(uri);
                return Optional.<SigningKeyException>empty();
            } catch (SigningKeyException e) {
                return Optional.of(e);
            }
        });
        if (objection.isPresent()) {
            throw objection.get();
        }
    }

    private final class Opening implements HsmLibrary.Opening {
        private final PinGate.Answer answer;

        Opening(PinGate.Answer answer) {
            this.answer = answer;
        }

        @Override
        public void begun() {
            answer.begun();
        }

        @Override
        public void refused() {
            answer.refused();
        }

        @Override
        public void over() {
            answer.over();
        }

        @Override
        public void withoutCertificate() {
            admission.writeCertificate(uri);
        }

        @Override
        public void suspect(TokenKey key) {
            owner.suspect(key);
        }

        @Override
        public void ended(TokenKey key) {
            owner.ended(key);
        }
    }

    static SigningKeyException translated(HsmException e) {
        if (e.kind() == HsmException.Kind.BUSY) {
            return SigningKeyException.othersTurn(String.valueOf(e.getMessage()), e);
        }
        SigningKeyException.Kind kind = switch (e.kind()) {
            case LOST, BUSY, HUNG -> SigningKeyException.Kind.AWAY;
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
    public boolean startAgain(boolean evenUnderOthers) {
        try {
            return library.restart(evenUnderOthers, SHORT);
        } catch (HsmException e) {
            throw translated(e);
        }
    }

    @Override
    public boolean awaitsAnswer() {
        return library.awaitsAnswer();
    }

    @Override
    public Optional<String> hangs() {
        return library.spent()
                ? Optional.of("calls into the HSM's library hang: " + library.abandoned())
                : Optional.empty();
    }
}
