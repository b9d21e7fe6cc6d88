package io.chancery.node.http;

import io.netty.handler.ssl.OpenSsl;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What speaks TLS: a native library where there is one for this machine, else the JDK.
 *
 * @param isNative whether it is the library
 */
public record TlsEngine(boolean isNative) {
    private static final Logger LOG = LoggerFactory.getLogger(TlsEngine.class);

    /** Loads the library on a worker: it takes seconds on a busy machine. */
    public static Future<TlsEngine> load(Vertx vertx) {
        return load(vertx, OpenSsl::isAvailable);
    }

    static Future<TlsEngine> load(Vertx vertx, BooleanSupplier available) {
        return vertx.executeBlocking(
                () -> {
                    TlsEngine engine = new TlsEngine(available.getAsBoolean());
                    if (!engine.isNative()) {
                        LOG.atInfo().log("no native TLS library for this machine; the JDK's is used");
                    }
                    return engine;
                },
                false);
    }
}
