package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What every fault of a cluster must come to: everything accounted for, and every node issuing again soon. */
final class ClusterJudge {
    /** From a fault's end until every node issues again through its own port. */
    static final long RECOVERY_SECONDS = Long.getLong("cluster.recovery", 60);

    private static final long PAUSE_MILLIS = 100;

    private final EqualNodes nodes;
    /** DER in hex of what clients hold besides those of a load. */
    private final Queue<String> held = new ConcurrentLinkedQueue<>();

    ClusterJudge(EqualNodes nodes) {
        this.nodes = nodes;
    }

    /** Takes a certificate that was answered into account; answers its DER in hex. */
    String hold(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        String der = Certificates.hex(answer.member("crt"));
        held.add(der);
        return der;
    }

    void hold(Collection<String> certificates) {
        held.addAll(certificates);
    }

    List<String> held() {
        return List.copyOf(held);
    }

    /** Store, signers' logs and clients fit together. */
    void check() throws Exception {
        StoreTruth.check(nodes.store(), nodes.signatures(), nodes.pki().intermediate(), held());
    }

    /**
     * What a load under a fault must come to, with its line of the report; to be called when all nodes run and the
     * database is well.
     */
    void judge(String fault, ClusterLoad load) throws Exception {
        load.settle();
        hold(load.held());
        check();
        report(fault, load, 0);
    }

    /**
     * As above where the database may have lost its newest writes: they are counted, there must be some, and the tokens
     * that bought them buy nothing more.
     */
    void judgeAfterLoss(String fault, ClusterLoad load) throws Exception {
        load.settle();
        hold(load.held());
        List<String> lost = StoreTruth.missing(
                nodes.store(), nodes.signatures(), nodes.pki().intermediate(), held());
        assertThat(lost).as("certificates that the standby never got").isNotEmpty();
        load.offerAgain(Set.copyOf(lost));
        report(fault, load, lost.size());
    }

    /** @param lost certificates that clients hold and that replication has lost, as it may */
    private static void report(String fault, ClusterLoad load, int lost) {
        ClusterLoad.Failures failures = load.failures();
        System.out.printf(
                Locale.ROOT,
                "%s: %d tokens sent, %d certificates held; not answered: %d with a key, %d without; lost %d, doubled 0%n",
                fault,
                failures.sent(),
                load.held().size(),
                failures.withKey(),
                failures.withoutKey(),
                lost);
    }

    /** Every node that serves the API issues through its own port, this soon after the fault's end. */
    void awaitEveryNodeIssues(long since) throws Exception {
        awaitIssuing(nodes.apiNodes(), since, RECOVERY_SECONDS, Duration.ZERO);
    }

    /** @param ahead how far in the future the tokens say they were issued */
    void awaitIssuing(Collection<String> which, long since, long seconds, Duration ahead) throws Exception {
        for (String node : which) {
            ApiClient api = nodes.api(node);
            String csr = api.csr("again.example");
            int status = 0;
            while (status != 201) {
                try {
                    Answer answer = api.sign(csr, api.token("again.example", ahead));
                    status = answer.status();
                    if (status == 201) {
                        String unused = hold(answer);
                    }
                } catch (ExecutionException e) {
                    status = 0;
                }
                assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since))
                        .as("seconds until %s issues again; last answer %d", node, status)
                        .isLessThanOrEqualTo(seconds);
                if (status != 201) {
                    pause();
                }
            }
        }
    }

    /** Waits until something is so. */
    static void await(String what, long seconds, Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.met()) {
            assertThat(System.nanoTime()).as("%s within %d s", what, seconds).isLessThan(end);
            pause();
        }
    }

    private static void pause() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
    }

    interface Condition {
        boolean met() throws Exception;
    }
}
