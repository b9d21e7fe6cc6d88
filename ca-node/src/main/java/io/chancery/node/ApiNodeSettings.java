package io.chancery.node;

import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.members.ClusterMembers;
import io.chancery.cluster.replay.ReplayFilter;
import io.chancery.cluster.signers.SignerDirectory;
import io.chancery.node.issuance.UsableKeys;
import io.chancery.node.oidc.OidcProviders;
import io.chancery.node.outbound.OutboundProxies;
import io.chancery.node.status.OwnSigner;
import io.chancery.node.store.Store;
import java.nio.file.Path;
import java.security.Provider;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What an API node is made of, for as long as its process lives; what a reload may change is an {@link ApiNodeConfig}.
 *
 * @param usable which issuers' keys a signer has; what the rules ask, and this node's health answers
 * @param ownSigners how the signers of this process are, asked without waiting; empty where it has none
 * @param dataFolder where the server's own certificate is kept, and the lists of revoked certificates
 * @param openId asks the OpenID providers of the configuration in force
 * @param proxies through which webhooks are called
 * @param jobsEvery how often the store's jobs run
 * @param keepExpired how long after their end certificates stay in the store; empty: for ever
 * @param provider verifies signatures
 * @param version as {@code /version} answers it
 */
public record ApiNodeSettings(
        NodeId node,
        UsableKeys usable,
        Optional<Supplier<List<OwnSigner>>> ownSigners,
        Store store,
        SignerDirectory signers,
        ReplayFilter replay,
        ClusterMembers members,
        OidcProviders openId,
        OutboundProxies proxies,
        Duration jobsEvery,
        Optional<Duration> keepExpired,
        Provider provider,
        Path dataFolder,
        InstantSource clock,
        SecureRandom random,
        String version) {}
