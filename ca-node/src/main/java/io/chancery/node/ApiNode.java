package io.chancery.node;

import io.chancery.cluster.checkup.CheckUps;
import io.chancery.cluster.replay.ReplayFilter;
import io.chancery.core.config.CaConfig;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.chancery.node.http.ApiPorts;
import io.chancery.node.http.HttpApi;
import io.chancery.node.http.LogFormat;
import io.chancery.node.http.RequestLog;
import io.chancery.node.http.RequestRules;
import io.chancery.node.http.TlsOptions;
import io.chancery.node.issuance.BusSigningClient;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.IssuanceFlow;
import io.chancery.node.oidc.OidcProviders;
import io.chancery.node.outbound.ServerTrust;
import io.chancery.node.revocation.CrlJob;
import io.chancery.node.revocation.CrlJobs;
import io.chancery.node.revocation.KeptList;
import io.chancery.node.revocation.RevocationFlow;
import io.chancery.node.servercert.ServerCertificate;
import io.chancery.node.servercert.ServerIdentity;
import io.chancery.node.status.ClusterReport;
import io.chancery.node.status.ManagementServer;
import io.chancery.node.status.MetricNames;
import io.chancery.node.status.NodeHealth;
import io.chancery.node.status.NodeMetrics;
import io.chancery.node.status.OwnSigner;
import io.chancery.node.status.ProcessMetrics;
import io.chancery.node.status.WatchedCertificate;
import io.chancery.node.step.AcmeApi;
import io.chancery.node.step.Authority;
import io.chancery.node.step.CrlApi;
import io.chancery.node.step.RequestWorkers;
import io.chancery.node.step.SshApi;
import io.chancery.node.step.StepApi;
import io.chancery.node.step.WantedKeys;
import io.chancery.node.store.GridKeeper;
import io.chancery.node.store.StoreJobs;
import io.chancery.node.store.WriteObserver;
import io.chancery.node.webhook.HttpWebhooks;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.ext.web.Router;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Wires one API node together: the management port first, the API port as soon as there is a server certificate. */
public final class ApiNode {
    private static final Logger LOG = LoggerFactory.getLogger(ApiNode.class);
    private static final Duration JOB_DEADLINE = Duration.ofSeconds(30);
    private static final Duration OWN_CERTIFICATE = Duration.ofSeconds(10);

    private final Vertx vertx;
    private final ApiNodeSettings settings;
    /** The one it started with: what a reload may not change is read here. */
    private final ApiNodeConfig config;

    private final NodeHealth health;
    private volatile Authority authority;
    private final IssuanceFlow flow;
    private final CrlJobs lists;
    private final ServerCertificate certificate;
    private final RequestWorkers templates;
    private final HttpWebhooks webhooks;
    private final StepApi step;
    private final HttpApi api;
    private final ApiPorts ports;
    private final HttpApi insecureApi;
    private final ApiPorts insecurePorts;
    private final ProcessMetrics process;
    private final NodeMetrics metrics;
    private final GridKeeper gridKeeper;
    private Optional<Future<Integer>> ready = Optional.empty();
    private volatile int managementPort;
    private volatile Optional<ClusterReport.StoreSeen> storeSeen = Optional.empty();
    private long jobTimer = -1;

