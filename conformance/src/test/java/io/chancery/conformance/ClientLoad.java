package io.chancery.conformance;

import io.chancery.conformance.ApiClient.Answer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A number of clients that ask for certificates, each request with a token, a request id and an Idempotency-Key of its own. */
final class ClientLoad implements AutoCloseable {
    private final ApiClient api;
    private final String csr;
    private final String name;
    private final Semaphore clients;
    private final CountDownLatch reached;
    private final List<Sent> sent = Collections.synchronizedList(new ArrayList<>());
    private final Thread thread = new Thread(this::run, "load");
    /** Made before the load begins, as signing them is half of a client's work. */
    private final Queue<String> tokens = new ArrayDeque<>();

    private volatile boolean stopping;

    private ClientLoad(ApiClient api, String name, int clients, int target) throws Exception {
        this.api = api;
        this.name = name;
        this.csr = api.csr(name);
        this.clients = new Semaphore(clients);
        this.reached = new CountDownLatch(target);
        for (int i = 0; i < target + 4 * clients; i++) {
            tokens.add(api.token(name));
        }
    }

    /** @param target certificates after which {@link #awaitTarget} returns */
    static ClientLoad start(ApiClient api, String name, int clients, int target) throws Exception {
        ClientLoad load = new ClientLoad(api, name, clients, target);
        load.thread.start();
        return load;
    }

    private void run() {
        try {
            while (!stopping) {
                clients.acquire();
                String ready = tokens.poll();
                Sent request = send(api, csr, ready == null ? api.token(name) : ready);
                sent.add(request);
                request.answer().whenComplete((answer, failure) -> {
                    if (answer != null && answer.status() == 201) {
                        reached.countDown();
                    }
                    clients.release();
                });
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static Sent send(ApiClient api, String csr, String token) {
        String id = UUID.randomUUID().toString();
        return new Sent(id, token, csr, api.sign(csr, token, Map.of("X-Request-Id", id, "Idempotency-Key", id)));
    }

    void awaitTarget() throws InterruptedException {
        if (!reached.await(60, TimeUnit.SECONDS)) {
            throw new AssertionError("the load gets no certificates; " + reached.getCount() + " are missing");
        }
    }

    /** Those without an answer at this moment. */
    List<Sent> inFlight() {
        synchronized (sent) {
            return sent.stream().filter(request -> !request.answer().isDone()).toList();
        }
    }

    List<Sent> sent() {
        synchronized (sent) {
            return List.copyOf(sent);
        }
    }

    /** Sends no more, and waits until each request has ended, well or not. */
    @Override
    public void close() throws InterruptedException {
        stopping = true;
        thread.join();
        for (Sent request : sent()) {
            request.answer().handle((answer, failure) -> answer).join();
        }
    }

    /** One request; its id is also its Idempotency-Key. */
    record Sent(String id, String token, String csr, CompletableFuture<Answer> answer) {
        /** The certificate that the client holds, in hex of its DER; empty when it got none. */
        String held() {
            Answer got = answer.isDone() && !answer.isCompletedExceptionally() ? answer.join() : null;
            return got != null && got.status() == 201 ? Certificates.hex(got.member("crt")) : "";
        }

        /** The same request again; with its Idempotency-Key or without any. */
        Answer again(ApiClient api, boolean withKey) throws Exception {
            return api.sign(csr, token, withKey ? Map.of("Idempotency-Key", id) : Map.of())
                    .get(30, TimeUnit.SECONDS);
        }
    }
}
