package io.chancery.core.config;

import io.chancery.core.name.SubjectAltName;
import io.chancery.core.policy.NamePolicy;
import io.chancery.core.secret.Secret;
import io.chancery.core.template.SubjectDefaults;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * ca.json, read and checked: step's own file (wire contract s. 8), with step's defaults filled in. Paths are absolute,
 * relative ones having been resolved against step's rules. Contains no key of Chancery's own; those are in
 * {@link ChanceryConfig}.
 */
public record CaConfig(
        Pki pki,
        Listeners listeners,
        Optional<Secret> password,
        Kms kms,
        Db db,
        Tls tls,
        Crl crl,
        Authority authority) {

    /**
     * @param key path of a PEM file, or a {@code pkcs11:} URI
     */
    public record Pki(List<Path> roots, List<Path> federatedRoots, Path crt, String key) {
        public Pki {
            roots = List.copyOf(roots);
            federatedRoots = List.copyOf(federatedRoots);
        }
    }

    /** A host that may be empty (all interfaces) and a port; port 0 is any free one. */
    public record HostPort(String host, int port) {
        /** Where to listen. The JDK makes all IPv6 interfaces, too, of the IPv4 wildcard, but cannot do without IPv6 for theirs. */
        public String listening() {
            return host.isEmpty() ? "0.0.0.0" : host;
        }
    }

    /**
     * @param commonName of the server's own certificate
     * @param insecureAddress of plain HTTP, which serves lists of revoked certificates alone
     * @param requestLog empty means none
     */
    public record Listeners(
            HostPort address,
            List<String> dnsNames,
            String commonName,
            Optional<HostPort> metricsAddress,
            Optional<HostPort> insecureAddress,
            RequestLog requestLog) {
        public Listeners {
            dnsNames = List.copyOf(dnsNames);
        }

        /** A name as it stands in the file, without a port at its end; an IPv6 address has none. */
        public static String withoutPort(String name) {
            boolean address = SubjectAltName.isAddress(name);
            return !address && name.matches(".+:[0-9]{1,5}") ? name.substring(0, name.lastIndexOf(':')) : name;
        }
    }

    /**
     * step's logger member.
     *
     * @param format {@code text}, {@code json} or {@code common}; empty means no request log
     * @param traceHeader another header that names a request, besides X-Request-Id
     */
    public record RequestLog(Optional<String> format, Optional<String> traceHeader) {}

    /** step's kms member: the URI's attributes apply to a {@code pkcs11:} key that does not repeat them. */
    public record Kms(Optional<String> type, Optional<String> uri, Optional<Secret> pin) {}

    /**
     * @param type as written: {@code sqlite} when absent
     * @param folder of {@code chancery.db}, and of what a node keeps for itself
     * @param announced why the folder was chosen, when the file does not name one; for the log
     * @param postgres where the store is when it is not in the folder
     * @param bboltFile in which a step-ca with {@code bbolt} keeps all that it knows
     */
    public record Db(
            String type,
            Path folder,
            Optional<String> announced,
            Optional<PostgresSource> postgres,
            Optional<Path> bboltFile) {}

    /** Names as step writes them: {@code TLS_ECDHE_…}; versions 1.2 or 1.3. */
    public record Tls(List<String> cipherSuites, double minVersion, double maxVersion) {
        public Tls {
            cipherSuites = List.copyOf(cipherSuites);
        }
    }

    /**
     * step's crl member: lists of revoked certificates.
     *
     * @param generateOnRevoke whether each revocation makes a new one
     * @param cacheDuration from a list's making to its end
     * @param renewPeriod how often one is made; at most the cacheDuration
     * @param idpUrl where lists are had, as they say themselves
     */
    public record Crl(
            boolean enabled, boolean generateOnRevoke, Duration cacheDuration, Duration renewPeriod, String idpUrl) {}

    /**
     * @param provisioners in file order, as the raw members that {@code /provisioners} lists; parsed by the provisioner package
     * @param claims raw, as {@code authority.claims}
     * @param policy about the names of all certificates; empty when there is none, or none with rules
     * @param subjects what every subject has that does not say: {@code authority.template}
     */
    public record Authority(
            List<Map<String, Object>> provisioners,
            Map<String, Object> claims,
            Duration backdate,
            boolean disableIssuedAtCheck,
            Optional<NamePolicy> policy,
            SubjectDefaults subjects) {
        public Authority {
            provisioners = List.copyOf(provisioners);
            claims = Map.copyOf(claims);
        }
    }
}
