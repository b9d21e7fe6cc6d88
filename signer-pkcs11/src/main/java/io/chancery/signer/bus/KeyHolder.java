package io.chancery.signer.bus;

import io.chancery.signer.key.SigningKey;
import io.chancery.signer.key.SigningKeyException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the verticle's key and keeps trying while its HSM is away, at most a second apart. Used on the verticle's
 * context alone; only the opening runs on an {@code hsm} thread.
 */
final class KeyHolder {
    private static final Logger LOG = LoggerFactory.getLogger(KeyHolder.class);
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    private final Context context;
    private final HsmThreads threads;
    private final Callable<SigningKey> opener;
    private Optional<SigningKey> key = Optional.empty();
    private String why = "the key is being opened";
    private boolean closed;

    KeyHolder(Context context, HsmThreads threads, Callable<SigningKey> opener) {
        this.context = context;
        this.threads = threads;
        this.opener = opener;
    }

    /**
     * Succeeds after the first try, whether the key is there or away: a node starts without its HSM. Fails with
     * SigningKeyException MISCONFIGURED when no waiting can help. After a refused PIN it succeeds and tries no more: a
     * process that ended would be restarted, and the token locked.
     */
    Future<Void> open() {
        return threads.run(context, opener).transform(opened -> {
            if (opened.succeeded()) {
                return taken(opened.result());
            }
            if (opened.cause() instanceof SigningKeyException known) {
                return notOpened(known);
            }
            return Future.failedFuture(opened.cause());
        });
    }

    private Future<Void> taken(SigningKey opened) {
        key = Optional.of(opened);
        return closed ? close() : Future.succeededFuture();
    }

    private Future<Void> notOpened(SigningKeyException failure) {
        why = String.valueOf(failure.getMessage());
        if (failure.kind() == SigningKeyException.Kind.MISCONFIGURED) {
            return Future.failedFuture(failure);
        }
        LOG.atWarn().addKeyValue("cause", why).log("signing key is not available");
        if (failure.kind() == SigningKeyException.Kind.AWAY) {
            tryLater(FIRST_PAUSE_MILLIS);
        }
        return Future.succeededFuture();
    }

    private void tryLater(long pause) {
        long unused = context.owner().setTimer(pause, fired -> {
            if (!closed) {
                tryAgain(Math.min(pause * 2, LONGEST_PAUSE_MILLIS));
            }
        });
    }

    private void tryAgain(long nextPause) {
        var unused = threads.run(context, opener).onComplete(opened -> {
            if (opened.succeeded()) {
                LOG.atInfo().log("signing key is available");
                var unusedClosing = taken(opened.result());
                return;
            }
            why = String.valueOf(opened.cause().getMessage());
            boolean refused = opened.cause() instanceof SigningKeyException known
                    && known.kind() == SigningKeyException.Kind.PIN_REFUSED;
            if (refused) {
                LOG.atError().addKeyValue("cause", why).log("login not tried again");
            } else {
                tryLater(nextPause);
            }
        });
    }

    Optional<SigningKey> key() {
        return key;
    }

    /** Why there is no key. */
    String why() {
        return why;
    }

    Future<Void> close() {
        closed = true;
        if (key.isEmpty()) {
            return Future.succeededFuture();
        }
        SigningKey open = key.get();
        key = Optional.empty();
        return threads.run(context, () -> {
                    open.close();
                    return open;
                })
                .mapEmpty();
    }
}
