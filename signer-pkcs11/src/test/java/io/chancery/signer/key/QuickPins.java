package io.chancery.signer.key;

import java.nio.file.Path;
import java.security.SecureRandom;

/** Refused PINs with so few rounds of their hash that it takes no time. */
final class QuickPins {
    private static final int ROUNDS = 10;

    private QuickPins() {}

    static RefusedPins in(Path folder) {
        return RefusedPins.in(folder, new SecureRandom(), ROUNDS);
    }
}
