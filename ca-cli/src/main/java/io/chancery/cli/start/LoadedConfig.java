package io.chancery.cli.start;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.Version;
import io.chancery.cluster.members.ClusterIdentity;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.cluster.mtls.BusIdentity;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.chain.AbandonedIssuers;
import io.chancery.core.config.CaConfig;
import io.chancery.core.config.ChanceryConfig;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Sha256;
import io.chancery.core.issuance.KeyLimits;
import io.chancery.core.issuance.StepIssuance;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.oidc.OpenIdProviders;
import io.chancery.core.policy.NamePolicies;
import io.chancery.core.policy.NamePolicy;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.renewal.StepRenewal;
import io.chancery.core.revocation.StepRevocation;
import io.chancery.core.token.Audiences;
import io.chancery.node.ApiNodeConfig;
import io.chancery.node.revocation.CrlSettings;
import io.chancery.node.step.Authority;
import io.chancery.node.webhook.WebhookSecrets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A configuration that can be used, as {@link LoadedConfigReader} has it: both files, and what they name.
 *
 * @param served what an API node has besides; empty for a signer alone
 * @param bus in a cluster, at a start; a process that runs looks after its own
 */
record LoadedConfig(
        ConfigFiles files,
        List<X509Certificate> roots,
        IssuerFiles.Found issuers,
        Optional<Served> served,
        Optional<BusIdentity> bus) {
    private static final Logger LOG = LoggerFactory.getLogger(LoadedConfig.class);

    LoadedConfig {
        roots = List.copyOf(roots);
    }

    /** @param webhooks their secrets */
    record Served(
            List<X509Certificate> federatedRoots, PublicKeys keys, Provisioners provisioners, WebhookSecrets webhooks) {
        /** Says in the log what is so in step-ca as well, and few expect. */
        void warn() {
            for (String reusing : provisioners.reusing()) {
                LOG.atWarn()
                        .addKeyValue("provisioner", reusing)
                        .log(
                                "tokens of this provisioner can be used any number of times until they expire, as step-ca has it");
            }
        }
    }

    /**
     * For a start in that role; prints every problem.
     *
     * @param strict whether warnings stop it, too
     * @throws UsageException when something does
     */
    static LoadedConfig forStart(Path caJson, boolean strict, Ca.Role role, Surroundings surroundings)
            throws UsageException {
        return forStart(caJson, strict, role, Optional.empty(), surroundings);
    }

    /**
     * As above, where nothing is started: prints what a start would find out of the keys besides.
     *
     * @param fits opens them
     */
    static LoadedConfig forCheck(Path caJson, boolean strict, Ca.Role role, KeyCheck fits, Surroundings surroundings)
            throws UsageException {
        return forStart(caJson, strict, role, Optional.of(fits), surroundings);
    }

    private static LoadedConfig forStart(
            Path caJson, boolean strict, Ca.Role role, Optional<KeyCheck> fits, Surroundings surroundings)
            throws UsageException {
        return new ConfigReading(caJson)
                .read(
                        strict,
                        (draft, found) -> new LoadedConfigReader(draft, found, role, fits, surroundings).read(false),
                        surroundings.err()::println);
    }

    /** As {@link #forStart}, for a process that has its keys, its bus and its store. */
    static LoadedConfig forReload(
            Path caJson, boolean strict, Ca.Role role, Surroundings surroundings, Consumer<String> problemLine)
            throws UsageException {
        return new ConfigReading(caJson)
                .read(
                        strict,
                        (draft, found) ->
                                new LoadedConfigReader(draft, found, role, Optional.empty(), surroundings).read(true),
                        problemLine);
    }

    /** What this node says of itself to others. */
    NodeFacts facts(Ca.Role role, Optional<BusIdentity> bus) {
        return new NodeFacts(
                NodeParts.nodeId(files),
                bus.map(this::identity).orElseGet(this::identityAlone),
                Version.text(),
                role.name(),
                keys(role),
                files.hashes());
    }

    /** Those that a node of that role signs with. */
    List<KeyId> keys(Ca.Role role) {
        return role == Ca.Role.api
                ? List.of()
                : issuers.all().stream()
                        .filter(issuer -> issuer.key().isPresent())
                        .map(issuer -> issuer.issuer().keyId())
                        .toList();
    }

    /** What others compare; another one when this node's bus certificate is. */
    ClusterIdentity identity(BusIdentity bus) {
        return new ClusterIdentity(ClusterIdentity.rootsHash(roots), bus.issuer(), bus.trusted());
    }

    /** With nobody to compare it. */
    private ClusterIdentity identityAlone() {
        return new ClusterIdentity(ClusterIdentity.rootsHash(roots), Sha256.digest(), Set.of());
    }

    /**
     * What an API node serves by.
     *
     * @param answers whether a signer has an issuer's key at this moment
     * @param openId what is known of OpenID providers
     */
    ApiNodeConfig forApi(Predicate<KeyId> answers, OpenIdProviders openId) {
        CaConfig config = files.ca();
        Served read = served.orElseThrow();
        read.warn();
        PublicKeys keys = read.keys();
        AbandonedIssuers abandoned = files.chancery().abandonedIssuers();
        Provisioners provisioners = read.provisioners().asking(openId).without(abandoned);
        Audiences audiences = new Audiences(config.listeners().dnsNames());
        Issuers all = issuers.with(answers);
        Duration backdate = config.authority().backdate();
        KeyLimits limits = limits(files.chancery().keyRules());
        StepIssuance rules = new StepIssuance(provisioners, audiences, all, backdate, keys)
                .withPolicies(policies())
                .withSubjects(config.authority().subjects())
                .within(limits);
        StepRenewal renewal = new StepRenewal(provisioners, audiences, roots, all, backdate, keys)
                .withoutIssuers(abandoned)
                .within(limits);
        Authority authority = new Authority(
                roots,
                read.federatedRoots(),
                all,
                abandoned,
                provisioners,
                rules,
                renewal,
                new StepRevocation(provisioners, audiences, keys),
                keys,
                config.tls());
        return new ApiNodeConfig(
                authority,
                read.webhooks(),
                config.listeners(),
                lists(config.crl()),
                files.chancery().proxies(),
                files.chancery().management(),
                files.chancery().limits());
    }

    private static KeyLimits limits(ChanceryConfig.KeyRules rules) {
        return new KeyLimits(rules.allowCa(), rules.maxPathLength(), rules.allowOcspSigning());
    }

    private NamePolicies policies() {
        Map<String, NamePolicy> ofProvisioners = new HashMap<>();
        files.chancery()
                .provisioners()
                .forEach((name, settings) -> settings.policy().ifPresent(policy -> ofProvisioners.put(name, policy)));
        return new NamePolicies(files.ca().authority().policy(), ofProvisioners);
    }

    private static Optional<CrlSettings> lists(CaConfig.Crl crl) {
        return crl.enabled()
                ? Optional.of(new CrlSettings(
                        crl.generateOnRevoke(), crl.cacheDuration(), crl.renewPeriod(), Optional.of(crl.idpUrl())))
                : Optional.empty();
    }
}
