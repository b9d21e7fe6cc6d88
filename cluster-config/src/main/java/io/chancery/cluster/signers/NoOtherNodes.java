package io.chancery.cluster.signers;

import java.time.Duration;
import java.util.Optional;

/** The turns of a node that shares no token with another one. */
public final class NoOtherNodes implements TokenTurns {
    private static final Turn ALONE = new Turn() {
        @Override
        public Optional<String> refusal() {
            return Optional.empty();
        }

        @Override
        public void refused(String id) {}

        @Override
        public void accepted() {}

        @Override
        public void close() {}
    };

    @Override
    public Turn take(String token, Duration patience) {
        return ALONE;
    }
}