    private ApiNode(Vertx vertx, ApiNodeSettings settings, ApiNodeConfig config) {
        this.vertx = vertx;
        this.settings = settings;
        this.config = config;
        this.authority = config.authority();
        this.process = new ProcessMetrics(settings.version());
        this.metrics = new NodeMetrics(process);
        BusSigningClient signers = new BusSigningClient(vertx.eventBus(), settings.signers(), settings.node());
        this.health = new NodeHealth(
                vertx, this::probe, this::otherStore, signers, this::issuers, settings.usable(), settings.clock());
        ReplayFilter replay = metrics.counting(settings.replay());
        PublicKeys keys = new PublicKeys(settings.provider());
        this.flow = new IssuanceFlow(
                this::issuers,
                new IssuanceFlow.Ports(settings.store().ledger(), replay, metrics.timing(signers), health::forbids),
                keys,
                settings.clock(),
                settings.random());
        this.lists = new CrlJobs(
                vertx,
                new CrlJob.Ports(
                        settings.store().lists(), signers, new KeptList.Place(settings.dataFolder(), settings.clock())),
                keys,
                metrics::list);
        lists.use(issuers(), config.lists());
        RevocationFlow revocation =
                new RevocationFlow(settings.store().revocations(), replay, lists, settings.clock(), settings.random());
        this.gridKeeper = new GridKeeper(
                vertx, settings.members(), settings.store(), settings.replay(), settings.clock(), settings.random());
        this.templates = RequestWorkers.forTemplates(vertx);
        this.webhooks = new HttpWebhooks(vertx, settings.proxies(), metrics::webhook);
        useWebhooks(config);
        this.step = new StepApi(
                vertx,
                config.authority(),
                new StepApi.Flows(
                        flow,
                        revocation,
                        templates,
                        webhooks,
                        new WantedKeys(settings.openId()::wanted),
                        settings.clock()),
                health::refusal,
                settings.version());
        CrlApi crl = new CrlApi(lists, this::issuers);
        this.insecureApi = api(crl::mountOn);
        this.insecurePorts = new ApiPorts(vertx, insecureApi);
        this.api = api(router -> {
            step.mountOn(router);
            crl.mountOn(router);
            SshApi.mountOn(router);
            AcmeApi.mountOn(router);
        });
        this.ports = new ApiPorts(vertx, api);
        this.certificate = new ServerCertificate(
                vertx,
                new ServerCertificate.Settings(
                        this::issuers, settings.dataFolder(), settings.clock(), settings.random()),
                names(config),
                prepared -> flow.issueOwn(
                        prepared, "server-certificate-" + prepared.serial(), Deadline.in(OWN_CERTIFICATE)),
                flow::serial);
    }

    private HttpApi api(Consumer<Router> features) {
        return new HttpApi(
                features,
                rules(config),
                List.of(new RequestLog(this::rulesInForce), metrics),
                settings.clock(),
                HttpApi.PATIENCE);
    }

    /** Believed of those alone who have answered over the bus: whoever is in the grid can call itself anything. */
    private Optional<String> otherStore() {
        return settings.store().isShared()
                ? Optional.empty()
                : settings.members().members().stream()
                        .filter(member ->
                                member.roundTrip().isPresent() && member.facts().hasStore())
                        .findFirst()
                        .map(member -> "node " + member.facts().node() + " has the API, too, with a store that does not"
                                + " know what this one knows: two API nodes need PostgreSQL, or start all but one with"
                                + " --role signer");
    }

    private Future<Instant> probe(Deadline deadline) {
        long began = System.nanoTime();
        return settings.store()
                .probe(deadline)
                .timeout(Math.max(1, deadline.left().toMillis()), TimeUnit.MILLISECONDS)
                .onFailure(cause -> storeSeen = Optional.empty())
                .map(probe -> {
                    storeSeen = Optional.of(new ClusterReport.StoreSeen(
                            probe.jobNode(),
                            probe.listNodes(),
                            probe.epoch(),
                            Duration.ofNanos(System.nanoTime() - began)));
                    return probe.clock();
                });
    }

    private Issuers issuers() {
        return authority.issuers();
    }

    private RequestRules rulesInForce() {
        return api.rules();
    }

    private static RequestRules rules(ApiNodeConfig config) {
        return new RequestRules(
                config.limits().requestDeadline(),
                config.limits().inFlight(),
                config.listeners().requestLog().traceHeader(),
                config.listeners().requestLog().format().map(LogFormat::valueOf));
    }

    private static ServerCertificate.Names names(ApiNodeConfig config) {
        return new ServerCertificate.Names(
                config.listeners().commonName(), config.listeners().dnsNames());
    }

