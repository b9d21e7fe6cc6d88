package io.chancery.cli.start;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.join.ClusterMember;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.der.Sha256;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.secret.Secret;
import io.chancery.node.status.OwnSigner;
import io.chancery.signer.bus.SignerVerticle;
import io.chancery.signer.key.KeyStatus;
import io.chancery.signer.key.LastSignature;
import io.chancery.signer.key.SigningKeyException;
import io.chancery.signer.key.SigningKeys;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The signers of this process, one for each issuer whose key it has. One thread at a time changes them; that blocks. */
final class OwnSigners {
    private static final Logger LOG = LoggerFactory.getLogger(OwnSigners.class);

    private final ClusterMember member;
    private final Optional<Secret> password;
    private final Surroundings surroundings;
    private volatile Map<Sha256, Running> running = Map.of();
    private volatile Runnable freshProcessHelps = () -> {};

    /** @param password of ca.json's key */
    OwnSigners(ClusterMember member, Optional<Secret> password, Surroundings surroundings) {
        this.member = member;
        this.password = password;
        this.surroundings = surroundings;
    }

    private record Running(KeyedIssuer issuer, SignerVerticle verticle, String deployment) {}

    /**
     * Has a signer for each issuer with a key here; the others of a former configuration go on until {@link #only}.
     *
     * @throws StartException when one does not start, and UsageException when its files do not fit; nothing has changed
     */
    void start(LoadedConfig config) throws StartException, UsageException {
        Map<Sha256, Running> next = new LinkedHashMap<>(running);
        List<Running> started = new ArrayList<>();
        try {
            for (KeyedIssuer issuer : config.issuers().all()) {
                Sha256 id = issuer.issuer().certificate().hash();
                if (issuer.key().isPresent() && !next.containsKey(id)) {
                    Running signer = start(config.files(), issuer);
                    started.add(signer);
                    next.put(id, signer);
                }
            }
        } catch (StartException | UsageException | RuntimeException e) {
            started.forEach(signer -> {
                withdraw(signer, running.values(), config);
                stop(signer);
            });
            throw e;
        }
        running = Map.copyOf(next);
    }

    /**
     * UsageException when the files of a key that a start would open, or the URI of one on a token, cannot be read, or
     * nothing opens it: no option and no question is about the key of another issuer than ca.json's.
     */
    static void check(KeyedIssuer issuer) throws UsageException {
        if (issuer.key().isPresent()) {
            KeyedIssuer.KeyPlace place = issuer.key().get();
            KeyPassword.checkReadable(place);
            checkUri(issuer.issuer().name(), place);
            checkPassword(issuer);
        }
    }

    /** UsageException when a file cannot be read, or is one that nothing opens. */
    static void checkPassword(KeyedIssuer issuer) throws UsageException {
        KeyedIssuer.KeyPlace place = issuer.key().orElseThrow();
        if (!place.ofCaJson() && place.passwordFile().isEmpty() && KeyPassword.encrypted(place.reference())) {
            throw new UsageException(
                    "the key of " + issuer.issuer().name() + " is encrypted, and its entry has no passwordFile");
        }
    }

    private static void checkUri(String issuer, KeyedIssuer.KeyPlace place) throws UsageException {
        try {
            int unused = SigningKeys.signaturesAtOnce(place.reference(), place.kmsUri(), 1);
        } catch (SigningKeyException e) {
            throw new UsageException("the key of " + issuer + ": " + e.getMessage());
        }
    }

    private Running start(ConfigFiles files, KeyedIssuer issuer) throws StartException, UsageException {
        KeyedIssuer.KeyPlace key = issuer.key().orElseThrow();
        Optional<Secret> opens = key.passwordFile().isPresent()
                ? Optional.of(KeyPassword.of(key.passwordFile().get()))
                : key.ofCaJson() ? password : Optional.empty();
        SignerVerticle verticle = verticle(files, issuer, opens);
        KeyId keyId = issuer.issuer().keyId();
        NodeId node = NodeParts.nodeId(files);
        Future<String> deployed = member.vertx()
                .deployVerticle(verticle)
                .compose(id -> member.signers().announce(keyId, node).map(id).recover(cause -> {
                    withdraw(keyId, node); // it would be announced again and again
                    return undeploy(id).onFailure(OwnSigners::notClean).transform(gone -> Future.failedFuture(cause));
                }));
        String deployment;
        try {
            deployment = Waiting.await("the signer of " + issuer.issuer().name(), deployed);
        } catch (StartException e) {
            // One that is there after all, too late.
            Future<Void> unused = deployed.compose(id -> {
                        withdraw(keyId, node);
                        return undeploy(id).onFailure(OwnSigners::notClean);
                    })
                    .onFailure(cause -> LOG.atDebug()
                            .addKeyValue("reason", cause.getMessage())
                            .log("nothing is left of a signer that was given up"));
            throw e;
        }
        verticle.whenAFreshProcessHelps(() -> freshProcessHelps.run());
        return new Running(issuer, verticle, deployment);
    }

