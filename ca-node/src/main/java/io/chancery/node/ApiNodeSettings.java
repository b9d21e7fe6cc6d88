package io.chancery.node;

import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.signers.SignerDirectory;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.config.CaConfig;
import io.chancery.core.config.ChanceryConfig;
import io.chancery.core.name.NameConstraints;
import io.chancery.node.step.Authority;
import io.chancery.node.store.SqliteStore;
import java.nio.file.Path;
import java.security.Provider;
import java.security.SecureRandom;
import java.time.InstantSource;

/**
 * What an API node is made of.
 *
 * @param listeners of ca.json
 * @param dataFolder where the server's own certificate is kept
 * @param provider verifies signatures
 * @param version as {@code /version} answers it
 */
public record ApiNodeSettings(
        NodeId node,
        Authority authority,
        IssuerCertificate issuer,
        NameConstraints constraints,
        CaConfig.Listeners listeners,
        ChanceryConfig.Management management,
        ChanceryConfig.Limits limits,
        SqliteStore store,
        SignerDirectory signers,
        Provider provider,
        Path dataFolder,
        InstantSource clock,
        SecureRandom random,
        String version) {}
