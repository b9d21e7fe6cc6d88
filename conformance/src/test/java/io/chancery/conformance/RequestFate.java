package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.conformance.ClientLoad.Sent;
import io.chancery.conformance.StoreRows.Row;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What became of a request that its node did not answer with a certificate, as the store, the signers and another node have it. */
final class RequestFate {
    private static final String REFUSED = "The request lacked necessary authorization to be completed.";
    private static final String ASKED = "chancery_grid_asked_total{answer=\"";

    private static final long DECIDED_SECONDS = 60;

    private final EqualNodes nodes;
    private final ClusterJudge judge;
    private final String other;

    /** @param other the node that is asked */
    RequestFate(EqualNodes nodes, ClusterJudge judge, String other) {
        this.nodes = nodes;
        this.judge = judge;
        this.other = other;
    }

    @Nullable
    Row row(Sent request) throws Exception {
        return nodes.store().byRequest().get(request.id());
    }

    Landing landing(Sent request) throws Exception {
        Set<String> signed = new HashSet<>();
        for (Path log : nodes.signatures()) {
            signed.addAll(SignatureLines.bySerial(log).keySet());
        }
        return Landing.of(row(request), signed, !request.held().isEmpty());
    }

    void isRefused(Sent request) throws Exception {
        Answer answer = ClusterJudge.decided(DECIDED_SECONDS, () -> request.again(nodes.api(other), false));
        assertThat(answer.status()).as("a replay without the key").isEqualTo(401);
        assertThat(answer.body()).contains(REFUSED);
    }

    /** Without its key the token is used if there is a row; with it, the row is finished with what was recorded. */
    void isFinishedByItsKey(Sent request) throws Exception {
        ApiClient api = nodes.api(other);
        Row died = row(request);
        if (died != null) {
            isRefused(request);
        }
        String der = judge.hold(ClusterJudge.decided(DECIDED_SECONDS, () -> request.again(api, true)));
        if (died != null) {
            assertThat(Certificates.tbs(Certificates.ofHex(der))).isEqualTo(died.tbs());
            if (died.state().equals("issued")) {
                assertThat(der).as("the very certificate").isEqualTo(died.der());
            }
        }
        isRefused(request);
        assertThat(nodes.store().all())
                .as("rows of the token")
                .filteredOn(row -> row.tokenKey().equals(ApiClient.tokenKey(request.token())))
                .filteredOn(row -> !row.state().equals("voided")) // of a repeat that no signer could take
                .singleElement()
                .satisfies(row -> assertThat(row.state()).isEqualTo("issued"))
                .satisfies(row -> assertThat(row.der()).isEqualTo(der));
    }

    /** What the grid says of the token without its key, which is refused whatever the grid says. */
    String gridSaysOfReplay(Sent request) throws Exception {
        Map<String, Double> before = asked();
        isRefused(request);
        return saidSince(before);
    }

    String saidSince(Map<String, Double> before) throws Exception {
        Map<String, Double> now = asked();
        now.entrySet().removeIf(each -> each.getValue().equals(before.get(each.getKey())));
        assertThat(now).as("what the grid was heard to say since %s", before).hasSize(1);
        return now.keySet().iterator().next();
    }

    /** How often the other node has heard each answer of the grid. */
    Map<String, Double> asked() throws Exception {
        Map<String, Double> counted = new TreeMap<>();
        nodes.management(other, "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(ASKED))
                .forEach(line -> counted.put(
                        line.substring(ASKED.length(), line.indexOf('"', ASKED.length())),
                        Double.valueOf(line.substring(line.lastIndexOf(' ') + 1))));
        return counted;
    }
}