    private SignerVerticle verticle(ConfigFiles files, KeyedIssuer issuer, Optional<Secret> opens)
            throws StartException {
        try {
            return NodeParts.signer(member, files, issuer, opens, surroundings);
        } catch (SigningKeyException e) { // a URI that is none
            throw new StartException(
                    "the signer of " + issuer.issuer().name() + " did not start: " + e.getMessage(), e);
        }
    }

    /** From now on no others than this configuration's, and those by its rules. */
    void only(LoadedConfig config) {
        Map<Sha256, KeyedIssuer> wanted = new HashMap<>();
        config.issuers().all().stream()
                .filter(issuer -> issuer.key().isPresent())
                .forEach(issuer -> wanted.put(issuer.issuer().certificate().hash(), issuer));
        Map<Sha256, Running> next = new LinkedHashMap<>();
        List<Running> retired = new ArrayList<>();
        running.forEach((id, signer) -> {
            KeyedIssuer issuer = wanted.get(id);
            if (issuer != null) {
                signer.verticle()
                        .useRules(
                                issuer.issuer().certificate(),
                                config.files().chancery().keyRules());
                next.put(id, new Running(issuer, signer.verticle(), signer.deployment())); // it may have another name
            } else {
                retired.add(signer);
            }
        });
        retired.forEach(signer -> retire(signer, next.values(), config));
        running = Map.copyOf(next);
    }

    /** Requests that began under the configuration before may still ask for it. */
    private void retire(Running signer, Collection<Running> others, LoadedConfig config) {
        LOG.atInfo()
                .addKeyValue("issuer", signer.issuer().issuer().name())
                .log("this node's signer of an issuer stops");
        withdraw(signer, others, config);
        long unused = member.vertx()
                .setTimer(config.files().chancery().limits().requestDeadline().toMillis(), over -> stop(signer));
    }

    /** Unless another one that goes on has the same key: they are known by it. */
    private void withdraw(Running signer, Collection<Running> others, LoadedConfig config) {
        KeyId key = signer.issuer().issuer().keyId();
        if (others.stream().noneMatch(other -> other.issuer().issuer().keyId().equals(key))) {
            withdraw(key, NodeParts.nodeId(config.files()));
        }
    }

    private void withdraw(KeyId key, NodeId node) {
        Future<Void> unused = member.signers()
                .withdraw(key, node)
                .onFailure(cause ->
                        LOG.atDebug().addKeyValue("reason", cause.getMessage()).log("it is forgotten by itself"));
    }

    private void stop(Running signer) {
        Future<Void> unused = undeploy(signer.deployment()).onFailure(OwnSigners::notClean);
    }

    private Future<Void> undeploy(String deployment) {
        return member.vertx().undeploy(deployment);
    }

    private static void notClean(Throwable cause) {
        LOG.atWarn().addKeyValue("reason", cause.getMessage()).log("a signer did not stop cleanly");
    }

    /** Has it run, on any thread, when a fresh process could use a key and this one cannot. */
    void whenAFreshProcessHelps(Runnable action) {
        freshProcessHelps = action;
    }

    /** How each of them is, by their issuers' names. Any thread; never waits. */
    List<OwnSigner> all() {
        return running.values().stream()
                .map(signer -> SignerReport.of(
                        signer.issuer().issuer(), signer.verticle().status()))
                .sorted(Comparator.comparing(OwnSigner::issuer))
                .toList();
    }

    /** How an issuer's key is in this process; empty when it is not here. */
    Optional<KeyStatus> status(Issuer issuer) {
        return Optional.ofNullable(running.get(issuer.certificate().hash()))
                .map(signer -> signer.verticle().status());
    }

    /** What came of the last signature of an issuer's key in this process. Any thread; never waits. */
    Optional<LastSignature> lastSignature(Issuer issuer) {
        return Optional.ofNullable(running.get(issuer.certificate().hash()))
                .flatMap(signer -> signer.verticle().lastSignature());
    }
}
