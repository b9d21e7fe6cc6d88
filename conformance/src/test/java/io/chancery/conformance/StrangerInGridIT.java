package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import com.hazelcast.map.listener.EntryAddedListener;
import io.chancery.testing.PostgresProcess;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
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

/**
 * A process that nobody knows has joined the grid of three nodes with signers, whose keys are on one token, and of one without,
 * and does there what it likes: this one.
 */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.Random.class)
@SuppressWarnings("NullAway.Init")
class StrangerInGridIT {
    private static final String NAME = "stranger.example";
    private static final int SOME = 10;
    /** Each with a signer of its own. */
    private static final List<String> SIGNERS = List.of("n1", "n2", "n3");

    private static final String WITHOUT_SIGNER = "n4";
    /** So long a node may wait for what others announce every two seconds. */
    private static final long ANNOUNCED_SECONDS = 30;

    /** A node may believe its mark in the grid for a minute, and looks every two seconds. */
    private static final long FILLED_SECONDS = 90;

    private static final String TURN = "turn/";
    private static final String REFUSED = "refused/";

    private PostgresProcess server;
    private EqualNodes nodes;
    private ClusterJudge judge;
    private HazelcastInstance stranger;
    private IMap<Object, Object> used;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        server = PostgresProcess.start();
        nodes = EqualNodes.make(TokenPki.init(folder), server, SIGNERS.size() + 1, Map.of());
        for (String name : SIGNERS) {
            ChanceryProcess unused = nodes.start(name);
        }
        ChanceryProcess unused = nodes.start(WITHOUT_SIGNER, "api");
        for (String name : nodes.names()) {
            String unusedUrl = nodes.process(name).awaitReady();
        }
        judge = new ClusterJudge(nodes);
        stranger = GridStranger.join(nodes);
        assertThat(stranger.getCluster().getMembers()).as("the grid lets it in").hasSize(5);
        used = stranger.getMap("chancery.used-tokens");
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
        for (String name : SIGNERS) {
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

    /** Asks a node for one certificate with a new token; 0 while it does not answer at all. */
    private int ask(String name) throws Exception {
        ApiClient api = nodes.api(name);
        try {
            ApiClient.Answer answer = api.sign(api.csr(NAME), token());
            if (answer.status() == 201) {
                String unused = judge.hold(answer);
            }
            return answer.status();
        } catch (ExecutionException e) {
            return 0;
        }
    }

    private void awaitAnswer(String name, int status) throws Exception {
        ClusterJudge.await(name + " answers " + status, ANNOUNCED_SECONDS, () -> ask(name) == status);
    }

    private void everyoneWithASignerIssues() throws Exception {
        for (String name : SIGNERS) {
            assertThat(ask(name)).as(name).isEqualTo(201);
        }
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
    void when_it_deletes_all_used_tokens_the_grid_is_soon_told_of_them_again() throws Exception {
        ApiClient api = nodes.api("n1");
        String token = token();
        String unused = judge.hold(api.sign(api.csr(NAME), token));
        ClusterJudge.await("the grid knows it", FILLED_SECONDS, () -> used.containsKey(key(token)));
        used.clear();
        ClusterJudge.await("the grid knows it again", FILLED_SECONDS, () -> used.containsKey(key(token)));
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
    void what_signers_announce_it_can_delete_and_only_who_has_none_waits_until_they_do_so_again() throws Exception {
        IMap<String, String> signers = stranger.getMap("chancery.signers");
        awaitAnswer(WITHOUT_SIGNER, 201);
        ClusterJudge.await(WITHOUT_SIGNER + " knows of no signer", ANNOUNCED_SECONDS, () -> {
            signers.clear();
            return ask(WITHOUT_SIGNER) == 503;
        });
        signers.clear();
        everyoneWithASignerIssues();
        awaitAnswer(WITHOUT_SIGNER, 201);
    }

    @Test
    void refusals_of_a_PIN_that_it_makes_up_have_one_signer_wait_for_an_operator_and_the_others_sign()
            throws Exception {
        IMap<String, String> tokens = stranger.getMap("chancery.tokens");
        String token = tokenOf(tokens);
        tokens.set(REFUSED + token, "made-up");
        nodes.process("n3").kill();
        ChanceryProcess waiting = nodes.start("n3");
        waiting.awaitLine("refused the PIN of another node");
        ClusterJudge.await("n3 issues by other signers", ANNOUNCED_SECONDS, () -> ask("n3") == 201);
        everyoneWithASignerIssues();
        Commands.run(
                        nodes.pki().folder(),
                        nodes.pki().environment(),
                        Path.of(System.getProperty("chancery.home"), "bin/chancery")
                                .toString(),
                        "hsm",
                        "retry",
                        nodes.file("n3", "ca.json").toString())
                .succeeded();
        waiting.awaitLine("signing key healed");
        assertThat(tokens.get(REFUSED + token))
                .as("forgotten once a PIN is accepted")
                .isNull();
    }

    @Test
    void a_turn_at_the_token_that_it_never_ends_is_not_waited_for_longer_than_another_nodes() throws Exception {
        IMap<String, String> tokens = stranger.getMap("chancery.tokens");
        String key = TURN + tokenOf(tokens);
        tokens.set(key, "stranger");
        try {
            restartAtToken();
            int before =
                    SignatureLines.lines(nodes.file("n3", "signatures.log")).size();
            assertThat(ask("n3")).isEqualTo(201);
            assertThat(SignatureLines.lines(nodes.file("n3", "signatures.log")).size())
                    .as("signed by its own signer")
                    .isGreaterThan(before);
        } finally {
            tokens.delete(key);
        }
    }

    private void restartAtToken() throws Exception {
        nodes.process("n3").kill();
        String unused = nodes.start("n3").awaitReady();
        ClusterJudge.await("n3 can issue", ANNOUNCED_SECONDS, () -> nodes.canIssue("n3"));
    }

    /** What the grid calls the token: heard when a node logs in there. */
    private String tokenOf(IMap<String, String> tokens) throws Exception {
        CompletableFuture<String> heard = new CompletableFuture<>();
        UUID listener = tokens.addEntryListener(
                (EntryAddedListener<String, String>) event -> {
                    if (event.getKey().startsWith(TURN)) {
                        boolean unused = heard.complete(event.getKey().substring(TURN.length()));
                    }
                },
                false);
        try {
            restartAtToken();
            return heard.get(ANNOUNCED_SECONDS, TimeUnit.SECONDS);
        } finally {
            boolean unused = tokens.removeEntryListener(listener);
        }
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
