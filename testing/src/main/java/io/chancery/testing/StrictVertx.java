package io.chancery.testing;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A Vertx for tests to which {@code VertxExtension} hands none: under the limits of vertx-options.json, as the extension's
 * own. With none it would take an event loop two seconds to be seen, and five to be seen where it stands.
 */
public final class StrictVertx {
    private StrictVertx() {}

    /** To be closed by the test. */
    public static Vertx make() {
        try {
            String limits = Files.readString(Path.of(System.getProperty("vertx.parameter.filename")));
            return Vertx.vertx(new VertxOptions(new JsonObject(limits)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
