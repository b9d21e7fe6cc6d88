package io.chancery.cluster.bus;

import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;

/** Sends one request to one signer, and says of every way it can end whether the signer may have got it. */
public final class SignerBus {
    private SignerBus() {}

    /**
     * Never fails: how it went is a value.
     *
     * @param millis to wait for the answer, at least 1
     * @param localOnly ask only a consumer in this process
     */
    public static Future<Outcome> request(
            EventBus bus, String address, SignerMessage message, long millis, boolean localOnly) {
        DeliveryOptions options =
                new DeliveryOptions().setSendTimeout(Math.max(1, millis)).setLocalOnly(localOnly);
        try {
            return bus.<SignReply>request(address, message, options)
                    .<Outcome>map(reply -> new Answered(reply.body()))
                    .otherwise(SignerBus::failure);
        } catch (RuntimeException e) {
            // A message without a codec, or a closed bus, throws instead of failing the Future: nothing has left.
            return Future.succeededFuture(new NotDelivered(String.valueOf(e.getMessage())));
        }
    }

    private static Outcome failure(Throwable cause) {
        if (cause instanceof ReplyException reply && reply.failureType() == ReplyFailure.NO_HANDLERS) {
            return new NotDelivered("no such signer on the bus");
        }
        // TIMEOUT, RECIPIENT_FAILURE, a failed write, an answer that cannot be read: it may have been signed.
        return new MaybeDelivered(
                cause instanceof ReplyException reply
                        ? reply.failureType().name()
                        : cause.getClass().getSimpleName());
    }

    /** How a request ended. */
    public sealed interface Outcome {}

    /** The signer answered. */
    public record Answered(SignReply reply) implements Outcome {}

    /** It never left this process, or nobody listens: surely nothing was signed. */
    public record NotDelivered(String reason) implements Outcome {}

    /** It may have arrived, and may have been signed. */
    public record MaybeDelivered(String reason) implements Outcome {}
}
