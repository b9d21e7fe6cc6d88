package io.chancery.signer.key;

/** Lets other packages' tests fail as an opener does. */
public final class KeyFailures {
    private KeyFailures() {}

    static SigningKeyException othersTurn() {
        return SigningKeyException.othersTurn("a test is at the token", null);
    }

    public static SigningKeyException of(SigningKeyException.Kind kind) {
        return new SigningKeyException(kind, "a test wants " + kind, null);
    }
}
