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
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
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

/** Three equal nodes on one PostgreSQL: whatever one of them has done, the others know. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.Random.class)
@SuppressWarnings("NullAway.Init")
class EqualNodesIT {
    private static final int ROUNDS = Integer.getInteger("kill.rounds", 10) * 20;
    private static final int COPIES = 50;
    /** A round of copies in place of so many of one. */
    private static final int COPIES_ROUNDS = 50;
    /** Of a copy whose connection was lost. */
    private static final int MOST_OFFERS = 3;

    private PostgresProcess server;
    private EqualNodes nodes;
    private final List<ApiClient> apis = new ArrayList<>();
    private final List<String> held = new ArrayList<>();

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        server = PostgresProcess.start();
        StepPki pki = StepPki.init(folder);
        pki.set("crl", Map.of("enabled", true, "generateOnRevoke", true));
        nodes = EqualNodes.make(pki, server, 3, Map.of());
        nodes.startAll();
        for (String name : nodes.names()) {
            apis.add(nodes.api(name));
        }
    }

    @AfterAll
    void everythingIsTrue() throws Exception {
        try (PostgresProcess stopped = server;
                EqualNodes killed = nodes) {
            StoreTruth.check(nodes.store(), nodes.signatures(), nodes.pki().intermediate(), held);
        }
    }

    @Test
    void each_node_issues_and_a_token_used_at_one_is_used_at_every_other() throws Exception {
        for (ApiClient api : apis) {
            String csr = api.csr("equal.example");
            String token = api.token("equal.example");
            Answer first = api.sign(csr, token);
            assertThat(first.status()).as(first.body()).isEqualTo(201);
            held.add(Certificates.hex(first.member("crt")));
            for (ApiClient other : apis) {
                assertThat(other.sign(csr, token).status()).isEqualTo(401);
            }
        }
    }

    @Test
    void the_same_token_offered_to_all_nodes_at_once_buys_one_certificate_while_others_issue() throws Exception {
        String csr = apis.get(0).csr("race.example");
        ClusterLoad load = ClusterLoad.start(nodes, 3);
        try (load) {
            load.awaitMore(3, 0, 60);
            race(csr);
            load.awaitMore(3, load.issued(), 60);
        }
        mustBeTrue(load);
    }

    private void race(String csr) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            String token = apis.get(0).token("race.example");
            List<CompletableFuture<Answer>> answers = new ArrayList<>();
            for (ApiClient api : apis) {
                answers.add(api.sign(csr, token, Map.of()));
            }
            List<Integer> statuses = new ArrayList<>();
            for (CompletableFuture<Answer> answer : answers) {
                statuses.add(answer.get().status());
                if (answer.get().status() == 201) {
                    held.add(Certificates.hex(answer.get().member("crt")));
                }
            }
            assertThat(statuses).as("round %d", round).containsExactlyInAnyOrder(201, 401, 401);
        }
    }

    /**
     * What a copy is answered in the end. A client that does not get the processor for longer than a kept connection may
     * stand idle takes one that the node has closed meanwhile, and Java's does not repeat a POST: such a copy has reached
     * nobody, and is offered again.
     */
    private Answer answer(Copy copy, List<Throwable> lost) throws Exception {
        CompletableFuture<Answer> offered = copy.answer();
        for (int tries = 1; ; tries++) {
            try {
                return offered.get();
            } catch (ExecutionException e) {
                if (tries == MOST_OFFERS || !(e.getCause() instanceof IOException)) {
                    throw e;
                }
                lost.add(e.getCause());
                offered = copy.offer().get();
            }
        }
    }

    /** A copy of a token that was offered to a node, and how to offer it again. */
    private record Copy(CompletableFuture<Answer> answer, Supplier<CompletableFuture<Answer>> offer) {
        static Copy offered(Supplier<CompletableFuture<Answer>> offer) {
            return new Copy(offer.get(), offer);
        }
    }

    @Test
    void of_fifty_copies_of_a_token_at_each_node_at_once_one_buys_while_others_issue() throws Exception {
        String csr = apis.get(0).csr("copies.example");
        ClusterLoad load = ClusterLoad.start(nodes, 3);
        try (load) {
            load.awaitMore(3, 0, 60);
            for (int round = 0; round < ROUNDS / COPIES_ROUNDS; round++) {
                String token = apis.get(0).token("copies.example");
                List<Copy> copies = new ArrayList<>();
                for (int i = 0; i < COPIES; i++) {
                    for (ApiClient api : apis) {
                        copies.add(Copy.offered(() -> api.sign(csr, token, Map.of())));
                    }
                }
                List<Throwable> lost = new ArrayList<>();
                List<Integer> statuses = new ArrayList<>();
                for (Copy copy : copies) {
                    Answer answer = answer(copy, lost);
                    statuses.add(answer.status());
                    if (answer.status() == 201) {
                        held.add(Certificates.hex(answer.member("crt")));
                    }
                }
                assertThat(statuses)
                        .as("round %d", round)
                        .hasSize(COPIES * apis.size())
                        .isSubsetOf(201, 401);
                // The answer to the one that bought may have been lost with its connection.
                assertThat(statuses)
                        .as("round %d, lost: %s", round, lost)
                        .filteredOn(status -> status == 201)
                        .hasSizeBetween(lost.isEmpty() ? 1 : 0, 1);
                assertThat(nodes.store().all())
                        .as("certificates that the token of round %d bought", round)
                        .filteredOn(row -> row.tokenKey().equals(ApiClient.tokenKey(token)))
                        .filteredOn(row -> row.state().equals("issued"))
                        .hasSize(1);
            }
            load.awaitMore(3, load.issued(), 60);
        }
        mustBeTrue(load);
    }

    /** Of a load that has ended. */
    private void mustBeTrue(ClusterLoad load) throws Exception {
        load.settle();
        held.addAll(load.held());
        assertThat(load.doubled()).isEmpty();
        assertThat(load.refusedWithoutReason(nodes.store())).isEmpty();
    }

    @Test
    void a_repeat_with_its_idempotency_key_gets_the_same_certificate_at_any_node() throws Exception {
        String csr = apis.get(0).csr("repeat.example");
        String token = apis.get(0).token("repeat.example");
        Map<String, String> key = Map.of("Idempotency-Key", "the same");
        Answer first = apis.get(0).sign(csr, token, key).get();
        assertThat(first.status()).as(first.body()).isEqualTo(201);
        held.add(Certificates.hex(first.member("crt")));
        for (ApiClient api : apis) {
            Answer repeat = api.sign(csr, token, key).get();
            assertThat(repeat.status()).as(repeat.body()).isEqualTo(201);
            assertThat(repeat.member("crt")).isEqualTo(first.member("crt"));
            assertThat(api.sign(csr, token).status()).as("without its key").isEqualTo(401);
        }
    }

    @Test
    void a_certificate_revoked_at_one_node_is_renewed_at_none_from_the_answer_on_and_listed_by_all() throws Exception {
        awaitLists();
        List<X509CRL> before = lists();
        for (ApiClient api : apis) {
            Answer issued = api.sign(api.csr("revoked.example"), api.token("revoked.example"));
            assertThat(issued.status()).as(issued.body()).isEqualTo(201);
            held.add(Certificates.hex(issued.member("crt")));
            X509Certificate certificate = ApiClient.certificate(issued.member("crt"));
            List<ApiClient> holders = new ArrayList<>();
            for (String name : nodes.names()) {
                holders.add(nodes.api(name).as(api).showing(issued, nodes.pki().root()));
            }
            for (ApiClient holder : holders) {
                Answer renewed = holder.post("/renew", "", Map.of()).get();
                assertThat(renewed.status()).as(renewed.body()).isEqualTo(201);
                held.add(Certificates.hex(renewed.member("crt")));
                Answer rekeyed = rekey(holder);
                assertThat(rekeyed.status()).as(rekeyed.body()).isEqualTo(201);
                held.add(Certificates.hex(rekeyed.member("crt")));
            }
            Answer revoked = api.revoke(certificate.getSerialNumber().toString());
            assertThat(revoked.status()).as(revoked.body()).isEqualTo(200);
            for (ApiClient holder : holders) {
                assertThat(holder.post("/renew", "", Map.of()).get().status()).isEqualTo(401);
                assertThat(rekey(holder).status()).isEqualTo(401);
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
            assertThat(first.status()).as(first.body()).isEqualTo(201);
            held.add(Certificates.hex(first.member("crt")));
            for (ApiClient other : apis) {
                assertThat(other.sign(csr, token).status()).isEqualTo(401);
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
        assertThat(issued.status()).as(issued.body()).isEqualTo(201);
        held.add(Certificates.hex(issued.member("crt")));
        server.pause();
        try {
            for (ApiClient api : apis) {
                assertThat(api.sign(csr, token).status()).isEqualTo(401);
            }
        } finally {
            server.resume();
        }
    }
}
