package io.chancery.cli.start;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.Version;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.join.ClusterMember;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.config.CaConfig;
import io.chancery.core.config.ChanceryConfig;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.secret.Secret;
import io.chancery.node.ApiNodeSettings;
import io.chancery.node.crypto.CryptoProviders;
import io.chancery.node.issuance.UsableKeys;
import io.chancery.node.oidc.OidcProviders;
import io.chancery.node.outbound.OutboundProxies;
import io.chancery.node.store.PostgresStore;
import io.chancery.node.store.SqliteStore;
import io.chancery.node.store.Store;
import io.chancery.node.store.StoreException;
import io.chancery.node.store.StoreSettings;
import io.chancery.signer.bus.SignerSettings;
import io.chancery.signer.bus.SignerVerticle;
import io.chancery.signer.key.KeyNeighbours;
import io.chancery.signer.key.KeySettings;
import io.chancery.signer.key.SigningKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Provider;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the parts of a node from its files: member of the cluster, store, signer, API. Blocks. */
final class NodeParts {
    private static final Logger LOG = LoggerFactory.getLogger(NodeParts.class);
    private static final int SIGNER_QUEUE = 1_000;
    private static final Duration JOBS_EVERY = Duration.ofMinutes(1);
    private static final FileAttribute<Set<PosixFilePermission>> OF_ITS_OWNER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** Verify what the signers here sign. */
    private static final PublicKeys KEYS = new PublicKeys(CryptoProviders.choose());

    private NodeParts() {}

    static ClusterMember member(ChanceryConfig chancery, NodeFacts facts) throws StartException {
        return chancery.cluster().isPresent()
                ? Waiting.await(
                        "the cluster", ClusterMember.join(chancery.cluster().get(), facts))
                : ClusterMember.alone(facts);
    }

    static NodeId nodeId(ConfigFiles files) {
        return files.chancery().cluster().map(c -> new NodeId(c.node())).orElse(NodeId.ALONE);
    }

    /** The folder of what a node keeps for itself, made when it is not there. */
    static void makeFolder(ConfigFiles files) throws UsageException {
        try {
            Path unused = Files.createDirectories(files.ca().db().folder(), OF_ITS_OWNER);
        } catch (IOException e) {
            throw new UsageException("the folder " + files.ca().db().folder() + " cannot be made");
        }
    }

    static Store store(ConfigFiles files, boolean startEmpty, Surroundings surroundings) throws StoreException {
        CaConfig.Db db = files.ca().db();
        db.announced().ifPresent(text -> LOG.atInfo().log(text));
        byte[] random = new byte[16];
        surroundings.random().nextBytes(random);
        StoreSettings settings = new StoreSettings(
                nodeId(files).value(),
                files.chancery().limits().storeQueue(),
                startEmpty,
                HexFormat.of().formatHex(random),
                db.bboltFile());
        if (db.postgres().isPresent()) {
            return PostgresStore.open(
                    db.postgres().get(), files.chancery().store().replication(), db.folder(), settings);
        }
        Store store = SqliteStore.open(db.folder(), settings, surroundings.clock());
        try {
            OfflineStep.warning(db).ifPresent(text -> LOG.atWarn().log(text));
        } catch (StoreException e) {
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("nobody knows whether step has worked here too");
        }
        return store;
    }

    /** @param signers those of this process */
    static ApiNodeSettings api(
            LoadedConfig loaded,
            ClusterMember member,
            Store store,
            Optional<OwnSigners> signers,
            Surroundings surroundings) {
        Provider provider = CryptoProviders.choose();
        OutboundProxies proxies = proxies();
        return new ApiNodeSettings(
                nodeId(loaded.files()),
                new UsableKeys(member.signers()),
                signers.map(own -> own::all),
                store,
                member.signers(),
                member.replay(),
                member.members(),
                new OidcProviders(member.vertx(), new PublicKeys(provider), proxies, surroundings.random()::nextLong),
                proxies,
                JOBS_EVERY,
                loaded.files().chancery().store().keepExpired(),
                provider,
                loaded.files().ca().db().folder(),
                surroundings.clock(),
                surroundings.random(),
                Version.text());
    }

    /** Read once: what becomes of the environment later is for the next start. */
    private static OutboundProxies proxies() {
        OutboundProxies proxies = OutboundProxies.of(System.getenv());
        proxies.places()
                .forEach((variable, place) -> LOG.atInfo()
                        .addKeyValue("variable", variable)
                        .addKeyValue("proxy", place)
                        .log("webhooks and OpenID providers are called through a proxy"));
        proxies.unusable()
                .forEach(variable -> LOG.atWarn()
                        .addKeyValue("variable", variable)
                        .log("a proxy that cannot be used; what can is a URL such as \"http://proxy.example:3128\" or"
                                + " \"socks5://…\". Webhooks and OpenID providers are called without it"));
        return proxies;
    }

    /** Not deployed yet. */
    static SignerVerticle signer(
            ClusterMember member,
            ConfigFiles files,
            KeyedIssuer issuer,
            Optional<Secret> password,
            Surroundings surroundings) {
        ChanceryConfig chancery = files.chancery();
        Path folder = files.ca().db().folder();
        KeySettings key = keySettings(files, issuer, password);
        SignerSettings settings = new SignerSettings(
                key.issuer(),
                nodeId(files),
                chancery.cluster().isEmpty(),
                chancery.keyRules(),
                key.sessions(),
                SIGNER_QUEUE,
                folder.resolve("signatures.log"),
                Ca.DRAIN,
                KEYS);
        return new SignerVerticle(
                settings,
                freshProcessHelps -> SigningKeys.keep(
                        key, new KeyNeighbours(folder, surroundings.random(), member.tokens(), freshProcessHelps)),
                surroundings.clock());
    }

    private static KeySettings keySettings(ConfigFiles files, KeyedIssuer issuer, Optional<Secret> password) {
        KeyedIssuer.KeyPlace place = issuer.key().orElseThrow();
        IssuerCertificate certificate = issuer.issuer().certificate();
        return new KeySettings(
                place.reference(),
                place.kmsUri(),
                place.pin(),
                password,
                certificate,
                SigningKeys.signaturesAtOnce(
                        place.reference(),
                        place.kmsUri(),
                        files.chancery().limits().pkcs11Sessions()),
                new TokenAdmission(files, certificate));
    }
}
