package io.chancery.cli.start;

import io.chancery.cli.UsageException;
import io.chancery.cli.Version;
import io.chancery.cluster.members.ClusterIdentity;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.cluster.mtls.BusIdentity;
import io.chancery.core.certificate.KeyId;
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
import io.chancery.core.provisioner.ListedProvisioner;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.renewal.StepRenewal;
import io.chancery.core.revocation.StepRevocation;
import io.chancery.core.template.TemplateSources;
import io.chancery.core.token.Audiences;
import io.chancery.node.ApiNodeConfig;
import io.chancery.node.revocation.CrlSettings;
import io.chancery.node.step.Authority;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.security.Provider;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Both files and the certificates that they name, read together. */
record LoadedConfig(ConfigFiles files, List<X509Certificate> roots, IssuerFiles.Found issuers) {
    private static final Logger LOG = LoggerFactory.getLogger(LoadedConfig.class);

    /** What all issuers are. */
    static final String DISTINCT = "issuers that each have a name, a subject and a key of their own";

    LoadedConfig {
        roots = List.copyOf(roots);
    }

    /** Waits for the disk. */
    static LoadedConfig read(ConfigFiles files) throws UsageException {
        List<X509Certificate> roots = CertificateFiles.read(files.ca().pki().roots());
        LoadedConfig loaded = new LoadedConfig(files, roots, IssuerFiles.read(files, roots));
        Issuers unused = loaded.issuers(key -> true);
        return loaded;
    }

    /** @param answers whether a signer has the key at this moment */
    Issuers issuers(Predicate<KeyId> answers) throws UsageException {
        try {
            return Issuers.of(
                    issuers.listed().stream().map(KeyedIssuer::issuer).toList(),
                    issuers.standing().issuer(),
                    answers);
        } catch (IllegalArgumentException e) {
            throw ConfigException.ofChanceryJson("/issuers", String.valueOf(e.getMessage()), DISTINCT);
        }
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
     * What an API node serves by; reads the federated roots, every provisioner and the files of their templates.
     *
     * @param random for templates that ask for it
     * @param answers whether a signer has an issuer's key at this moment
     * @param openId what is known of OpenID providers
     */
    ApiNodeConfig forApi(Provider provider, LongUnaryOperator random, Predicate<KeyId> answers, OpenIdProviders openId)
            throws UsageException {
        CaConfig config = files.ca();
        PublicKeys keys = new PublicKeys(provider);
        Provisioners provisioners = provisioners(config, keys, random, openId);
        Audiences audiences = new Audiences(config.listeners().dnsNames());
        Issuers all = issuers(answers);
        Duration backdate = config.authority().backdate();
        KeyLimits limits = limits(files.chancery().keyRules());
        StepIssuance rules = new StepIssuance(provisioners, audiences, all, backdate, keys)
                .withPolicies(policies())
                .withSubjects(config.authority().subjects())
                .within(limits);
        StepRenewal renewal = new StepRenewal(provisioners, audiences, roots, all, backdate, keys)
                .withoutIssuers(files.chancery().abandonedIssuers())
                .within(limits);
        Authority authority = new Authority(
                roots,
                CertificateFiles.read(config.pki().federatedRoots()),
                all,
                provisioners,
                rules,
                renewal,
                new StepRevocation(provisioners, audiences, keys),
                keys,
                config.tls());
        return new ApiNodeConfig(
                authority,
                WebhookFiles.read(
                        files.chancery().provisioners(), config.authority().provisioners(), provisioners::webhooks),
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

    /** What the thread itself has computed: no template pays for a machine that is busy with something else. */
    private static LongSupplier computed() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return threads.isCurrentThreadCpuTimeSupported() && threads.isThreadCpuTimeEnabled()
                ? threads::getCurrentThreadCpuTime
                : System::nanoTime;
    }

    private static Provisioners provisioners(
            CaConfig config, PublicKeys keys, LongUnaryOperator random, OpenIdProviders openId) throws UsageException {
        List<Map<String, Object>> raw = config.authority().provisioners();
        TemplateSources templates =
                new TemplateSources(TemplateFiles.read(Provisioners.templateFiles(raw)), computed(), random);
        try {
            Provisioners provisioners = Provisioners.of(raw, config.authority().claims(), keys, templates, openId);
            for (ListedProvisioner refusing : provisioners.refusing()) {
                LOG.atWarn()
                        .addKeyValue("provisioner", refusing.name())
                        .addKeyValue("reason", refusing.reason())
                        .log("a provisioner is listed, and its requests are refused");
            }
            for (String reusing : provisioners.reusing()) {
                LOG.atWarn()
                        .addKeyValue("provisioner", reusing)
                        .log(
                                "tokens of this provisioner can be used any number of times until they expire, as step-ca has it");
            }
            return provisioners;
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage())
                    .lines()
                    .map(line -> "ca.json#" + line)
                    .collect(Collectors.joining("\n")));
        }
    }
}
