package io.chancery.signer.hsm;

/** Lets other packages' tests fail as a token does. */
public final class TokenFailures {
    private TokenFailures() {}

    public static HsmException of(HsmException.Kind kind) {
        return new HsmException(kind, "a test wants " + kind, null);
    }
}
