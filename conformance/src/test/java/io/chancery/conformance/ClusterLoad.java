package io.chancery.conformance;

import io.chancery.conformance.ApiClient.Answer;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Clients that ask the nodes of a cluster for certificates, one after the other, each request with a token of its own; with a
 * short pause between them, or the load alone would make a fault's end late on a small machine. Most bring an
 * Idempotency-Key and repeat a request that was not answered, once, at the next node that takes a connection and when
 * Retry-After has passed; every tenth brings none and gives up at once.
 */
final class ClusterLoad implements AutoCloseable {
    /** Of each client between two requests. */
    private static final long PAUSE_MILLIS = 50;

    private static final long LONGEST_PAUSE_MILLIS = 2_000;
    private static final int WITHOUT_KEY = 10;
    private static final int MOST_AGAIN = 20;
    /** What a good request may be answered under a fault; 0 for a connection that failed. */
    private static final Set<Integer> EXPECTED = Set.of(0, 201, 401, 503);

    private static final String BALANCER = "balancer";
    /** A token counts for five minutes. */
    private static final long IN_TIME_NANOS = TimeUnit.SECONDS.toNanos(290);

    private final EqualNodes cluster;
    private final List<String> nodes;
    private final Map<String, ApiClient> apis = new ConcurrentHashMap<>();
    private final String csr;
    private final List<Thread> clients = new ArrayList<>();
    private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
    private final Map<String, Set<Request>> inFlight = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> issuedBy = new ConcurrentHashMap<>();
    private final AtomicInteger issued = new AtomicInteger();
    private final Queue<String> doubled = new ConcurrentLinkedQueue<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final long pauseMillis;
    private volatile boolean stopping;
    private volatile Duration ahead = Duration.ZERO;

    private ClusterLoad(EqualNodes cluster, Map<String, ApiClient> asked, int count, long pauseMillis)
            throws Exception {
        this.cluster = cluster;
        this.nodes = List.copyOf(asked.keySet());
        this.pauseMillis = pauseMillis;
        apis.putAll(asked);
        for (String node : nodes) {
            inFlight.put(node, ConcurrentHashMap.newKeySet());
            issuedBy.put(node, new AtomicInteger());
        }
        this.csr = api(nodes.get(0)).csr("load.example");
        for (int i = 0; i < count; i++) {
            int client = i;
            clients.add(new Thread(() -> run(client), "client-" + i));
        }
    }

    static ClusterLoad start(EqualNodes cluster, int clients) throws Exception {
        return start(cluster, clients, PAUSE_MILLIS);
    }

    /** @param pauseMillis of each client between two requests, where a fault takes long and the figures do not matter */
    static ClusterLoad start(EqualNodes cluster, int clients, long pauseMillis) throws Exception {
        return start(cluster, cluster.apiNodes(), clients, pauseMillis);
    }

    /** At these nodes alone, without a pause. */
    static ClusterLoad startAt(EqualNodes cluster, List<String> nodes, int clients) throws Exception {
        return start(cluster, nodes, clients, 0);
    }

    /** By a balancer, which picks the node of each connection; it counts as the only node. */
    static ClusterLoad startBehind(ClusterBalancer balancer, EqualNodes cluster, int clients) throws Exception {
        return start(cluster, Map.of(BALANCER, balancer.api()), clients, PAUSE_MILLIS);
    }

    private static ClusterLoad start(EqualNodes cluster, List<String> nodes, int clients, long pauseMillis)
            throws Exception {
        Map<String, ApiClient> asked = new LinkedHashMap<>();
        for (String node : nodes) {
            asked.put(node, cluster.api(node));
        }
        return start(cluster, asked, clients, pauseMillis);
    }

    private static ClusterLoad start(EqualNodes cluster, Map<String, ApiClient> asked, int clients, long pauseMillis)
            throws Exception {
        ClusterLoad load = new ClusterLoad(cluster, asked, clients, pauseMillis);
        cluster.add(load);
        load.clients.forEach(Thread::start);
        return load;
    }

    private ApiClient api(String node) {
        return Objects.requireNonNull(apis.get(node));
    }