    /**
     * Opens the management port; the Future's node may not serve yet.
     *
     * @see #ready()
     */
    public static Future<ApiNode> start(Vertx vertx, ApiNodeSettings settings, ApiNodeConfig config) {
        ApiNode node = new ApiNode(vertx, settings, config);
        return node.openManagement().map(opened -> node);
    }

    /**
     * Serves requests that come from now on by another configuration. The caller has seen to it that it differs only in
     * what can change: addresses, roots, store and TLS stay as they are. Any thread.
     *
     * @throws io.chancery.core.error.CaException FORBIDDEN when the server may not have one of its new names; nothing
     *     has changed then
     */
    public void reload(ApiNodeConfig next) {
        Issuers before = issuers();
        ServerCertificate.check(
                names(next),
                next.authority().issuers().ofServer(settings.clock().instant()));
        useWebhooks(next); // first of all: it can fail
        authority = next.authority();
        step.use(authority);
        certificate.use(names(next), this::renewed);
        lists.use(issuers(), next.lists());
        if (!before.published(before.standing())
                .equals(issuers().published(issuers().standing()))) {
            // TLS believes those that certificates of clients are under.
            certificate.current().ifPresent(this::renewed);
        }
        useOpenId(next).onComplete(asked -> {});
        api.use(rules(next));
        insecureApi.use(rules(next));
    }

    /** Succeeds when each provider that was not known before has answered or failed to: seconds at most. */
    private Future<Void> useOpenId(ApiNodeConfig next) {
        List<X509Certificate> roots = new ArrayList<>(next.authority().roots());
        roots.addAll(next.authority().federated());
        return settings.openId()
                .use(
                        next.authority().provisioners().openIdEndpoints(),
                        roots,
                        next.authority().abandoned());
    }

    private void useWebhooks(ApiNodeConfig next) {
        Authority of = next.authority();
        if (of.provisioners().haveWebhooks()) { // else nobody need read whom the platform trusts
            webhooks.open(new ServerTrust(ofThisCa(of), of.abandoned())); // a webhook may have a certificate of this CA
        }
        webhooks.use(next.webhooks());
    }

    private Future<Void> openManagement() {
        measure();
        ManagementServer management = new ManagementServer(
                vertx,
                process,
                new ManagementServer.Signals(
                        Optional.of(this::cannotRead),
                        Optional.of(this::cannotIssue),
                        settings.ownSigners().map(own -> () -> OwnSigner.cannotSign(own.get()))),
                new ClusterReport(settings.members(), () -> storeSeen),
                new CheckUps(vertx.eventBus(), settings.members(), settings.clock()));
        Optional<CaConfig.HostPort> metricsAddress = config.listeners().metricsAddress();
        return management
                .listen(config.management())
                .onSuccess(server -> {
                    managementPort = server.actualPort();
                    LOG.atInfo().addKeyValue("port", managementPort).log("the management port is open");
                })
                .compose(server -> metricsAddress.isPresent()
                        ? management
                                .listenForMetrics(metricsAddress.get())
                                .onSuccess(opened -> LOG.atInfo()
                                        .addKeyValue("port", opened.actualPort())
                                        .log("the port for metrics is open"))
                        : Future.succeededFuture(server))
                .mapEmpty();
    }

