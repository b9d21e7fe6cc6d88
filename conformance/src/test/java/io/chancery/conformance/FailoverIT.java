package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.testing.PostgresProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The primary is lost under load and its standby promoted; the nodes know both, and find the one that takes writes. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestMethodOrder(MethodOrderer.Random.class)
class FailoverIT {
    private static final int CLIENTS = 4;
    /** After a new epoch, tokens count that were issued a minute later. */
    private static final long EPOCH_SECONDS = 60;
    /** As if the new epoch's minute had passed: still within the leeway of the future. The long form waits instead. */
    private static final Duration AHEAD =
            Integer.getInteger("cluster.rounds", 1) > 1 ? Duration.ZERO : Duration.ofSeconds(57);

    private static EqualNodes twoNodes(
            Path folder, PostgresProcess primary, PostgresProcess standby, String replication) throws Exception {
        String dataSource = primary.dataSource(EqualNodes.DATABASE)
                .replace("127.0.0.1:" + primary.port(), "127.0.0.1:" + primary.port() + ",127.0.0.1:" + standby.port());
        return EqualNodes.make(
                StepPki.init(folder),
                primary,
                dataSource,
                EqualNodes.onLoopback(2),
                Map.of("store", Map.of("replication", replication), "limits", Map.of("requestDeadline", "4s")));
    }

    private static String lastEpoch(PostgresProcess server) throws Exception {
        return server.sql(EqualNodes.DATABASE, "SELECT reason FROM chancery.store_epoch ORDER BY number DESC LIMIT 1");
    }

    @Test
    void a_synchronous_standby_is_promoted_and_nothing_is_lost_nor_is_any_good_token(@TempDir Path folder)
            throws Exception {
        try (PostgresProcess primary = PostgresProcess.start();
                PostgresProcess standby = primary.standby("standby")) {
            primary.set("synchronous_standby_names", "standby");
            try (EqualNodes nodes = twoNodes(folder, primary, standby, "synchronous")) {
                nodes.startAll();
                ClusterJudge judge = new ClusterJudge(nodes);
                ClusterLoad load = ClusterLoad.start(nodes, CLIENTS);
                try (load) {
                    load.awaitMore(40, 0, 60);
                    ApiClient api = nodes.api("n1");
                    String unused = api.token("unused.example");
                    primary.kill();
                    standby.set("synchronous_standby_names", "*");
                    standby.promote();
                    // Nothing counts before a standby has it, and the new primary has none yet.
                    try (PostgresProcess next = standby.standby("next")) {
                        nodes.useServer(standby);
                        judge.awaitRecovery();
                        assertThat(lastEpoch(standby)).isEqualTo("PROMOTED");
                        String held = judge.hold(ClusterJudge.offered(api, api.csr("unused.example"), unused));
                        assertThat(held).isNotEmpty();
                        load.awaitMore(40, load.issued(), 60);
                        load.close();
                        judge.judge("a synchronous standby promoted", load);
                    }
                }
            }
        }
    }

    @Test
    void a_lagging_standby_is_promoted_and_what_is_lost_is_counted_but_no_token_buys_twice(@TempDir Path folder)
            throws Exception {
        try (PostgresProcess primary = PostgresProcess.start();
                PostgresProcess standby = primary.standby("standby");
                EqualNodes nodes = twoNodes(folder, primary, standby, "asynchronous")) {
            nodes.startAll();
            ClusterJudge judge = new ClusterJudge(nodes);
            ClusterLoad load = ClusterLoad.start(nodes, CLIENTS);
            try (load) {
                load.awaitMore(40, 0, 60);
                Set<String> kept = new TreeSet<>(lag(primary, standby));
                assertThat(kept.size()).as("certificates that the standby has").isGreaterThanOrEqualTo(40);
                ApiClient api = nodes.api("n1");
                String csr = api.csr("lost.example");
                String used = api.token("lost.example");
                String lost = Certificates.hex(api.sign(csr, used).member("crt"));
                load.awaitMore(20, load.issued(), 60);
                primary.kill();
                standby.promote();
                nodes.useServer(standby);
                Set<String> heldBefore = Set.copyOf(load.held());
                load.issueTokensAhead(AHEAD);
                judge.awaitIssuing(
                        nodes.names(), System.nanoTime(), ClusterJudge.RECOVERY_SECONDS + EPOCH_SECONDS, AHEAD);
                judge.awaitWhole(System.nanoTime());
                assertThat(lastEpoch(standby)).isEqualTo("RESTORED");
                for (String name : nodes.names()) {
                    ClusterJudge.awaitRefused(nodes.api(name), csr, used);
                }
                load.awaitMore(20, load.issued(), 60);
                load.close();
                for (String der : load.held()) {
                    if (!heldBefore.contains(der)) {
                        kept.add(Certificates.ofHex(der).getSerialNumber().toString());
                    }
                }
                judge.hold(List.of(lost));
                judge.judgeAfterLoss("a lagging asynchronous standby promoted", load, kept);
            }
        }
    }

    /**
     * From now on the standby gets nothing, as over a network that is too slow. Answers the serials of what was issued
     * before, as the standby has them: at least all that the primary had when this began.
     */
    private static Set<String> lag(PostgresProcess primary, PostgresProcess standby) throws Exception {
        Set<String> issued = issued(primary);
        ClusterJudge.await(
                "the standby has what was issued", 60, () -> issued(standby).containsAll(issued));
        String pid = primary.sql("postgres", "SELECT pid FROM pg_stat_replication");
        assertThat(new ProcessBuilder("kill", "-STOP", pid).inheritIO().start().waitFor())
                .isZero();
        return issued(standby);
    }

    private static Set<String> issued(PostgresProcess server) throws Exception {
        return StoreRows.of(server, EqualNodes.DATABASE).issued().keySet();
    }
}
