package io.chancery.cli.start;

import io.chancery.node.status.OwnSigner;
import io.chancery.signer.key.KeyStatus;
import java.util.Locale;

/** What the metrics of a node show of the signer in its own process. */
final class SignerReport {
    private SignerReport() {}

    static OwnSigner of(KeyStatus status) {
        return new OwnSigner(
                status.state().name().toLowerCase(Locale.ROOT),
                status.losses(),
                status.recoveries(),
                status.retried(),
                status.abandonedCalls());
    }
}
