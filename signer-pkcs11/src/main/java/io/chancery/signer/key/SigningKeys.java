package io.chancery.signer.key;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.nio.file.Path;
import java.util.Optional;

/** Opens the key that a configuration names: a {@code pkcs11:} URI or a PEM file. */
public final class SigningKeys {
    private SigningKeys() {}

    /**
     * Opens the key and proves with a probe signature that it is the issuer's; one whose HSM is away is tried again and
     * again from then on, and {@link SigningKey#status} says how it is. Blocks for the first try: call it on a signer
     * thread.
     *
     * @throws SigningKeyException MISCONFIGURED when no waiting can help
     */
    public static SigningKey keep(KeySettings settings, KeyNeighbours neighbours) {
        if (!Pkcs11Uri.isPkcs11(settings.reference())) {
            return openFile(settings);
        }
        RefusedPins refused = RefusedPins.in(neighbours.folder(), neighbours.random());
        FreshProcess fresh = new FreshProcessProbe(
                new KeyProbeProcess(() -> KeyProbeMain.request(settings, neighbours.folder()), neighbours.turns()),
                neighbours.freshProcessHelps());
        return Pkcs11SigningKey.keep(settings, uri(settings), PinGate.ofService(refused, neighbours.turns()), fresh);
    }

    /**
     * As {@link #keep}, for a process that does not come back by itself: a key that is not there fails this with AWAY or
     * PIN_REFUSED, and refused PINs are forgotten with the process.
     */
    public static SigningKey open(
            String keyReference,
            Optional<String> kmsUri,
            Optional<Secret> kmsPin,
            Optional<Secret> password,
            IssuerCertificate issuer,
            int sessions) {
        return openOnce(
                new KeySettings(keyReference, kmsUri, kmsPin, password, issuer, sessions),
                PinGate.ofCommand(RefusedPins.ofThisProcess()));
    }

    /**
     * How many signatures such a key may make at once.
     *
     * @param limit that the configuration sets
     * @throws SigningKeyException MISCONFIGURED when a URI cannot be read
     */
    public static int signaturesAtOnce(String keyReference, Optional<String> kmsUri, int limit) {
        return Pkcs11Uri.isPkcs11(keyReference) ? uri(keyReference, kmsUri).signaturesAtOnce(limit) : limit;
    }

    static SigningKey openOnce(KeySettings settings, PinGate gate) {
        return Pkcs11Uri.isPkcs11(settings.reference())
                ? Pkcs11SigningKey.open(settings, uri(settings), gate)
                : openFile(settings);
    }

    private static SigningKey openFile(KeySettings settings) {
        return PemSigningKey.open(Path.of(settings.reference()), settings.password(), settings.issuer());
    }

    private static Pkcs11Uri uri(KeySettings settings) {
        return uri(settings.reference(), settings.kmsUri());
    }

    private static Pkcs11Uri uri(String reference, Optional<String> kmsUri) {
        try {
            return Pkcs11Uri.of(reference, kmsUri);
        } catch (IllegalArgumentException e) {
            throw SigningKeyException.misconfigured(String.valueOf(e.getMessage()), e);
        }
    }
}
