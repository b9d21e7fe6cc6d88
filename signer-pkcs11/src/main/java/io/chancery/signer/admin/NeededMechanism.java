package io.chancery.signer.admin;

import io.chancery.core.crypto.SignatureScheme;
import java.util.List;
import java.util.Optional;

/** A kind of signature that a token may be asked for, by the mechanism that makes it. */
enum NeededMechanism {
    ECDSA("mechanism-ecdsa", "CKM_ECDSA", "CKM_ECDSA_SHA(256|384|512)"),
    RSA("mechanism-rsa", "CKM_RSA_PKCS", "CKM_SHA(256|384|512)_RSA_PKCS"),
    /** Java's provider has the name RSASSA-PSS where the token has this one, and hashes itself. */
    RSA_PSS("mechanism-rsa-pss", "CKM_RSA_PKCS_PSS", "CKM_RSA_PKCS_PSS");

    private final String check;
    private final String mechanism;
    private final String hashed;

    NeededMechanism(String check, String mechanism, String hashed) {
        this.check = check;
        this.mechanism = mechanism;
        this.hashed = hashed;
    }

    /** The doctor's name for it. */
    String check() {
        return check;
    }

    String mechanism() {
        return mechanism;
    }

    /** Either so that the hash is made here, or, where Java can do with that, by the token with it. */
    boolean isAmong(List<String> mechanisms) {
        return mechanisms.stream().anyMatch(it -> it.equals(mechanism) || it.matches(hashed));
    }

    /**
     * Whether a token that signs with these and not with it cannot serve.
     *
     * @param scheme empty where nobody has said how the key is to sign: then one type of key is enough
     */
    boolean isMissing(Optional<SignatureScheme> scheme, List<String> mechanisms) {
        return !isAmong(mechanisms)
                && scheme.map(this::isFor)
                        .orElseGet(() -> this != RSA_PSS && !ECDSA.isAmong(mechanisms) && !RSA.isAmong(mechanisms));
    }

    boolean isFor(SignatureScheme scheme) {
        return switch (scheme) {
            case ECDSA_SHA256, ECDSA_SHA384, ECDSA_SHA512 -> this == ECDSA;
            case RSA_SHA256, RSA_SHA384, RSA_SHA512 -> this == RSA;
            case RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512 -> this == RSA_PSS;
            case ED25519 -> false;
        };
    }
}
