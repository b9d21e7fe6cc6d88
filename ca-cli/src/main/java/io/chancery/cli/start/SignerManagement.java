package io.chancery.cli.start;

import io.chancery.cli.Surroundings;
import io.chancery.cli.Version;
import io.chancery.cluster.checkup.CheckUps;
import io.chancery.cluster.join.ClusterMember;
import io.chancery.core.config.ChanceryConfig;
import io.chancery.node.status.ClusterReport;
import io.chancery.node.status.ManagementServer;
import io.chancery.node.status.OwnSigner;
import io.chancery.node.status.ProcessMetrics;
import io.chancery.node.status.WatchedCertificate;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The management port of a process that is a signer alone. */
final class SignerManagement {
    private static final Logger LOG = LoggerFactory.getLogger(SignerManagement.class);

    private final ProcessMetrics metrics = new ProcessMetrics(Version.text());
    private final ManagementServer server;

    /** @param signers asked without waiting */
    SignerManagement(ClusterMember member, Supplier<List<OwnSigner>> signers, Surroundings surroundings) {
        Vertx vertx = member.vertx();
        metrics.nodes(member.members());
        metrics.signers(signers);
        server = new ManagementServer(
                vertx,
                metrics,
                new ManagementServer.Signals(
                        Optional.empty(), Optional.empty(), Optional.of(() -> OwnSigner.cannotSign(signers.get()))),
                new ClusterReport(member.members(), Optional::empty),
                new CheckUps(vertx.eventBus(), member.members(), surroundings.clock()));
    }

    /** @param certificates asked at every scrape, without waiting */
    void measureEnds(Supplier<List<WatchedCertificate>> certificates) {
        metrics.ends(certificates);
    }

    /** Opens it where a configuration names its address, and nothing elsewhere; closed with the Vert.x. */
    Future<Void> open(ChanceryConfig.Management management) {
        if (!management.configured()) {
            return Future.succeededFuture();
        }
        return server.listen(management)
                .onSuccess(opened ->
                        LOG.atInfo().addKeyValue("port", opened.actualPort()).log("the management port is open"))
                .mapEmpty();
    }
}
