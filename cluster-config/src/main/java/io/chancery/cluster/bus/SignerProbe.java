package io.chancery.cluster.bus;

import io.chancery.core.certificate.KeyId;

/**
 * Asks a signer how it is. It answers {@link SignReply.State}, after a probe signature of its own making when none
 * has succeeded for {@code maxAgeMillis}.
 *
 * @param maxAgeMillis how old the last successful signature may be before the signer makes one to see
 */
public record SignerProbe(KeyId keyId, long maxAgeMillis, NodeId callerNode) implements SignerMessage {}
