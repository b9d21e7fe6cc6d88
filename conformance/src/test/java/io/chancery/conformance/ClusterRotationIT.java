package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.testing.PostgresProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The nodes of a cluster learn of the next issuer one after the other, in whatever order, while clients ask all of them. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class ClusterRotationIT {
    private static final int CLIENTS = 4;
    private static final int BETWEEN = 15;

    @TempDir
    private Path folder;

    private PostgresProcess server;
    private EqualNodes nodes;
    private StepPki pki;
    private Map<String, Object> next;

    @BeforeEach
    void start() throws Exception {
        server = PostgresProcess.start();
        pki = StepPki.init(folder);
        next = IssuerFiles.make(pki, "next");
        nodes = EqualNodes.make(pki, server, 3, Map.of());
    }

    @AfterEach
    void stop() throws Exception {
        try (PostgresProcess stopped = server;
                EqualNodes killed = nodes) {
            assertThat(killed.names()).isNotEmpty();
        }
    }

    private void start(Map<String, String> roles) throws Exception {
        for (Map.Entry<String, String> node : roles.entrySet()) {
            assertThat(nodes.start(node.getKey(), node.getValue()).pid()).isPositive();
        }
        for (String node : roles.keySet()) {
            assertThat(nodes.process(node).awaitReady()).isNotEmpty();
        }
    }

    /** Each change takes hold on one node after the other, under load. */
    private void roll(List<String> order, List<Map<String, Object>> entries) throws Exception {
        ClusterLoad load = ClusterLoad.start(nodes, CLIENTS);
        try (load) {
            for (Map<String, Object> entry : entries) {
                for (String node : order) {
                    load.awaitMore(BETWEEN, load.issued(), 60);
                    int lines = nodes.process(node).lines().size();
                    nodes.set(node, Map.of("issuers", List.of(entry)));
                    nodes.process(node).signal("HUP");
                    nodes.process(node).awaitLine("the new configuration is in force", lines);
                }
                load.awaitMore(BETWEEN, load.issued(), 60);
            }
            awaitNext(load);
        }
        assertThat(load.requests()).allMatch(request -> request.statuses().equals(List.of(201)));
        IssuerFiles.verify(pki, load.chains());
        assertThat(issuers(load.chains())).hasSize(2);
        Path both = Files.writeString(
                pki.file("both.pem"),
                StepPki.text(pki.intermediate()) + StepPki.text(IssuerFiles.certificate(pki, "next")));
        StoreTruth.check(nodes.store(), nodes.signatures(), both, load.held());
    }

    /** Whichever node is asked. */
    private void awaitNext(ClusterLoad load) throws Exception {
        for (String node : nodes.apiNodes()) {
            ApiClient api = nodes.api(node);
            long end = System.nanoTime() + 60_000_000_000L;
            ApiClient.Answer answer;
            do {
                assertThat(System.nanoTime() - end).isNegative();
                answer = api.sign(api.csr("await.example"), api.token("await.example"));
            } while (!issuer(answer.member("crt")).equals("CN=Issuer next"));
        }
        load.awaitMore(BETWEEN, load.issued(), 60);
    }

    private static String issuer(String pem) throws Exception {
        return ApiClient.certificate(pem).getIssuerX500Principal().getName();
    }

    private static Set<String> issuers(List<List<String>> chains) throws Exception {
        Set<String> all = new HashSet<>();
        for (List<String> chain : chains) {
            all.add(issuer(chain.get(0)));
        }
        return all;
    }

    @Test
    void nodes_that_sign_themselves_switch_one_by_one_without_a_lost_request_or_a_wrong_chain() throws Exception {
        start(Map.of("n1", "all", "n2", "all", "n3", "all"));
        roll(nodes.names(), List.of(next, IssuerFiles.issuing(next, Map.of())));
    }

    @Test
    void api_nodes_that_know_of_it_before_any_signer_go_on_with_the_old_one_until_one_does() throws Exception {
        start(Map.of("n1", "api", "n2", "api", "n3", "signer"));
        roll(nodes.names(), List.of(IssuerFiles.issuing(next, Map.of())));
    }

    @Test
    void a_signer_that_knows_of_it_before_any_api_node_changes_nothing_until_one_does() throws Exception {
        start(Map.of("n1", "api", "n2", "api", "n3", "signer"));
        List<String> order = new ArrayList<>(nodes.names());
        java.util.Collections.reverse(order);
        roll(order, List.of(IssuerFiles.issuing(next, Map.of())));
    }
}
