package io.chancery.signer.admin;

/** What a token's flags say of its PIN; none is tried for it. */
final class PinStateCheck {
    private static final String CHECK = "pin-state";

    private PinStateCheck() {}

    /** @param counted what is found when a wrong PIN is counted, which is not as bad for everybody */
    static void run(TokenState token, Findings findings, Runnable counted) {
        switch (token.pin()) {
            case FINE -> findings.ok(CHECK, "no wrong PIN is counted");
            case NOT_SET -> findings.failed(CHECK, "the token has no PIN", "set one with the maker's tool");
            case COUNT_LOW -> counted.run();
            case FINAL_TRY ->
                findings.failed(
                        CHECK,
                        "one try is left",
                        "do not try: let the security officer set the PIN anew with the maker's tool");
            case LOCKED ->
                findings.failed(
                        CHECK, "the PIN is locked", "let the security officer set it anew with the maker's tool");
        }
    }
}
