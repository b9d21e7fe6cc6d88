package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.conformance.StoreTruth.Findings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** What every fault of a cluster must come to: everything accounted for, and every node issuing again soon. */
final class ClusterJudge {
    /** From a fault's end until every node issues again through its own port. */
    static final long RECOVERY_SECONDS = Long.getLong("cluster.recovery", 30);

    /** From a fault's end until every node hears every other one again. */
    private static final long WHOLE_SECONDS = Long.getLong("cluster.whole", 120);

    private static final long PAUSE_MILLIS = 100;
    private static final long DECIDED_SECONDS = 60;

    private final EqualNodes nodes;
    /** What clients hold, with the keys of the tokens that bought it. */
    private final HeldCertificates held = new HeldCertificates();
    /** What a report has named is not counted in the next one. */
    private final Set<String> named = new HashSet<>();

    ClusterJudge(EqualNodes nodes) {
        this.nodes = nodes;
    }

    /**
     * A used token is refused, now or soon: a request that came in a slow moment, or whose grid was too late, ends with 503
     * and decides nothing.
     */
    static void awaitRefused(ApiClient api, String csr, String token) throws Exception {
        awaitRefused(() -> api.sign(csr, token));
    }

    /** As above, by this request. */
    static void awaitRefused(Callable<Answer> ask) throws Exception {
        Answer answer = decided(ask);
        assertThat(answer.status()).as(answer.body()).isEqualTo(401);
    }

    /** As a good client does it: offers a token with an Idempotency-Key until the answer is not 503. */
    static Answer offered(ApiClient api, String csr, String token) throws Exception {
        Map<String, String> key = Map.of("Idempotency-Key", UUID.randomUUID().toString());
        return decided(() -> api.sign(csr, token, key).get());
    }

    /** Asks until the answer is not 503, for a minute. */
    static Answer decided(Callable<Answer> ask) throws Exception {
        return decided(DECIDED_SECONDS, ask);
    }

    /** As above, for so long. */
    static Answer decided(long seconds, Callable<Answer> ask) throws Exception {
        AtomicReference<Answer> last = new AtomicReference<>();
        await("an answer that decides", seconds, () -> {
            last.set(ask.call());
            return last.get().status() != 503;
        });
        return last.get();
    }

    /** Takes a certificate that was answered into account; answers its DER in hex. */
    String hold(Answer answer) {
        return hold(answer, "");
    }

