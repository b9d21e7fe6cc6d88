package io.chancery.node.webhook;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import org.jspecify.annotations.Nullable;

/**
 * One POST to a webhook, whose answer may be as slow and as long as it likes: octets are counted, and {@link #giveUp}
 * ends it at any moment. Used once.
 */
final class WebhookRequest {
    /** Octets of an answer. */
    static final int MOST_OCTETS = 64 * 1024;

    private final HttpClient client;
    private @Nullable HttpClientRequest current;
    private boolean over;

    WebhookRequest(HttpClient client) {
        this.client = client;
    }

    /** Status and body of an answer. */
    record Answer(int status, Buffer body) {}

    /** Fails with what the transport says, or with an {@link Unfit} answer. */
    Future<Answer> send(RequestOptions options, Buffer body) {
        return client.request(options).compose(request -> sent(request, body)).compose(this::answered);
    }

    /** An answer that no other attempt would make better. */
    static final class Unfit extends Exception {
        private static final long serialVersionUID = 1L;

        Unfit(String message) {
            super(message, null, false, false);
        }
    }

    private synchronized Future<HttpClientResponse> sent(HttpClientRequest request, Buffer body) {
        request.exceptionHandler(ended -> {}); // whoever waits for the answer hears of it
        if (over) {
            request.reset().onComplete(done -> {});
            return Future.failedFuture(new Unfit("given up"));
        }
        current = request;
        return request.send(body);
    }

    private Future<Answer> answered(HttpClientResponse response) {
        Promise<Answer> whole = Promise.promise();
        Buffer octets = Buffer.buffer();
        response.exceptionHandler(cause -> {
            boolean unused = whole.tryFail(cause);
        });
        response.handler(chunk -> {
            if (octets.length() + chunk.length() <= MOST_OCTETS) {
                octets.appendBuffer(chunk);
            } else if (whole.tryFail(new Unfit("an answer of more than " + MOST_OCTETS + " octets"))) {
                giveUp();
            }
        });
        response.endHandler(end -> {
            boolean unused = whole.tryComplete(new Answer(response.statusCode(), octets));
        });
        return whole.future();
    }

    /** Ends it where it is; nothing when it is over. Any thread. */
    synchronized void giveUp() {
        over = true;
        if (current != null) {
            current.reset().onComplete(done -> {});
        }
    }
}
