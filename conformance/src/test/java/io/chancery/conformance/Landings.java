package io.chancery.conformance;

import io.chancery.conformance.ClusterLoad.Request;
import io.chancery.conformance.StoreRows.Row;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** At which steps the requests of a load were when the nodes that had them were killed. */
final class Landings {
    private final Map<Landing, Integer> counted = new EnumMap<>(Landing.class);

    /**
     * To be called as soon as the node is dead: a client repeats its request at another node after a second, and from
     * then on the row shows what became of that.
     *
     * @param flying what the node had not answered, each asked for the first time
     * @return how many of them died with it: the others had their answer at that moment
     */
    int add(EqualNodes nodes, Collection<Request> flying) throws Exception {
        Map<String, Row> rows = new HashMap<>();
        for (Row row : nodes.store().all()) {
            rows.put(row.tokenKey(), row);
        }
        Set<String> signed = new HashSet<>();
        for (Path log : nodes.signatures()) {
            signed.addAll(SignatureLines.bySerial(log).keySet());
        }
        int died = 0;
        for (Request request : flying) {
            ClusterJudge.await(
                    "a connection to a dead node ends",
                    30,
                    () -> !request.statuses().isEmpty());
            Landing landing = landing(request, rows.get(request.tokenKey()), signed);
            counted.merge(landing, 1, Integer::sum);
            died += landing == Landing.ANSWERED ? 0 : 1;
        }
        return died;
    }

    private static Landing landing(Request request, Row row, Set<String> signed) {
        List<Integer> statuses = request.statuses();
        boolean answered = statuses.get(0) != 0;
        return Landing.of(row, signed, answered);
    }

    Map<Landing, Integer> counted() {
        return counted;
    }
}
