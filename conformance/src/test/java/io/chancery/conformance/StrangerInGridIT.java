package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.testing.FreePorts;
import io.chancery.testing.PostgresProcess;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A process that nobody knows has joined the grid of three nodes, and does there what it likes: this one. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.Random.class)
@SuppressWarnings("NullAway.Init")
class StrangerInGridIT {
    private static final String NAME = "stranger.example";
    private static final int SOME = 10;

    private PostgresProcess server;
    private EqualNodes nodes;
    private ClusterJudge judge;
    private HazelcastInstance stranger;
    private IMap<Object, Object> used;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        server = PostgresProcess.start();
        nodes = EqualNodes.make(StepPki.init(folder), server, 3, Map.of());
        nodes.startAll();
        judge = new ClusterJudge(nodes);
        stranger = Hazelcast.newHazelcastInstance(config());
        assertThat(stranger.getCluster().getMembers()).as("the grid lets it in").hasSize(4);
        used = stranger.getMap("chancery.used-tokens");
    }

    private Config config() throws Exception {
        Object cluster = JSONObjectUtils.parse(StepPki.text(nodes.file("n1", "chancery.json")))
                .get("cluster");
        Config config = new Config();
        config.setClusterName(String.valueOf(((Map<?, ?>) cluster).get("name")));
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.setProperty("hazelcast.logging.type", "none");
        config.setProperty("hazelcast.socket.bind.any", "false");
        config.getNetworkConfig().setPort(FreePorts.take()).setPortAutoIncrement(false);
        config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
        JoinConfig join = config.getNetworkConfig().getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        join.getTcpIpConfig().setEnabled(true);
        for (String name : nodes.names()) {
            join.getTcpIpConfig().addMember("127.0.0.1:" + nodes.hazelcastPort(name));
        }
        return config;
    }

    @AfterAll
    void everythingIsTrue() throws Exception {
        try (PostgresProcess stopped = server;
                EqualNodes killed = nodes) {
            if (stranger != null) {
                stranger.getLifecycleService().terminate();
                judge.awaitEveryNodeIssues(System.nanoTime());
                judge.awaitWhole(System.nanoTime());
            }
            if (judge != null) {
                judge.check();
            }
        }
    }

    private static byte[] key(String token) {
        return HexFormat.of().parseHex(ApiClient.tokenKey(token));
    }

    private List<Integer> statuses(String token) throws Exception {
        List<Integer> statuses = new java.util.ArrayList<>();
        for (String name : nodes.names()) {
            ApiClient api = nodes.api(name);
            ApiClient.Answer answer = api.sign(api.csr(NAME), token);
            if (answer.status() == 201) {
                String unused = judge.hold(answer);
            }
            statuses.add(answer.status());
        }
        return statuses;
    }

    private String token() throws Exception {
        return nodes.api("n1").token(NAME);
    }

    private static byte[] randomHash() {
        byte[] bytes = new byte[32];
        ThreadLocalRandom.current().nextBytes(bytes);
        return bytes;
    }

    @Test
    void what_it_deletes_or_overwrites_of_the_used_tokens_makes_none_of_them_good_again() throws Exception {
        String token = token();
        assertThat(statuses(token)).containsExactly(201, 401, 401);
        used.delete(key(token));
        assertThat(statuses(token)).as("deleted").containsOnly(401);
        used.set(key(token), "nothing of ours");
        assertThat(statuses(token)).as("overwritten").containsOnly(401);
        used.clear();
        assertThat(statuses(token)).as("all deleted").containsOnly(401);
    }

    @Test
    void it_can_have_a_good_token_refused_whose_id_it_knows() throws Exception {
        String token = token();
        used.set(key(token), randomHash());
        assertThat(statuses(token)).containsOnly(401);
        assertThat(nodes.store().all())
                .as("rows of that token")
                .noneMatch(row -> row.tokenKey().equals(ApiClient.tokenKey(token)));
    }

    @Test
    void what_is_no_hash_is_not_believed_and_what_may_not_be_deserialised_harms_nobody() throws Exception {
        String text = token();
        used.set(key(text), "used, believe me");
        assertThat(statuses(text)).containsExactly(201, 401, 401);
        String object = token();
        used.set(key(object), new HashMap<>(Map.of("a", "class that nodes do not let in")));
        assertThat(statuses(object)).containsExactly(201, 401, 401);
    }

    @Test
    void signers_and_nodes_that_are_none_are_passed_over() throws Exception {
        IMap<String, String> signers = stranger.getMap("chancery.signers");
        String known = signers.keySet().iterator().next();
        String keyId = known.substring(0, known.lastIndexOf('/'));
        for (int i = 0; i < 1_000; i++) {
            signers.set(keyId + "/stranger" + i, "");
            signers.set("another" + i + "/n1", "");
        }
        signers.set("nonsense", "");
        IMap<String, Object> facts = stranger.getMap("chancery.nodes");
        facts.set("n2", "no JSON");
        facts.set("n9", "{}");
        for (int i = 0; i < SOME; i++) {
            String token = token();
            assertThat(statuses(token)).containsExactly(201, 401, 401);
        }
        signers.keySet().stream()
                .filter(entry -> entry.contains("stranger") || entry.startsWith("another") || entry.equals("nonsense"))
                .forEach(signers::delete);
    }

    @Test
    void the_bus_does_not_speak_to_it() throws Exception {
        for (String name : nodes.names()) {
            Commands.Result hello = Commands.run(
                    nodes.pki().folder(),
                    Map.of(),
                    "openssl",
                    "s_client",
                    "-connect",
                    "127.0.0.1:" + nodes.busPort(name),
                    "-tls1_3",
                    "-ign_eof");
            assertThat(hello.output())
                    .as("%s without a certificate", name)
                    .containsAnyOf("alert certificate required", "alert bad certificate");
        }
    }
}
