package io.chancery.cli.start;

import io.chancery.node.status.OwnSigner;
import io.chancery.signer.key.KeyState;
import io.chancery.signer.key.KeyStatus;
import java.util.Locale;
import java.util.Optional;

/** What the metrics of a node show of the signer in its own process. */
final class SignerReport {
    private SignerReport() {}

    /** @param opened empty when the key is not in this process any more */
    static OwnSigner of(Optional<KeyStatus> opened) {
        KeyStatus status = opened.orElse(new KeyStatus(KeyState.CLOSED, "", 0, 0, 0, 0));
        return new OwnSigner(
                status.state().name().toLowerCase(Locale.ROOT),
                status.losses(),
                status.recoveries(),
                status.retried(),
                status.abandonedCalls());
    }
}
