package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import io.chancery.conformance.ApiClient.Answer;
import io.chancery.testing.PostgresProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Of three nodes n2's clock is ten minutes ahead and n3's ten minutes behind; the database's is right, as n1's. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.Random.class)
@SuppressWarnings("NullAway.Init")
class ClusterClockIT {
    /** Under the three minutes for which a node takes the jobs. */
    private static final int LEASE_SECONDS = 150;

    private static final String NAME = "clock.example";
    private static final String ALARM = "this machine's clock and the store's are far apart";
    private static final Duration OFF = Duration.ofMinutes(10);
    /** Expiry and leeway, and what a used token is remembered for after that. */
    private static final long REMEMBERED_SECONDS = 60 + 3600;
    /** A clock moved forward by so much brings the next round of the store's jobs: they run once a minute. */
    private static final long MINUTE_SECONDS = 61;

    private PostgresProcess server;
    private EqualNodes nodes;
    private ClusterJudge judge;
    private ClusterLoad load;
    private Path fast;
    private Path slow;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        server = PostgresProcess.start();
        nodes = EqualNodes.make(StepPki.init(folder), server, 3, Map.of());
        judge = new ClusterJudge(nodes);
        // All clocks are right at first, so that each has a certificate that begins in time for a client.
        nodes.startAll();
        // As if the store had been there since yesterday: a new one refuses what was issued before it.
        String unusedEpoch = sql("UPDATE store_epoch SET tokens_not_before = tokens_not_before - 86400");
        load = ClusterLoad.start(nodes, 2, 30);
        load.awaitMore(20, 0, 60);
        fast = folder.resolve("fast");
        slow = folder.resolve("slow");
        FakedClock.set(fast, "+" + OFF.toSeconds() + "s");
        FakedClock.set(slow, "-" + OFF.toSeconds() + "s");
        restart(Map.of("n2", FakedClock.environment(fast), "n3", FakedClock.environment(slow)));
    }

    private void restart(Map<String, Map<String, String>> clocks) throws Exception {
        for (String name : clocks.keySet()) {
            nodes.process(name).close();
        }
        for (Map.Entry<String, Map<String, String>> each : clocks.entrySet()) {
            ChanceryProcess unused = nodes.start(each.getKey(), "all", each.getValue());
        }
        for (String name : clocks.keySet()) {
            String unused = nodes.process(name).awaitReady();
        }
    }

    @AfterAll
    void everythingIsTrue() throws Exception {
        try (PostgresProcess stopped = server;
                EqualNodes killed = nodes) {
            load.awaitMore(20, load.issued(), 60);
            restart(Map.of("n2", Map.of(), "n3", Map.of()));
            long right = System.nanoTime();
            judge.awaitEveryNodeIssues(right);
            judge.awaitWhole(right);
            load.awaitMore(20, load.issued(), 60);
            load.close();
            judge.judgeWhereGoodTokensAreRefused("clocks 10 minutes ahead and behind", load);
            assertThat(load.refusedWithoutReason(nodes.store()))
                    .as("good tokens that n2 took for old and n3 for those of the future, as the checker finds them")
                    .isNotEmpty();
        }
    }

    private String sql(String statement) throws Exception {
        return server.sql(EqualNodes.DATABASE, "SET search_path = chancery; " + statement);
    }

    /** A used token that expired this long before now; answers its key. */
    private String usedToken(long secondsAgo) throws Exception {
        return sql("INSERT INTO used_token (token_key, serial, expires_at, provisioner) VALUES"
                + " (sha256(random()::text::bytea), '0', extract(epoch FROM now())::bigint - " + secondsAgo
                + ", 'test') RETURNING encode(token_key, 'hex')");
    }

    private boolean remembered(String key) throws Exception {
        return sql("SELECT count(*) FROM used_token WHERE encode(token_key, 'hex') = '" + key + "'")
                .equals("1");
    }

    private static String token(ApiClient api, Duration shift, Duration life) throws Exception {
        Instant start = Instant.now().plus(shift);
        JWTClaimsSet claims = api.claims(NAME)
                .issueTime(Date.from(start))
                .notBeforeTime(Date.from(start))
                .expirationTime(Date.from(start.plus(life)))
                .build();
        return api.token(api.header().build(), claims);
    }

    private int status(String node, String token) throws Exception {
        ApiClient api = nodes.api(node);
        Answer answer = api.sign(api.csr(NAME), token);
        if (answer.status() == 201) {
            String unused = judge.hold(answer);
        }
        return answer.status();
    }

    @Test
    void whichever_clock_the_node_has_that_does_the_stores_jobs_no_used_token_is_forgotten_early() throws Exception {
        forgetsInTime("n2", fast, "+" + (OFF.toSeconds() + MINUTE_SECONDS) + "s");
        forgetsInTime("n3", slow, "-" + (OFF.toSeconds() - MINUTE_SECONDS) + "s");
    }

    private void forgetsInTime(String node, Path clock, String aMinuteOn) throws Exception {
        String early = usedToken(REMEMBERED_SECONDS - OFF.toSeconds() / 2); // n2 thinks that it may go
        String due = usedToken(REMEMBERED_SECONDS + 5); // n3 thinks that it must stay
        String unused = sql("UPDATE store_job SET node = '" + node + "', until = extract(epoch FROM now())::bigint + "
                + LEASE_SECONDS); // one that others wait for
        FakedClock.set(clock, aMinuteOn);
        ClusterJudge.await(node + " forgets what may be forgotten", 30, () -> !remembered(due));
        assertThat(remembered(early))
                .as("a used token, forgotten early by %s", node)
                .isTrue();
        assertThat(sql("SELECT node FROM store_job WHERE until < extract(epoch FROM now()) + 200"))
                .as("who has the jobs, for three minutes by the database's clock")
                .isEqualTo(node);
    }

    @Test
    void a_token_counts_where_the_nodes_clock_and_the_databases_both_agree_with_it_and_only_once() throws Exception {
        ApiClient api = nodes.api("n1");
        Duration usual = Duration.ofMinutes(5);
        assertThat(status("n1", token(api, Duration.ZERO, usual))).isEqualTo(201);
        assertThat(status("n2", token(api, Duration.ZERO, usual)))
                .as("over, for n2")
                .isEqualTo(401);
        assertThat(status("n3", token(api, Duration.ZERO, usual)))
                .as("of the future, for n3")
                .isEqualTo(401);
        assertThat(status("n2", token(api, OFF, usual)))
                .as("right for n2, of the future for the database")
                .isEqualTo(401);
        String lasting = token(api, Duration.ZERO, Duration.ofMinutes(30));
        assertThat(status("n2", lasting)).as("right for n2 and the database").isEqualTo(201);
        String old = token(api, OFF.negated(), Duration.ofMinutes(5));
        assertThat(status("n3", old))
                .as("right for n3, and not so old that its use may be forgotten")
                .isEqualTo(201);
        for (String node : nodes.names()) {
            assertThat(status(node, lasting)).as("used, at %s", node).isEqualTo(401);
            assertThat(status(node, old)).as("used, at %s", node).isEqualTo(401);
        }
    }

    @Test
    void nodes_whose_clock_is_off_raise_an_alarm_and_issue_all_the_same() throws Exception {
        nodes.process("n2").awaitLine(ALARM);
        nodes.process("n3").awaitLine(ALARM);
        for (String node : nodes.names()) {
            ClusterJudge.await(node + " can issue", 30, () -> nodes.canIssue(node));
        }
        assertThat(nodes.process("n1").lines()).noneMatch(line -> line.contains(ALARM));
    }
}
