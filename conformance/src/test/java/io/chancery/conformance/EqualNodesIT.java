package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.conformance.ApiClient.Answer;
import io.chancery.testing.PostgresProcess;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Three equal nodes on one PostgreSQL: whatever one of them has done, the others know. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.Random.class)
@SuppressWarnings("NullAway.Init")
class EqualNodesIT {
    private static final int ROUNDS = Integer.getInteger("kill.rounds", 10) * 20;
    /** Of a token, or of tokens; and a round of them in place of so many rounds of one. */
    private static final int AT_ONCE = 50;
    /** Of those the batches whose sizes are told apart by the metric. */
    private static final int MANY_IN_A_BATCH = 32;
    /** After a slow batch, the next ones are small until the database is known to be quick again. */
    private static final int ONE_BY_ONE = 6;
    /** Far within the time in which a request must be answered. */
    private static final int QUEUE_SECONDS = 4;

    private static final int MORE_ROUNDS = 5;
    /** Of a copy whose connection was lost, or that waited too long. */
    private static final int MOST_OFFERS = 5;

    private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private PostgresProcess server;
    private EqualNodes nodes;
    private final List<ApiClient> apis = new ArrayList<>();
    private ClusterJudge judge;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        server = PostgresProcess.start();
        StepPki pki = StepPki.init(folder);
        pki.set("crl", Map.of("enabled", true, "generateOnRevoke", true));
        nodes = EqualNodes.make(pki, server, 3, Map.of());
        judge = new ClusterJudge(nodes);
        nodes.startAll();
    }

    /** Of each test's own: a connection that another has left may be closed while it is used. */
    @BeforeEach
    void clients() throws Exception {
        apis.clear();
        for (String name : nodes.names()) {
            apis.add(nodes.api(name));
        }
    }

    @AfterAll
    void everythingIsTrue() throws Exception {
        try (PostgresProcess stopped = server;
                EqualNodes killed = nodes) {
            judge.check();
        }
    }

    @Test
    void each_node_issues_and_a_token_used_at_one_is_used_at_every_other() throws Exception {
        for (ApiClient api : apis) {
            String csr = api.csr("equal.example");
            String token = api.token("equal.example");
            Answer first = api.sign(csr, token);
            String unusedFirst = judge.hold(first);
            for (ApiClient other : apis) {
                ClusterJudge.awaitRefused(other, csr, token);
            }
        }
    }

    @Test
    void the_same_token_offered_to_all_nodes_at_once_buys_one_certificate_while_others_issue() throws Exception {
        String csr = apis.get(0).csr("race.example");
        besideOthers("the same token at all nodes at once", ROUNDS, () -> {
            Offers offers = new Offers(apis.get(0).token("race.example"));
            for (ApiClient api : apis) {
                offers.add(token -> api.sign(csr, token, Map.of()));
            }
            return List.of(offers);
        });
    }

    @Test
    void of_fifty_copies_of_a_token_at_each_node_at_once_one_buys_while_others_issue() throws Exception {
        String csr = apis.get(0).csr("copies.example");
        inLargeBatches(nodes.names(), rounds -> {
            besideOthers(
                    "fifty copies of a token at each node at once",
                    rounds,
                    () -> held(nodes.names(), () -> {
                        Offers offers = new Offers(apis.get(0).token("copies.example"));
                        for (int i = 0; i < AT_ONCE; i++) {
                            for (ApiClient api : apis) {
                                offers.add(token -> api.sign(csr, token, Map.of()));
                            }
                        }
                        return List.of(offers);
                    }));
        });
    }

    /** So that the batches of two nodes want the same rows from both ends. */
    @Test
    void of_fifty_tokens_at_two_nodes_in_opposite_orders_each_buys_one_while_others_issue() throws Exception {
        String csr = apis.get(0).csr("orders.example");
        List<String> two = nodes.names().subList(0, 2);
        inLargeBatches(two, rounds -> {
            besideOthers(
                    "tokens in opposite orders at two nodes",
                    rounds,
                    () -> held(two, () -> {
                        List<Offers> together = new ArrayList<>();
                        for (int i = 0; i < AT_ONCE; i++) {
                            together.add(new Offers(apis.get(0).token("orders.example")));
                        }
                        for (int i = 0; i < AT_ONCE; i++) {
                            together.get(i).add(token -> apis.get(0).sign(csr, token, Map.of()));
                            together.get(AT_ONCE - 1 - i)
                                    .add(token -> apis.get(1).sign(csr, token, Map.of()));
                        }
                        return together;
                    }));
        });
    }

    private interface Rounds {
        void run(int rounds) throws Exception;
    }

    /**
     * Each of the nodes commits what a round has sent it in one batch, but for the few that were quicker; not in every round, as
     * one that has waited for another's row makes its next batches smaller, and on a slow machine the few may be many.
     */
    private void inLargeBatches(List<String> names, Rounds test) throws Exception {
        int rounds = Math.max(1, ROUNDS / AT_ONCE);
        Map<String, Double> before = new HashMap<>();
        for (String name : names) {
            before.put(name, largeBatches(name));
        }
        test.run(rounds);
        int atLeast = Math.max(1, rounds / 2);
        for (int i = 0; i < MORE_ROUNDS && !haveMade(atLeast, before); i++) {
            test.run(1);
        }
        for (String name : names) {
            assertThat(largeBatches(name) - before.get(name))
                    .as("batches of more than %d at %s", MANY_IN_A_BATCH, name)
                    .isGreaterThanOrEqualTo(atLeast);
        }
    }

    private boolean haveMade(int atLeast, Map<String, Double> before) throws Exception {
        for (Map.Entry<String, Double> each : before.entrySet()) {
            if (largeBatches(each.getKey()) - each.getValue() < atLeast) {
                return false;
            }
        }
        return true;
    }

    private double largeBatches(String name) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        String batches = "chancery_store_batch_writes";
        return nodes.metric(client, name, batches + "_count")
                - nodes.metric(client, name, batches + "_bucket{le=\"" + MANY_IN_A_BATCH + ".0\"}");
    }

    private boolean manyWait(HttpClient client, List<String> names) throws Exception {
        for (String name : names) {
            if (nodes.metric(client, name, "chancery_store_queue") <= MANY_IN_A_BATCH + ONE_BY_ONE) {
                return false;
            }
        }
        return true;
    }

    /** The database stands still until so many of them wait for it at each of the nodes, or for as long as sessions last. */
    private List<Offers> held(List<String> names, Callable<List<Offers>> round) throws Exception {
        long paused = System.nanoTime();
        try {
            server.pause();
            List<Offers> together = round.call();
            HttpClient client = HttpClient.newHttpClient();
            // A node makes its next batch as large as in that time it could have written.
            while (System.nanoTime() - paused < TimeUnit.SECONDS.toNanos(1)
                    || (System.nanoTime() - paused < TimeUnit.SECONDS.toNanos(QUEUE_SECONDS)
                            && !manyWait(client, names))) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
            return together;
        } finally {
            server.resume();
        }
    }

    /** Offers tokens, a round after the other, each of which must buy one certificate, while other clients issue. */
    private void besideOthers(String what, int rounds, Callable<List<Offers>> round) throws Exception {
        ClusterLoad load = ClusterLoad.start(nodes, 3);
        List<Offers> all = new ArrayList<>();
        try (load) {
            load.awaitMore(3, 0, 60);
            for (int i = 0; i < rounds; i++) {
                List<Offers> together = round.call();
                for (Offers offers : together) {
                    offers.oneBuys();
                }
                all.addAll(together);
            }
            load.awaitMore(3, load.issued(), 60);
        }
        mustBeTrue(what, all, load);
    }

    /** The same token, offered several times. */
    private final class Offers {
        private final String token;
        private final List<Copy> copies = new ArrayList<>();
        private int bought;

        Offers(String token) {
            this.token = token;
        }

        void add(Function<String, CompletableFuture<Answer>> client) {
            copies.add(new Copy(client.apply(token), client));
        }

        void oneBuys() throws Exception {
            List<Throwable> lost = new ArrayList<>();
            List<Integer> statuses = new ArrayList<>();
            for (Copy copy : copies) {
                Answer answer = answer(copy, lost);
                statuses.add(answer.status());
                if (answer.status() == 201) {
                    String unused = judge.holdOf(token, answer);
                    bought++;
                }
            }
            assertThat(statuses).hasSize(copies.size()).isSubsetOf(201, 401);
            // The answer to the one that bought may have been lost with its connection.
            assertThat(statuses)
                    .as("lost: %s", lost)
                    .filteredOn(status -> status == 201)
                    .hasSizeBetween(lost.isEmpty() ? 1 : 0, 1);
        }

        /**
         * What a copy is answered in the end. One that waits for another's transaction for a second, on a slow disk, is
         * answered with 503, and nothing is decided. A client that does not get the processor for longer than a kept connection may
         * stand idle takes one that the node has closed meanwhile, and Java's does not repeat a POST: such a copy has reached
         * nobody, and is offered again.
         */
        private Answer answer(Copy copy, List<Throwable> lost) throws Exception {
            CompletableFuture<Answer> offered = copy.answer();
            for (int tries = 1; ; tries++) {
                try {
                    Answer answer = offered.get();
                    if (answer.status() != 503 || tries == MOST_OFFERS) {
                        return answer;
                    }
                    LockSupport.parkNanos(AGAIN_NANOS);
                } catch (ExecutionException e) {
                    if (tries == MOST_OFFERS || !(e.getCause() instanceof IOException)) {
                        throw e;
                    }
                    lost.add(e.getCause());
                }
                offered = copy.client().apply(token);
            }
        }
    }

    /** A copy of a token that was offered to a node, and how to offer it again. */
    private record Copy(CompletableFuture<Answer> answer, Function<String, CompletableFuture<Answer>> client) {}

    /** Of a load that has ended, and of tokens that were offered beside it. */
    private void mustBeTrue(String what, List<Offers> all, ClusterLoad load) throws Exception {
        Map<String, Long> bought = nodes.store().all().stream()
                .filter(row -> row.state().equals("issued"))
                .collect(Collectors.groupingBy(StoreRows.Row::tokenKey, Collectors.counting()));
        for (Offers offers : all) {
            assertThat(bought.get(ApiClient.tokenKey(offers.token)))
                    .as("certificates of a token")
                    .isEqualTo(1);
        }
        judge.judge(
                what, all.size(), all.stream().mapToInt(offers -> offers.bought).sum());
        judge.judge("others beside them", load);
    }

    @Test
    void a_repeat_with_its_idempotency_key_gets_the_same_certificate_at_any_node() throws Exception {
        String csr = apis.get(0).csr("repeat.example");
        String token = apis.get(0).token("repeat.example");
        Map<String, String> key = Map.of("Idempotency-Key", "the same");
        Answer first = apis.get(0).sign(csr, token, key).get();
        String unusedFirst = judge.hold(first);
        for (ApiClient api : apis) {
            Answer repeat = api.sign(csr, token, key).get();
            assertThat(repeat.status()).as(repeat.body()).isEqualTo(201);
            assertThat(repeat.member("crt")).isEqualTo(first.member("crt"));
            ClusterJudge.awaitRefused(api, csr, token); // without its key
        }
    }

    @Test
    void a_certificate_revoked_at_one_node_is_renewed_at_none_from_the_answer_on_and_listed_by_all() throws Exception {
        awaitLists();
        List<X509CRL> before = lists();
        for (ApiClient api : apis) {
            Answer issued = api.sign(api.csr("revoked.example"), api.token("revoked.example"));
            String unusedIssued = judge.hold(issued);
            X509Certificate certificate = ApiClient.certificate(issued.member("crt"));
            List<ApiClient> holders = new ArrayList<>();
            for (String name : nodes.names()) {
                holders.add(nodes.api(name).as(api).showing(issued, nodes.pki().root()));
            }
            for (ApiClient holder : holders) {
                Answer renewed = holder.post("/renew", "", Map.of()).get();
                String unusedRenewed = judge.hold(renewed);
                Answer rekeyed = rekey(holder);
                String unusedRekeyed = judge.hold(rekeyed);
            }
            Answer revoked = api.revoke(certificate.getSerialNumber().toString());
            assertThat(revoked.status()).as(revoked.body()).isEqualTo(200);
            for (ApiClient holder : holders) {
                ClusterJudge.awaitRefused(
                        () -> holder.post("/renew", "", Map.of()).get());
                ClusterJudge.awaitRefused(() -> rekey(holder));
            }
            awaitListed(certificate.getSerialNumber());
        }
        List<X509CRL> after = lists();
        for (int i = 0; i < after.size(); i++) {
            assertThat(number(after.get(i))).isGreaterThan(number(before.get(i)));
        }
    }

    private static Answer rekey(ApiClient holder) throws Exception {
        String csr = ApiClient.csr("revoked.example", ApiClient.keyPair("EC", 256));
        return holder.post("/rekey", JSONObjectUtils.toJSONString(Map.of("csr", csr)), Map.of())
                .get();
    }

    /** Each node looks for a new list every two seconds. */
    private void awaitListed(BigInteger serial) throws Exception {
        ClusterJudge.await(
                "all nodes list it",
                20,
                () -> lists().stream().allMatch(list -> list.getRevokedCertificate(serial) != null));
    }

    /** Of a cluster that has just started one node makes the first, and the others look for it. */
    private void awaitLists() throws Exception {
        for (ApiClient api : apis) {
            ClusterJudge.await("a first list", 20, () -> api.get("/crl").status() != 503);
        }
    }

    private List<X509CRL> lists() throws Exception {
        X509Certificate issuer = ApiClient.certificate(StepPki.text(nodes.pki().intermediate()));
        List<X509CRL> all = new ArrayList<>();
        for (ApiClient api : apis) {
            Answer list = api.get("/crl?pem");
            assertThat(list.status()).as(list.body()).isEqualTo(200);
            X509CRL crl = (X509CRL) CertificateFactory.getInstance("X.509")
                    .generateCRL(new ByteArrayInputStream(list.body().getBytes(StandardCharsets.US_ASCII)));
            crl.verify(issuer.getPublicKey());
            all.add(crl);
        }
        return all;
    }

    private static BigInteger number(X509CRL list) {
        byte[] value = list.getExtensionValue("2.5.29.20");
        return ASN1Integer.getInstance(ASN1OctetString.getInstance(value).getOctets())
                .getValue();
    }

    @Test
    void to_ask_and_to_tell_the_grid_starts_no_threads() throws Exception {
        int tokens = 100;
        double before = threadsStarted();
        assertThat(before).isPositive();
        for (int i = 0; i < tokens; i++) {
            ApiClient api = apis.get(i % apis.size());
            String csr = api.csr("threads.example");
            String token = api.token("threads.example");
            Answer first = api.sign(csr, token);
            String unusedFirst = judge.hold(first);
            for (ApiClient other : apis) {
                ClusterJudge.awaitRefused(other, csr, token);
            }
        }
        // What a node does besides, it does on some that come and go.
        assertThat(threadsStarted() - before).isLessThan(tokens);
    }

    private double threadsStarted() throws Exception {
        double started = 0;
        for (String name : nodes.names()) {
            started += nodes.metric(HttpClient.newHttpClient(), name, "jvm_threads_started_threads_total");
        }
        return started;
    }

    @Test
    void while_the_database_stands_still_a_used_token_is_refused_at_every_node_by_what_the_grid_remembers()
            throws Exception {
        ApiClient first = apis.get(0);
        String csr = first.csr("paused.example");
        String token = first.token("paused.example");
        Answer issued = first.sign(csr, token);
        String unusedIssued = judge.hold(issued);
        try {
            server.pause();
            for (ApiClient api : apis) {
                ClusterJudge.awaitRefused(api, csr, token);
            }
        } finally {
            server.resume();
        }
    }
}
