package io.chancery.cli.start;

import io.chancery.core.issuer.Issuer;
import io.chancery.node.status.OwnSigner;
import io.chancery.signer.key.KeyStatus;
import java.util.Locale;

/** What metrics and readiness of a process show of a signer in it. */
final class SignerReport {
    private SignerReport() {}

    static OwnSigner of(Issuer issuer, KeyStatus status) {
        return new OwnSigner(
                issuer.name(),
                status.state().name().toLowerCase(Locale.ROOT),
                status.why(),
                status.losses(),
                status.recoveries(),
                status.retried(),
                status.abandonedCalls());
    }
}
