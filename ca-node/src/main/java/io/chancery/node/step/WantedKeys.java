package io.chancery.node.step;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.oidc.WantedKey;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Asks OpenID providers for keys that tokens name. Any event loop. */
public final class WantedKeys {
    private final Function<WantedKey, Future<Void>> providers;

    /** @param providers succeeds when the token can be looked at, on the caller's context */
    public WantedKeys(Function<WantedKey, Future<Void>> providers) {
        this.providers = providers;
    }

    /** Succeeds when the token can be looked at; fails as they do, or with DEADLINE_EXCEEDED when that takes too long. */
    Future<Void> ready(Optional<WantedKey> key, Deadline deadline) {
        return key.map(wanted -> inTime(providers.apply(wanted), deadline)).orElseGet(Future::succeededFuture);
    }

    private static Future<Void> inTime(Future<Void> answer, Deadline deadline) {
        return answer.timeout(Math.max(1, deadline.left().toMillis()), TimeUnit.MILLISECONDS)
                .recover(cause -> Future.failedFuture(
                        cause instanceof TimeoutException
                                ? CaException.hidden(
                                        ErrorCode.DEADLINE_EXCEEDED, "an OpenID provider had not answered by then")
                                : cause));
    }
}