    private String hold(Answer answer, String tokenKey) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        String der = Certificates.hex(answer.member("crt"));
        held.add(der, tokenKey);
        return der;
    }

    /** As above, of the token that bought it. */
    String holdOf(String token, Answer answer) {
        return hold(answer, ApiClient.tokenKey(token));
    }

    void hold(Collection<String> certificates) {
        certificates.forEach(der -> held.add(der, ""));
    }

    private Findings find() throws Exception {
        Findings found =
                StoreTruth.find(nodes.store(), nodes.signatures(), nodes.pki().intermediate(), held.byCertificate());
        List<String> wrong = new ArrayList<>(found.wrong());
        wrong.addAll(held.wrong());
        return new Findings(found.lost(), found.doubled(), wrong);
    }

    /** Store, signers' logs and clients fit together. */
    void check() throws Exception {
        nodes.loads().forEach(load -> load.bought(held));
        Findings findings = find();
        Findings unnamed = unnamed(findings);
        if (!unnamed.none()) {
            StoreTruth.print(unnamed);
        }
        findings.mustBeNone();
    }

    private Findings unnamed(Findings all) {
        return new Findings(
                all.lost().stream().filter(named::add).collect(Collectors.toSet()),
                all.doubled().stream().filter(named::add).collect(Collectors.toSet()),
                all.wrong().stream().filter(named::add).toList());
    }

    /**
     * What a load under a fault must come to, with its line of the report; to be called when all nodes run and the
     * database is well.
     */
    void judge(String fault, ClusterLoad load) throws Exception {
        judge(fault, load, true);
    }

    /** As above where a node's clock, or a new epoch of the store, makes it refuse good tokens. */
    void judgeWhereGoodTokensAreRefused(String fault, ClusterLoad load) throws Exception {
        judge(fault, load, false);
    }

    private void judge(String fault, ClusterLoad load, boolean goodTokensBuy) throws Exception {
        load.settle();
        load.bought(held);
        Findings findings = with(load, goodTokensBuy, find());
        report(fault, load, findings, 0);
        findings.mustBeNone();
    }

    private Findings with(ClusterLoad load, boolean goodTokensBuy, Findings found) throws Exception {
        Set<String> doubled = new TreeSet<>(found.doubled());
        doubled.addAll(load.doubled());
        List<String> wrong = new ArrayList<>(found.wrong());
        wrong.addAll(load.wrong());
        wrong.addAll(load.unexpected());
        load.undecided().forEach(request -> wrong.add("not decided though all is well again: " + request));
        if (goodTokensBuy) {
            wrong.addAll(load.refusedWithoutReason(nodes.store()));
        }
        return new Findings(found.lost(), doubled, wrong);
    }

    /** What tokens that were offered in another way came to, with their line of the report. */
    void judge(String fault, int tokens, int certificates) throws Exception {
        Findings findings = find();
        System.out.println(line(fault, new ClusterLoad.Failures(tokens, 0, 0), certificates, unnamed(findings), 0));
        findings.mustBeNone();
    }

    /**
     * As above where the database may have lost its newest writes: they are counted, there must be some, and the tokens
     * that bought them buy nothing more.
     *
     * @param kept serials of what was replicated before, and of what clients got when the other database had the store
     *     already: not to be lost
     */
    void judgeAfterLoss(String fault, ClusterLoad load, Set<String> kept) throws Exception {
        load.settle();
        load.bought(held);
        Set<String> byReplication = new TreeSet<>(find().lost());
        byReplication.removeAll(kept);
        load.offerAgain(byReplication);
        Findings found = with(load, false, find());
        Set<String> lost = new TreeSet<>(found.lost());
        lost.removeAll(byReplication); // whatever else is lost went when replication was whole
        Findings findings = new Findings(lost, found.doubled(), found.wrong());
        report(fault, load, findings, byReplication.size());
        findings.mustBeNone();
        assertThat(byReplication).as("certificates that the standby never got").isNotEmpty();
    }

    /** @param byReplication certificates that clients hold and that replication has lost, as it may */
    private void report(String fault, ClusterLoad load, Findings findings, int byReplication) {
        ClusterLoad.Failures failures = load.failures();
        System.out.println(line(fault, failures, load.held().size(), unnamed(findings), byReplication));
    }

    /** A line of the report, whose numbers {@code ./run faults} sums up by the words beside them. */
    static String line(String fault, ClusterLoad.Failures failures, int held, Findings findings, int byReplication) {
        return String.format(
                Locale.ROOT,
                "%s: %d tokens sent, %d certificates held; not answered: %d with a key, %d without;"
                        + " lost %d, doubled %d, wrong %d, by replication %d",
                fault,
                failures.sent(),
                held,
                failures.withKey(),
                failures.withoutKey(),
                findings.lost().size(),
                findings.doubled().size(),
                findings.wrong().size(),
                byReplication);
    }

    /** The fault ends now: soon every node issues again, and hears every other one. */
    void awaitRecovery() throws Exception {
        long healed = System.nanoTime();
        awaitEveryNodeIssues(healed);
        awaitWhole(healed);
    }

    /** Every node that serves the API issues through its own port, this soon after the fault's end. */
    void awaitEveryNodeIssues(long since) throws Exception {
        awaitIssuing(nodes.apiNodes(), since);
    }

    /** These do. */
    void awaitIssuing(Collection<String> which, long since) throws Exception {
        awaitIssuing(which, since, RECOVERY_SECONDS, Duration.ZERO);
    }

    /** Every node that serves the API hears every node over the bus, this soon after the fault's end. */
    void awaitWhole(long since) throws Exception {
        Set<String> all = Set.copyOf(nodes.names());
        try {
            for (String name : nodes.apiNodes()) {
                await("the grid is whole for " + name, since, WHOLE_SECONDS, () -> hears(name, all));
            }
        } catch (AssertionError e) {
            nodes.names().forEach(this::tell);
            throw e;
        }
    }

    /** All that a node has said, and which others it sees and hears: what the grid was at is in nobody's memory later. */
    private void tell(String name) {
        nodes.process(name).lines().forEach(line -> System.out.println(name + "> " + line));
        try {
            System.out.println(name + " sees " + nodes.gridOf(name) + " and hears " + nodes.reachedBy(name));
        } catch (Exception e) {
            System.out.println(name + " does not tell whom it sees: " + e);
        }
    }

    /** A node's management port says that it can issue: by then a balancer may have it again. */
    void awaitCanIssue(String name) throws Exception {
        await(name + " can issue", WHOLE_SECONDS, () -> {
            try {
                return nodes.canIssue(name);
            } catch (IOException e) {
                return false; // it is busy: asked again
            }
        });
    }

    private boolean hears(String name, Set<String> all) throws Exception {
        try {
            return nodes.reachedBy(name).equals(all);
        } catch (IOException e) {
            return false; // it has just come, or is busy: asked again
        }
    }

    /** @param ahead how far in the future the tokens say they were issued */
    void awaitIssuing(Collection<String> which, long since, long seconds, Duration ahead) throws Exception {
        for (String node : which) {
            ApiClient api = nodes.api(node);
            String csr = api.csr("again.example");
            int status = 0;
            while (status != 201) {
                try {
                    String token = api.token("again.example", ahead);
                    Answer answer = api.sign(csr, token);
                    status = answer.status();
                    if (status == 201) {
                        String unused = holdOf(token, answer);
                    }
                } catch (ExecutionException e) {
                    status = 0;
                }
                assertThat(Duration.ofNanos(System.nanoTime() - since))
                        .as("until %s issues again; last answer %d", node, status)
                        .isLessThanOrEqualTo(Duration.ofSeconds(seconds));
                if (status != 201) {
                    pause();
                }
            }
        }
    }

    /** Waits without a pause, for what lasts milliseconds. */
    static void awaitBusily(String what, long seconds, Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.met()) {
            assertThat(System.nanoTime()).as("%s within %d s", what, seconds).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    /** Waits until something is so. */
    static void await(String what, long seconds, Condition condition) throws Exception {
        await(what, System.nanoTime(), seconds, condition);
    }

    private static void await(String what, long since, long seconds, Condition condition) throws Exception {
        while (!condition.met()) {
            assertThat(System.nanoTime() - since)
                    .as("%s within %d s", what, seconds)
                    .isLessThan(TimeUnit.SECONDS.toNanos(seconds));
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
