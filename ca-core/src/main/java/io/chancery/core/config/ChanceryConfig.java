package io.chancery.core.config;

import io.chancery.core.chain.AbandonedIssuers;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.issuer.IssuingRule;
import io.chancery.core.lint.Lint;
import io.chancery.core.name.AddressRange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** chancery.json, read and checked: Chancery's own settings beside ca.json, all optional. */
public record ChanceryConfig(
        Optional<Cluster> cluster,
        KeyRules keyRules,
        Management management,
        Proxies proxies,
        Limits limits,
        KmsOverride kms,
        Store store,
        Certificates certificates,
        Map<String, ProvisionerSettings> provisioners,
        List<IssuerEntry> issuers,
        AbandonedIssuers abandonedIssuers) {
    /**
     * @param provisioners by name
     * @param issuers in their order: the first whose rule fits signs
     * @param abandonedIssuers that may go before what they signed has ended, and are believed no more
     */
    public ChanceryConfig {
        provisioners = Map.copyOf(provisioners);
        issuers = List.copyOf(issuers);
    }

    /**
     * Joins this node to others.
     *
     * @param node this node's id (see NodeId)
     * @param name the cluster's name; long and random, though not a secret
     * @param apiNode id of the one node that has the API and the store, where the store is SQLite: that allows no second
     * @param members {@code host:port} of every node's Hazelcast
     * @param size how many nodes there will be; 0 when members name each of them
     * @param hazelcast where this node's Hazelcast listens
     * @param bus where this node's event bus listens
     * @param certificate PEM file, this node's bus certificate
     * @param key PEM file, its key
     * @param ca PEM file, the cluster CA's certificates
     */
    public record Cluster(
            String node,
            String name,
            Optional<String> apiNode,
            List<String> members,
            int size,
            CaConfig.HostPort hazelcast,
            CaConfig.HostPort bus,
            Path certificate,
            Path key,
            Path ca) {
        public Cluster {
            members = List.copyOf(members);
        }
    }

    /**
     * What the issuer's key may sign; the default refuses certificates that would speak for the issuer.
     *
     * @param maxValidity longest certificate, backdating included; absent means the issuer's own end only
     * @param allowCa whether certificates with the CA flag may be signed
     * @param maxPathLength of a CA certificate that may be signed
     * @param allowOcspSigning whether certificates for signing OCSP responses may be signed
     */
    public record KeyRules(
            Optional<Duration> maxValidity, boolean allowCa, int maxPathLength, boolean allowOcspSigning) {}

    /**
     * @param address of the management port; loopback unless configured
     * @param configured whether somebody relies on that address; else any free port will do where it is taken
     */
    public record Management(CaConfig.HostPort address, boolean configured) {}

    /**
     * Balancers that pass TLS through and say in a PROXY header who the client is.
     *
     * @param address of the port that they alone use; empty when there are none
     * @param trusted where they connect from; not empty when there is a port
     */
    public record Proxies(Optional<CaConfig.HostPort> address, List<AddressRange> trusted) {
        public Proxies {
            trusted = List.copyOf(trusted);
        }
    }

    /**
     * @param inFlight requests admitted at once, beyond which the answer is 503
     * @param storeQueue writes waiting for the store, beyond which the answer is 503
     * @param requestDeadline of one request, from its first byte to its answer
     * @param pkcs11Sessions signatures under way at once
     * @param drain how long a node that stops says so and goes on serving, before its ports close
     */
    public record Limits(int inFlight, int storeQueue, Duration requestDeadline, int pkcs11Sessions, Duration drain) {}

    /**
     * This node's own key place, which wins over ca.json's, and what a key on a token may lack.
     *
     * @param writeMissingCertificate whether the signer writes the issuer's certificate beside a key that has none
     * @param allowWeakKey whether a key is used that is not sensitive, or can be taken out of its token
     */
    public record KmsOverride(
            Optional<String> uri, Optional<String> key, boolean writeMissingCertificate, boolean allowWeakKey) {}

    /**
     * @param replication how far the database's own words are relied on
     * @param folder of what a node keeps for itself where ca.json does not name it ({@link NodeFolder}); empty: the folder of ca.json
     * @param keepExpired how long after its end a certificate stays in the store, a day at least; empty: for ever
     */
    public record Store(Replication replication, Optional<Path> folder, Optional<Duration> keepExpired) {}

    /**
     * What certificates say of where more is had, how they are signed, and what they must not be.
     *
     * @param crlUrls of the list of revoked certificates
     * @param issuerUrls of the issuer's certificate
     * @param signatureAlgorithm how the issuer's key signs them, and lists of revoked ones; empty where the key decides
     * @param lint rules that each is held against before it is signed
     */
    public record Certificates(
            List<String> crlUrls, List<String> issuerUrls, Optional<SignatureScheme> signatureAlgorithm, Lint lint) {
        public static final Certificates PLAIN =
                new Certificates(List.of(), List.of(), Optional.empty(), Lint.STANDARD);

        public Certificates {
            crlUrls = List.copyOf(crlUrls);
            issuerUrls = List.copyOf(issuerUrls);
        }
    }

    /**
     * An issuer besides ca.json's, or what is to be said of that one.
     *
     * @param name 1 to 63 lower-case letters, digits and inner hyphens
     * @param crt PEM file: its certificate, then those above it but the root
     * @param key path of a PEM file, or a {@code pkcs11:} URI; empty where this node does not have it
     * @param kmsUri what the URI does not repeat
     * @param passwordFile of an encrypted PEM file
     * @param urls what new certificates say of where more is had; empty when it is not said here
     * @param rule what it signs; nothing when empty
     */
    public record IssuerEntry(
            String name,
            Path crt,
            Optional<String> key,
            Optional<String> kmsUri,
            Optional<Path> passwordFile,
            Optional<Certificates> urls,
            Optional<IssuingRule> rule) {}

    /** What an operator says of a PostgreSQL's standbys. */
    public enum Replication {
        /** A standby may lack the last writes: after its promotion, tokens issued until then are refused. */
        asynchronous,
        /** Every write is on a standby before it counts; a server that does not wait for one is not written to. */
        synchronous
    }
}
