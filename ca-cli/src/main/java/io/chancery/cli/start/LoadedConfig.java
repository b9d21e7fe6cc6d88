package io.chancery.cli.start;

import io.chancery.cli.UsageException;
import io.chancery.cli.Version;
import io.chancery.cluster.members.ClusterIdentity;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.cluster.mtls.BusIdentity;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.IssuerUrls;
import io.chancery.core.config.CaConfig;
import io.chancery.core.config.ChanceryConfig;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Sha256;
import io.chancery.core.issuance.StepIssuance;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.provisioner.ListedProvisioner;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.renewal.StepRenewal;
import io.chancery.core.revocation.StepRevocation;
import io.chancery.core.template.TemplateSources;
import io.chancery.core.token.Audiences;
import io.chancery.node.ApiNodeConfig;
import io.chancery.node.revocation.CrlSettings;
import io.chancery.node.step.Authority;
import java.security.Provider;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Both files and the certificates that they name, read together. */
record LoadedConfig(
        ConfigFiles files, List<X509Certificate> roots, List<X509Certificate> chain, IssuerCertificate issuer) {
    private static final Logger LOG = LoggerFactory.getLogger(LoadedConfig.class);

    LoadedConfig {
        roots = List.copyOf(roots);
        chain = List.copyOf(chain);
    }

    /** Waits for the disk. */
    static LoadedConfig read(ConfigFiles files) throws UsageException {
        CaConfig config = files.ca();
        List<X509Certificate> roots = CertificateFiles.read(config.pki().roots());
        List<X509Certificate> chain = CertificateFiles.read(config.pki().crt());
        return new LoadedConfig(files, roots, chain, IssuerCertificate.of(chain.get(0)));
    }

    /** What this node says of itself to others. */
    NodeFacts facts(Ca.Role role, Optional<BusIdentity> bus) {
        return new NodeFacts(
                NodeParts.nodeId(files),
                bus.map(this::identity).orElseGet(this::identityAlone),
                Version.text(),
                role.name(),
                role == Ca.Role.api ? List.of() : List.of(issuer.keyId()),
                files.hashes());
    }

    /** What others compare; another one when this node's bus certificate is. */
    ClusterIdentity identity(BusIdentity bus) {
        return new ClusterIdentity(ClusterIdentity.rootsHash(roots), bus.issuer(), bus.trusted());
    }

    /** With nobody to compare it. */
    private ClusterIdentity identityAlone() {
        return new ClusterIdentity(ClusterIdentity.rootsHash(roots), Sha256.digest(), Set.of());
    }

    NameConstraints constraints() {
        List<X509Certificate> all = new ArrayList<>(roots);
        all.addAll(chain);
        return NameConstraints.of(all);
    }

    /**
     * What an API node serves by; reads the federated roots, every provisioner and the files of their templates.
     *
     * @param random for templates that ask for it
     */
    ApiNodeConfig forApi(Provider provider, LongUnaryOperator random) throws UsageException {
        CaConfig config = files.ca();
        PublicKeys keys = new PublicKeys(provider);
        Provisioners provisioners = provisioners(config, keys, random);
        Audiences audiences = new Audiences(config.listeners().dnsNames());
        ChanceryConfig.Certificates links = files.chancery().certificates();
        IssuerCertificate linking = issuer.withUrls(new IssuerUrls(links.crlUrls(), links.issuerUrls()));
        StepIssuance rules = new StepIssuance(
                provisioners,
                audiences,
                linking,
                constraints(),
                config.authority().backdate(),
                keys);
        StepRenewal renewal = new StepRenewal(
                provisioners,
                audiences,
                new StepRenewal.Issuer(
                        issuer, roots, chain, constraints(), config.authority().backdate()),
                keys);
        Authority authority = new Authority(
                roots,
                CertificateFiles.read(config.pki().federatedRoots()),
                chain,
                provisioners,
                rules,
                renewal,
                new StepRevocation(provisioners, audiences, keys),
                keys,
                config.tls());
        return new ApiNodeConfig(
                authority,
                config.listeners(),
                lists(config.crl()),
                files.chancery().proxies(),
                files.chancery().management(),
                files.chancery().limits());
    }

    private static Optional<CrlSettings> lists(CaConfig.Crl crl) {
        return crl.enabled()
                ? Optional.of(new CrlSettings(
                        crl.generateOnRevoke(), crl.cacheDuration(), crl.renewPeriod(), Optional.of(crl.idpUrl())))
                : Optional.empty();
    }

    private static Provisioners provisioners(CaConfig config, PublicKeys keys, LongUnaryOperator random)
            throws UsageException {
        List<Map<String, Object>> raw = config.authority().provisioners();
        TemplateSources templates =
                new TemplateSources(TemplateFiles.read(Provisioners.templateFiles(raw)), System::nanoTime, random);
        try {
            Provisioners provisioners = Provisioners.of(raw, config.authority().claims(), keys, templates);
            for (ListedProvisioner refusing : provisioners.refusing()) {
                LOG.atWarn()
                        .addKeyValue("provisioner", refusing.name())
                        .addKeyValue("reason", refusing.reason())
                        .log("a provisioner is listed, and its requests are refused");
            }
            return provisioners;
        } catch (IllegalArgumentException e) {
            throw new UsageException("ca.json#" + e.getMessage());
        }
    }
}