    /** Clients begin at different places of ten, or the first requests of all of them would be those without a key. */
    private void run(int client) {
        for (int i = client + 1; !stopping; i++) {
            if (pauseMillis > 0) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMillis));
            }
            String node = nodes.get(ThreadLocalRandom.current().nextInt(nodes.size()));
            Request request = new Request(
                    token(node), i % WITHOUT_KEY == 0 ? null : UUID.randomUUID().toString());
            requests.add(request);
            if (!send(request, node) && request.key != null && !stopping) {
                pause(request);
                repeat(request, node);
            }
        }
    }

    private void repeat(Request request, String node) {
        request.repeated = true;
        int at = nodes.indexOf(node);
        int asked = 0;
        do {
            at = (at + 1) % nodes.size();
            boolean unused = send(request, nodes.get(at));
            asked++;
        } while (request.unreachable && asked < nodes.size() - 1);
    }

    private String token(String node) {
        try {
            return api(node).token("load.example", ahead);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void pause(Request request) {
        long millis = Math.min(LONGEST_PAUSE_MILLIS, 1_000L * request.retryAfterSeconds);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    /** Whether it was answered with a certificate, or refused for good. */
    private boolean send(Request request, String node) {
        Set<Request> flying = Objects.requireNonNull(inFlight.get(node));
        boolean unused = flying.add(request);
        request.unreachable = false;
        try {
            Answer answer = api(node)
                    .sign(csr, request.token, request.key == null ? Map.of() : Map.of("Idempotency-Key", request.key))
                    .join();
            request.replies.add(new Reply(node, answer.status()));
            request.refusedInTime = answer.status() == 401 && System.nanoTime() - request.made < IN_TIME_NANOS;
            if (answer.status() == 201) {
                request.held = Certificates.hex(answer.member("crt"));
                request.chain = IssuerFiles.chain(answer);
                int unusedCount = issued.incrementAndGet();
                int unusedOwn = Objects.requireNonNull(issuedBy.get(node)).incrementAndGet();
            }
            request.retryAfterSeconds = answer.header("Retry-After").matches("[0-9]{1,3}")
                    ? Integer.parseInt(answer.header("Retry-After"))
                    : 1;
            return answer.status() != 503;
        } catch (CompletionException e) {
            request.replies.add(new Reply(node, 0));
            request.unreachable = e.getCause() instanceof ConnectException;
            return false;
        } finally {
            boolean unusedLeft = flying.remove(request);
        }
    }

    /** Tokens say from now on that they were issued so much later, as after a new epoch of the store. */
    void issueTokensAhead(Duration time) {
        ahead = time;
    }

    /** Certificates so far. */
    int issued() {
        return issued.get();
    }

    int issuedBy(String node) {
        return Objects.requireNonNull(issuedBy.get(node)).get();
    }

    /** Requests that a node has not answered at this moment. */
    int inFlight(String node) {
        return Objects.requireNonNull(inFlight.get(node)).size();
    }

    /** Those of them that no node was asked for before. */
    List<Request> firstInFlight(String node) {
        return Objects.requireNonNull(inFlight.get(node)).stream()
                .filter(request -> request.replies.isEmpty())
                .toList();
    }

    /** Waits until so many more certificates have been issued than there were. */
    void awaitMore(int more, int than, long seconds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (issued() < than + more) {
            if (System.nanoTime() > end) {
                throw new AssertionError("only " + (issued() - than) + " of " + more + " certificates within " + seconds
                        + " s; last answers: " + lastReplies() + cluster.lastWords());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private List<Reply> lastReplies() {
        List<Request> all = List.copyOf(requests);
        return all.subList(Math.max(0, all.size() - 20), all.size()).stream()
                .flatMap(request -> request.replies.stream())
                .toList();
    }

    /** Sends no more, and waits until each request has ended. */
    @Override
    public void close() throws InterruptedException {
        stopping = true;
        for (Thread client : clients) {
            client.join();
        }
    }

    List<Request> requests() {
        return List.copyOf(requests);
    }

    /** DER in hex of every certificate that a client holds. */
    List<String> held() {
        return requests.stream()
                .map(request -> request.held)
                .filter(held -> !held.isEmpty())
                .toList();
    }

    /** Adds the same, each with the key of the token that bought it. */
    void bought(HeldCertificates held) {
        for (Request request : requests) {
            if (!request.held.isEmpty()) {
                held.add(request.held, request.tokenKey());
            }
        }
    }

    /** PEM of every certificate that a client holds, each with what was answered behind it. */
    List<List<String>> chains() {
        return requests.stream()
                .map(request -> request.chain)
                .filter(chain -> !chain.isEmpty())
                .toList();
    }

    /**
     * Asks for what was not answered again, with its key, until it is decided; and offers some of the tokens that bought
     * again without one, each at a node: none may buy another certificate. To be called when all is well again.
     * What it finds, {@link #doubled} and {@link #wrong} have.
     */
    void settle() throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        List<Request> open = undecided();
        while (!open.isEmpty() && System.nanoTime() < end) {
            for (Request request : open) {
                boolean unused = send(request, nodes.get(0));
            }
            open = undecided();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(open.isEmpty() ? 0 : 500));
        }
        List<Request> sample =
                requests().stream().filter(request -> !request.held.isEmpty()).toList();
        for (int i = 0; i < sample.size(); i += Math.max(1, sample.size() / 60)) {
            mustBeUsed(nodes.get(i % nodes.size()), sample.get(i));
        }
    }

    /** Offers the tokens that bought these certificates again, each at every node: all must be refused. */
    void offerAgain(Set<String> serials) throws Exception {
        for (Request request : requests()) {
            if (!request.held.isEmpty()
                    && serials.contains(
                            Certificates.ofHex(request.held).getSerialNumber().toString())) {
                for (String node : nodes) {
                    mustBeUsed(node, request);
                }
            }
        }
    }

    private void mustBeUsed(String node, Request request) throws Exception {
        int status = offer(node, request);
        for (int again = 0; status == 503 && again < MOST_AGAIN; again++) { // a slow moment decides nothing
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
            status = offer(node, request);
        }
        if (status == 201) {
            doubled.add(request.tokenKey());
        } else if (status != 401) {
            wrong.add("a used token offered again at " + node + " was answered " + status);
        }
    }

    private int offer(String node, Request request) throws Exception {
        return api(node).sign(csr, request.token, Map.of()).get().status();
    }

    /** Keys of tokens that bought another certificate when they were offered again. */
    Set<String> doubled() {
        return Set.copyOf(doubled);
    }

    /** What else was not as it must be when tokens were offered again. */
    List<String> wrong() {
        return List.copyOf(wrong);
    }

    /** Good tokens that were refused for good though they were not too old, nor their rows given up or left to the operator. */
    List<String> refusedWithoutReason(StoreRows store) throws Exception {
        Map<String, String> states = states(store.all());
        Set<String> left = store.leftReserved();
        List<String> refused = new ArrayList<>();
        for (Request request : requests) {
            String state = states.getOrDefault(request.tokenKey(), "missing");
            if (request.held.isEmpty()
                    && decided(request)
                    && request.refusedInTime
                    && !state.equals("abandoned")
                    && !left.contains(request.tokenKey())) {
                refused.add("a good token was refused; its request " + request + ", its row " + state);
            }
        }
        return refused;
    }

    /** By the token's key; a row that was voided has left its token to a later one. */
    static Map<String, String> states(List<StoreRows.Row> rows) {
        Map<String, String> states = new HashMap<>();
        for (StoreRows.Row row : rows) {
            if (row.state().equals("voided")) {
                states.putIfAbsent(row.tokenKey(), row.state());
            } else {
                states.put(row.tokenKey(), row.state());
            }
        }
        return states;
    }

    /** Answers that no fault excuses: a node that is in trouble says 503, and a good request is neither malformed nor alarming. */
    List<String> unexpected() {
        return requests().stream()
                .filter(request -> !EXPECTED.containsAll(request.statuses()))
                .map(request -> "answers to a good request: " + request)
                .toList();
    }

    /** Requests with a key that have neither bought a certificate nor been refused for good. */
    List<Request> undecided() {
        return requests().stream()
                .filter(request -> request.key != null && request.held.isEmpty() && !decided(request))
                .toList();
    }

    /** Refused for good: it is too old now, or was abandoned. */
    private static boolean decided(Request request) {
        List<Integer> statuses = request.statuses();
        return !statuses.isEmpty() && statuses.get(statuses.size() - 1) == 401;
    }

    /**
     * Requests with a key that failed although they were repeated once, and those without one that failed. One that
     * failed when the load was ending has not been repeated.
     */
    Failures failures() {
        int withKey = 0;
        int without = 0;
        for (Request request : requests()) {
            if (request.held.isEmpty()) {
                withKey += request.repeated ? 1 : 0;
                without += request.key == null ? 1 : 0;
            }
        }
        return new Failures(requests.size(), withKey, without);
    }

    record Failures(int sent, int withKey, int withoutKey) {}

    /** What a node, or the balancer before it, has answered; 0 for a connection that failed. */
    private record Reply(String node, int status) {
        @Override
        public String toString() {
            return node + " " + status;
        }
    }

    /** One request and what became of it. */
    static final class Request {
        private final String token;
        private final @Nullable String key;
        /** In their order. */
        private final Queue<Reply> replies = new ConcurrentLinkedQueue<>();

        private final long made = System.nanoTime();
        private volatile boolean refusedInTime;
        private volatile String held = "";
        private volatile List<String> chain = List.of();
        private volatile boolean repeated;
        /** Nobody took a connection when it was sent last. */
        private volatile boolean unreachable;

        private volatile int retryAfterSeconds = 1;

        private Request(String token, @Nullable String key) {
            this.token = token;
            this.key = key;
        }

        List<Integer> statuses() {
            return replies.stream().map(Reply::status).toList();
        }

        String tokenKey() {
            return ApiClient.tokenKey(token);
        }

        @Override
        public String toString() {
            return (key == null ? "without a key " : "with a key ")
                    + List.copyOf(replies)
                    + (repeated ? " repeated" : "");
        }
    }
}