    private void measure() {
        settings.store().observe(new WriteObserver() {
            @Override
            public void committed(int writes, Duration commit) {
                metrics.committed(writes, commit);
            }

            @Override
            public void failed(int writes) {
                metrics.failed(writes);
            }
        });
        metrics.gauge(
                MetricNames.IN_FLIGHT,
                "Requests admitted and not yet answered",
                () -> api.gate().inFlight());
        metrics.gauge(
                MetricNames.STORE_QUEUE,
                "Writes waiting for the store",
                () -> settings.store().waiting());
        metrics.gauge(
                MetricNames.CAN_ISSUE,
                "1 when this node can issue certificates",
                () -> cannotIssue().isEmpty() ? 1 : 0);
        process.nodes(settings.members());
        settings.ownSigners().ifPresent(process::signers);
        for (OidcProviders.Condition each : OidcProviders.Condition.values()) {
            metrics.openIdProviders(
                    each.name().toLowerCase(Locale.ROOT),
                    () -> settings.openId().count(each));
        }
        settings.openId().observe(metrics::openIdAsked);
        metrics.gauge(
                MetricNames.ISSUER_END,
                "When the issuer's certificate ends",
                () -> seconds(issuers()
                        .issuing(settings.clock().instant())
                        .certificate()
                        .certificate()));
        metrics.gauge(
                MetricNames.CRL_NEXT_UPDATE,
                "When the list of revoked certificates that this node serves ends; 0 when it has none",
                () -> lists.servedUntil().map(Instant::getEpochSecond).orElse(0L));
        metrics.gauge(
                MetricNames.SERVER_CERTIFICATE_END,
                "When the server's own certificate ends; 0 when there is none",
                () -> certificate.current().map(c -> seconds(c.certificate())).orElse(0L));
    }

    /**
     * Shows the ends of certificates that people replace, by kind the first one; kinds that are not there now stay away.
     *
     * @param certificates asked at every scrape, without waiting
     */
    public void measureEnds(Supplier<List<WatchedCertificate>> certificates) {
        process.ends(certificates);
    }

    private static long seconds(X509Certificate certificate) {
        return certificate.getNotAfter().toInstant().getEpochSecond();
    }

    /**
     * Succeeds when the API port is open, with its number. May take as long as store and signer are away. Begins when it is
     * asked for the first time; who asks again waits for the same.
     */
    public synchronized Future<Integer> ready() {
        if (ready.isEmpty()) {
            ready = Optional.of(begin());
        }
        return ready.get();
    }

    private Future<Integer> begin() {
        lists.start();
        jobTimer = vertx.setPeriodic(settings.jobsEvery().toMillis(), tick -> runJobs());
        Future<Void> checked = health.start().onSuccess(done -> gridKeeper.start());
        settings.openId().start();
        Future<Void> asked = useOpenId(config);
        // Until the first check nothing is issued, the server's own certificate included.
        return checked.compose(done -> certificate.start(this::renewed))
                .compose(identity -> asked.map(identity)) // or clients would read that a provider does not serve
                .compose(this::openApi);
    }

    /** Why nobody gets a certificate from this node; empty when they can. Never waits. */
    public Optional<String> cannotIssue() {
        return health.cannotIssue().or(this::cannotRead);
    }

    /** The issuer that signs at this moment what has none of its own. Never waits. */
    public Issuer issuing() {
        return issuers().issuing(settings.clock().instant());
    }

    public int managementPort() {
        return managementPort;
    }

    private Future<Integer> openApi(ServerIdentity identity) {
        webhooks.use(key(identity));
        return openForProxies(identity)
                .compose(opened -> openInsecure())
                .compose(opened -> ports.open(tls(identity, config.listeners().address())))
                // One that was renewed while the port was being opened.
                .onSuccess(port -> certificate
                        .current()
                        .filter(now -> !now.equals(identity))
                        .ifPresent(this::renewed));
    }

    /** Plain HTTP, for lists of revoked certificates alone; opened only where they are made, as step-ca has it. */
    private Future<?> openInsecure() {
        Optional<CaConfig.HostPort> address = config.listeners()
                .insecureAddress()
                .filter(any -> config.lists().isPresent());
        if (address.isEmpty()) {
            return Future.succeededFuture();
        }
        return insecurePorts
                .open(TlsOptions.plain(address.get()))
                .onSuccess(port -> LOG.atInfo().addKeyValue("port", port).log("the port for plain HTTP is open"))
                .recover(cause -> Future.failedFuture(
                        new IllegalStateException("nor insecureAddress in ca.json: " + cause.getMessage(), cause)));
    }

