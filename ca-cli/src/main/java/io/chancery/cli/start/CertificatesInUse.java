package io.chancery.cli.start;

import io.chancery.cluster.mtls.BusIdentity;
import io.chancery.node.status.WatchedCertificate;
import io.chancery.node.status.WatchedCertificate.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which certificates this process works with that a person must replace before they end. */
final class CertificatesInUse {
    private CertificatesInUse() {}

    static List<WatchedCertificate> of(LoadedConfig config, Optional<BusIdentity> bus) {
        List<WatchedCertificate> all = new ArrayList<>();
        config.roots().forEach(root -> all.add(new WatchedCertificate(Kind.ROOT, root)));
        config.issuers().all().stream()
                .flatMap(issuer -> issuer.issuer().chain().stream())
                .distinct()
                .forEach(one -> all.add(new WatchedCertificate(Kind.INTERMEDIATE, one)));
        bus.ifPresent(identity -> {
            identity.authorities().forEach(ca -> all.add(new WatchedCertificate(Kind.CLUSTER_CA, ca)));
            all.add(new WatchedCertificate(Kind.BUS, identity.certificate()));
        });
        return List.copyOf(all);
    }
}
