package io.chancery.cli.start;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.bus.SignerCodecs;
import io.chancery.cluster.checkup.CheckUps;
import io.chancery.cluster.join.ClusterMember;
import io.chancery.cluster.mtls.BusIdentity;
import io.chancery.cluster.mtls.BusRotation;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.config.CaConfig;
import io.chancery.core.config.ChanceryConfig;
import io.chancery.core.der.Sha256;
import io.chancery.core.oidc.OpenIdProviders;
import io.chancery.core.secret.Secret;
import io.chancery.node.ApiNode;
import io.chancery.node.ApiNodeConfig;
import io.chancery.node.ApiNodeSettings;
import io.chancery.node.status.ExpiryWatch;
import io.chancery.node.status.WatchedCertificate;
import io.chancery.node.store.Store;
import io.chancery.node.store.StoreException;
import io.chancery.signer.key.RefusedPins;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A CA in this process: the one place that joins store, signer and API. */
public final class Ca implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ca.class);
    static final Duration DRAIN = Duration.ofSeconds(5);
    private static final long STOP_SECONDS = 15;
    /** Exit code of a process that a fresh one shall replace. */
    private static final int RESTART = 3;
    /** Exit code of a process whose HSM a fresh one could use. */
    private static final int FRESH_FOR_HSM = 4;

    private final ClusterMember member;
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private final Optional<Store> store;
    private final Optional<ApiNode> node;
    private volatile LoadedConfig config;
    private Optional<BusRotation> rotation = Optional.empty();
    private Optional<OwnSigners> signers = Optional.empty();
    private Optional<FormerIssuers> former = Optional.empty();
    private Role role = Role.all;
    private Predicate<KeyId> answers = key -> true;
    private OpenIdProviders openId = OpenIdProviders.NONE;

    private Ca(ClusterMember member, Optional<Store> store, Optional<ApiNode> node, LoadedConfig config) {
        this.member = member;
        this.store = store;
        this.node = node;
        this.config = config;
    }

    /** Which parts of a CA this process is. */
    public enum Role {
        /** Both, in one process. */
        all,
        /** HTTP API and store; opens no PKCS#11 library. */
        api,
        /** The key; no HTTP API and no store. */
        signer
    }

    /** As {@code chancery start} without options does, for a key that no password opens. */
    public static Ca start(Path caJson, Surroundings surroundings)
            throws UsageException, StoreException, StartException {
        LoadedConfig loaded = LoadedConfig.forStart(caJson, false, Role.all, surroundings);
        return start(loaded, Role.all, Optional.empty(), false, surroundings);
    }

    /**
     * Starts everything and returns when the management port is open; blocks meanwhile.
     *
     * @param loaded for a start in that role
     * @throws UsageException when settings do not fit
     * @throws StoreException when the store cannot be opened
     * @throws StartException when a part does not start
     */
    static Ca start(
            LoadedConfig loaded, Role role, Optional<Secret> password, boolean startEmpty, Surroundings surroundings)
            throws UsageException, StoreException, StartException {
        ConfigFiles files = loaded.files();
        Optional<BusIdentity> bus = loaded.bus();
        ClusterMember member = NodeParts.member(files.chancery(), loaded.facts(role, bus));
        Vertx vertx = member.vertx();
        Optional<Store> store = Optional.empty();
        Optional<FormerIssuers> former = Optional.empty();
        try {
            Optional<BusRotation> rotation = bus.map(identity ->
                    BusRotation.start(vertx, files.chancery().cluster().orElseThrow(), identity));
            rotation.ifPresent(watched ->
                    watched.onTakeUp(identity -> member.members().identityInForce(loaded.identity(identity))));
            SignerCodecs.register(vertx.eventBus());
            if (role != Role.signer) {
                // First of all: its lock says that no other process works in this folder.
                store = Optional.of(NodeParts.store(files, startEmpty, surroundings));
                FormerIssuers opened = new FormerIssuers(vertx, store.get().issuers());
                opened.check(loaded);
                former = Optional.of(opened);
            }
            Optional<OwnSigners> signers = Optional.empty();
            if (role != Role.api) {
                NodeParts.makeFolder(files);
                signers = Optional.of(new OwnSigners(member, password, surroundings));
                signers.get().start(loaded);
            }
            Predicate<KeyId> answers = key -> true;
            Optional<ApiNode> node = Optional.empty();
            OpenIdProviders openId = OpenIdProviders.NONE;
            if (role != Role.signer) {
                ApiNodeSettings settings = NodeParts.api(loaded, member, store.get(), signers, surroundings);
                answers = settings.usable();
                node = Optional.of(Waiting.await(
                        managementPlace(files.chancery().management()),
                        ApiNode.start(vertx, settings, loaded.forApi(answers, settings.openId()))));
                openId = settings.openId();
            }
            Ca ca = new Ca(member, store, node, loaded);
            ca.openId = openId;
            ca.former = former;
            ca.rememberIssuers();
            ca.rotation = rotation;
            member.members().whenDeafForGood(() -> ca.endUnlessItServes(RESTART));
            ca.signers = signers;
            ca.role = role;
            ca.answers = answers;
            signers.ifPresent(own -> own.whenAFreshProcessHelps(() -> ca.endUnlessItServes(FRESH_FOR_HSM)));
            ca.measure(surroundings);
            Void unused = Waiting.await("the check-up", ca.answerCheckUps(surroundings));
            return ca;
        } catch (StartException | UsageException | StoreException | RuntimeException e) {
            stop(member.leave(), STOP_SECONDS);
            store.ifPresent(Store::close);
            throw e;
        }
    }

    private void measure(Surroundings surroundings) throws StartException {
        Supplier<List<WatchedCertificate>> certificates =
                () -> CertificatesInUse.of(config, rotation.map(BusRotation::inUse));
        new ExpiryWatch(certificates, surroundings.clock()).start(member.vertx());
        node.ifPresent(api -> api.measureEnds(certificates));
        if (role == Role.signer) {
            SignerManagement management = new SignerManagement(member, signers.orElseThrow()::all, surroundings);
            management.measureEnds(certificates);
            ChanceryConfig.Management settings = config.files().chancery().management();
            try {
                Void unused = Waiting.await(managementPlace(settings), management.open(settings));
            } catch (StartException e) {
                // To sign is what it is there for.
                LOG.atError().addKeyValue("reason", e.getMessage()).log("the management port stays closed");
            }
        }
    }

    private static String managementPlace(ChanceryConfig.Management management) {
        return "the management port " + place(management.address()) + " (\"management\" in chancery.json)";
    }

    private Future<Void> answerCheckUps(Surroundings surroundings) {
        NodeCheckUp checkUp = new NodeCheckUp(
                member.members(),
                issuer -> signers.flatMap(own -> own.status(issuer.issuer())),
                issuer -> signers.flatMap(own -> own.lastSignature(issuer.issuer())));
        NodeId id = NodeParts.nodeId(config.files());
        OwnTokens tokens = new OwnTokens(
                member.vertx(), RefusedPins.in(config.files().ca().db().folder(), surroundings.random()));
        OwnFiles files = new OwnFiles(member.vertx());
        return CheckUps.answer(member.vertx().eventBus(), id, () -> {
            // The clocks of nodes are compared, and looking at a token takes time.
            Instant now = surroundings.clock().instant();
            LoadedConfig asked = config;
            Future<Map<Sha256, JsonArray>> lookedAt = files.look(checkUp.files(asked, now));
            return tokens.look(checkUp.tokens(asked))
                    .compose(found -> lookedAt.map(ofFiles -> checkUp.of(
                            asked,
                            new NodeCheckUp.Moment(
                                    now,
                                    node.map(api -> api.issuing()),
                                    node.flatMap(ApiNode::cannotIssue),
                                    rotation.map(bus -> bus.inUse()
                                            .certificate()
                                            .getNotAfter()
                                            .toInstant()),
                                    found,
                                    ofFiles))));
        });
    }

    /** Waits until the API port is open, or failed to, or this process has to end first; answers the exit code then. */
    Optional<Integer> awaitReadyOrEnd() {
        return Waiting.endedFirst(ended, api().ready().toCompletionStage().toCompletableFuture());
    }

    /** Waits until the API port is open, for as long as that takes; answers its number. */
    public int awaitReady() throws StartException {
        try {
            return api().ready().toCompletionStage().toCompletableFuture().get();
        } catch (java.util.concurrent.CancellationException e) {
            throw new StartException("stopped before the API port was opened", e);
        } catch (java.util.concurrent.ExecutionException e) {
            throw new StartException(
                    "the API port " + place(caJson().listeners().address())
                            + " (\"address\" in ca.json) was not opened: " + Waiting.reason(e.getCause()),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted", e);
        }
    }

    private ApiNode api() {
        return node.orElseThrow(() -> new IllegalStateException("a signer has no API"));
    }

    /** Where this machine reaches the management port. */
    public String managementHost() {
        String host = config.files().chancery().management().address().host();
        return host.isEmpty() ? "127.0.0.1" : host;
    }

    public int managementPort() {
        return api().managementPort();
    }

    Role role() {
        return role;
    }

    /** The one in force. */
    LoadedConfig config() {
        return config;
    }

    /**
     * Puts another configuration in force for what comes from now on; it must differ only in what can change.
     *
     * @throws UsageException when it does not fit what there was before; nothing has changed then
     * @throws StartException when the signer of a new issuer does not start; nothing has changed then
     */
    void reload(LoadedConfig next) throws UsageException, StartException {
        IssuerFiles.checkListsStay(config.issuers(), next.issuers());
        if (former.isPresent()) {
            former.get().check(config, next);
        }
        Optional<ApiNodeConfig> api = node.isPresent() ? Optional.of(next.forApi(answers, openId)) : Optional.empty();
        if (signers.isPresent()) {
            signers.get().start(next);
        }
        try {
            api.ifPresent(served -> node.orElseThrow().reload(served));
        } catch (RuntimeException e) {
            signers.ifPresent(own -> own.only(config));
            throw e;
        }
        signers.ifPresent(own -> own.only(next));
        config = next;
        rememberIssuers();
        member.members().inForce(next.files().hashes(), next.keys(role));
    }

    private void rememberIssuers() {
        former.ifPresent(known -> known.remember(() -> config));
    }

    /**
     * What a fresh process heals and this one does not: the others have merged with it and none reaches it any more, or
     * its HSM works for others. One that can issue all the same, with a signer of its own or another node's, goes on
     * serving.
     */
    private void endUnlessItServes(int exitCode) {
        if (node.isEmpty() || node.get().cannotIssue().isPresent()) {
            LOG.atError()
                    .addKeyValue("exitCode", exitCode)
                    .log("this process ends, for its supervisor to start it again");
            boolean unused = ended.complete(exitCode);
        }
    }

    /** Waits until this process has to end by itself; answers its exit code. */
    int awaitEnd() throws InterruptedException {
        try {
            return ended.get();
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Looks at once whether the bus certificate or its CAs have changed; waits for nothing. */
    void checkBus() {
        rotation.ifPresent(bus -> bus.check()
                .onFailure(
                        cause -> LOG.atError().setCause(cause).log("the bus certificate could not be looked after")));
    }

    public CaConfig caJson() {
        return config.files().ca();
    }

    public List<X509Certificate> roots() {
        return config.roots();
    }

    private static String place(CaConfig.HostPort address) {
        return address.host() + ":" + address.port();
    }

    private static void stop(Future<Void> stopping, long seconds) {
        try {
            Void unused = stopping.toCompletionStage().toCompletableFuture().get(seconds, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("did not stop cleanly");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Drains, answers what is under way, for as long as a request may take, and stops; at most 20 s longer than both
     * together.
     */
    @Override
    public void close() {
        ChanceryConfig.Limits limits = config.files().chancery().limits();
        long longest = limits.drain().plus(limits.requestDeadline()).toSeconds() + 1;
        node.ifPresent(api -> stop(api.stop(limits.drain()), longest + DRAIN.toSeconds()));
        stop(member.leave(), STOP_SECONDS);
        store.ifPresent(Store::close);
    }
}