    private Future<?> openForProxies(ServerIdentity identity) {
        Optional<CaConfig.HostPort> address = config.proxies().address();
        if (address.isEmpty()) {
            return Future.succeededFuture();
        }
        return ports.openForProxies(
                        tls(identity, address.get()), config.proxies().trusted())
                .onSuccess(port -> LOG.atInfo().addKeyValue("port", port).log("the port for proxies is open"))
                .recover(cause -> Future.failedFuture(new IllegalStateException(
                        "nor listeners.proxyAddress in chancery.json: " + cause.getMessage(), cause)));
    }

    /** One after the other: of a renewal and a reload at the same moment the newer certificate is served last. */
    private synchronized void renewed(ServerIdentity another) {
        ServerIdentity identity = certificate.current().orElse(another);
        webhooks.use(key(identity));
        ports.serve(tls(identity, config.listeners().address()))
                .onSuccess(served -> LOG.atInfo()
                        .addKeyValue(
                                "notAfter", identity.certificate().getNotAfter().toInstant())
                        .log("server certificate renewed"))
                .onFailure(cause -> LOG.atError().setCause(cause).log("the renewed server certificate is not served"));
    }

    private HttpServerOptions tls(ServerIdentity identity, CaConfig.HostPort address) {
        return TlsOptions.of(address, config.authority().tls(), key(identity), ofThisCa(authority));
    }

    private static PemKeyCertOptions key(ServerIdentity identity) {
        return new PemKeyCertOptions()
                .setCertValue(Buffer.buffer(identity.chainPem()))
                .setKeyValue(Buffer.buffer(identity.keyPem()));
    }

    /** Roots and intermediates. */
    private static List<X509Certificate> ofThisCa(Authority authority) {
        List<X509Certificate> all = new ArrayList<>(authority.roots());
        all.addAll(authority.issuers().published(authority.issuers().standing()));
        return all;
    }

    private Optional<String> cannotRead() {
        return !ports.isOpen()
                ? certificate.missing().or(() -> Optional.of("the API port is not open yet"))
                : Optional.empty();
    }

    private void runJobs() {
        StoreJobs jobs = settings.store().jobs();
        jobs.forgetTokens(Deadline.in(JOB_DEADLINE))
                .compose(forgotten -> jobs.abandon(Deadline.in(JOB_DEADLINE)))
                .onSuccess(abandoned -> {
                    if (abandoned > 0) {
                        LOG.atWarn()
                                .addKeyValue("rows", abandoned)
                                .log("reserved certificates were abandoned and revoked");
                    }
                })
                .compose(abandoned ->
                        settings.keepExpired().map(jobs::forgetCertificates).orElse(Future.succeededFuture(0)))
                .onSuccess(forgotten -> {
                    if (forgotten > 0) {
                        LOG.atInfo()
                                .addKeyValue("rows", forgotten)
                                .log("certificates that expired long ago were forgotten");
                    }
                })
                .onFailure(cause ->
                        LOG.atWarn().addKeyValue("reason", cause.getMessage()).log("the store's jobs did not run"));
    }

    /**
     * Says that it cannot issue, so that balancers leave, and ends each kept connection with its next answer; goes on
     * serving meanwhile; then answers what is under way, for the request deadline at most, and closes the ports.
     *
     * @param drain how long it goes on serving; zero closes the ports at once
     */
    public Future<Void> stop(Duration drain) {
        health.drain();
        api.beginDrain();
        insecureApi.beginDrain();
        certificate.stop();
        gridKeeper.stop();
        settings.openId().stop();
        boolean unused = vertx.cancelTimer(jobTimer);
        LOG.atInfo().addKeyValue("drain", drain).log("stopping");
        Future<?> drained =
                drain.isZero() ? Future.succeededFuture() : vertx.timer(drain.toMillis(), TimeUnit.MILLISECONDS);
        return drained.compose(over -> Future.join(
                        ports.close(api.rules().deadline()),
                        insecurePorts.close(api.rules().deadline())))
                .eventually(() -> {
                    lists.stop(); // until here somebody may revoke, and waits for the list
                    return Future.succeededFuture();
                })
                .eventually(templates::close)
                .eventually(webhooks::close)
                .<Void>mapEmpty()
                .onComplete(done -> health.stop());
    }
}
