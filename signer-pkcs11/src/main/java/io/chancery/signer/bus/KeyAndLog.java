package io.chancery.signer.bus;

import io.chancery.signer.key.KeyState;
import io.chancery.signer.key.KeyStatus;
import io.chancery.signer.key.SigningKey;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a signer opens and closes: its key, and the log of what it signs. That is done on its hsm threads; to be called on
 * its context, but for what says otherwise.
 */
final class KeyAndLog {
    private static final KeyStatus NOT_OPENED = new KeyStatus(KeyState.OPENING, "the key is being opened", 0, 0, 0, 0);

    private final SignerSettings settings;
    private final HsmThreads threads;
    private final KeyOpener opener;
    private volatile @Nullable SigningKey key;
    private @Nullable SignatureLog log;

    /** @param opener called once, on an hsm thread */
    KeyAndLog(SignerSettings settings, HsmThreads threads, KeyOpener opener) {
        this.settings = settings;
        this.threads = threads;
        this.opener = opener;
    }

    /** Fails with IOException when it cannot be opened. */
    Future<SignatureLog> openLog(Context context) {
        return threads.run(context, () -> SignatureLog.open(settings.signatureLog()))
                .onSuccess(opened -> log = opened);
    }

    /** Fails as the opener does. */
    Future<SigningKey> openKey(Context context, Runnable freshProcessHelps) {
        return threads.run(context, () -> opener.open(freshProcessHelps)).onSuccess(opened -> key = opened);
    }

    /** Empty until it was opened. Any thread; never waits. */
    Optional<SigningKey> key() {
        return Optional.ofNullable(key);
    }

    /** How the key is. Any thread; never waits. */
    KeyStatus status() {
        return key().map(SigningKey::status).orElse(NOT_OPENED);
    }

    /**
     * Closes what is open, and the threads. Has the drain's time again: threads that hang in the library would else hold up
     * the stop for ever.
     */
    Future<Void> close(Context context) {
        SignatureLog written = log;
        long millis = Math.max(1, settings.drain().toMillis());
        return Future.<Void>succeededFuture()
                .compose(nothing ->
                        key().map(opened -> closeKey(context, opened)).orElseGet(Future::succeededFuture))
                .compose(nothing -> written == null ? Future.<Void>succeededFuture() : closeLog(context, written))
                .timeout(millis, TimeUnit.MILLISECONDS)
                .eventually(() -> {
                    threads.close();
                    return Future.succeededFuture();
                });
    }

    private Future<Void> closeKey(Context context, SigningKey opened) {
        return threads.run(context, () -> {
                    opened.close();
                    return opened;
                })
                .mapEmpty();
    }

    private Future<Void> closeLog(Context context, SignatureLog written) {
        return threads.run(context, () -> {
                    written.close();
                    return written;
                })
                .mapEmpty();
    }
}
