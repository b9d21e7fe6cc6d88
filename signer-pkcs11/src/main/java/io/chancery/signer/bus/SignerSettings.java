package io.chancery.signer.bus;

import io.chancery.cluster.bus.NodeId;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.config.ChanceryConfig.KeyRules;
import io.chancery.core.crypto.PublicKeys;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How one signer works.
 *
 * @param issuer whose key it holds
 * @param node this node, part of its address
 * @param alone whether no other node is there: its address is then known to this process only
 * @param rules what the key may sign, by this signer's own configuration
 * @param threads signatures under way at once, 1 or more; the key's sessions
 * @param queue requests that may wait for a thread, 1 or more; beyond them it declines as BUSY
 * @param signatureLog file that gets a line a signature; its folder must be there
 * @param drain how long a stop waits for requests under way
 * @param keys verify each signature before it leaves
 */
public record SignerSettings(
        IssuerCertificate issuer,
        NodeId node,
        boolean alone,
        KeyRules rules,
        int threads,
        int queue,
        Path signatureLog,
        Duration drain,
        PublicKeys keys) {
    public SignerSettings {
        if (threads < 1 || queue < 1) {
            throw new IllegalArgumentException("a signer has at least one thread and room for one request");
        }
    }
}
