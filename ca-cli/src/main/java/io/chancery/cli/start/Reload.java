package io.chancery.cli.start;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.core.error.CaException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What SIGHUP does: both files are read again and checked whole, and only then put in force, for requests that come from
 * then on. Whatever is wrong leaves the old configuration in force and is in the log. One reload at a time, none before
 * the CA is there.
 */
final class Reload {
    private static final Logger LOG = LoggerFactory.getLogger(Reload.class);

    private final Path caJson;
    private final boolean strict;
    private final Surroundings surroundings;
    private final AtomicBoolean waits = new AtomicBoolean();
    private final CompletableFuture<Ca> started = new CompletableFuture<>();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread worker = new Thread(task, "reload");
        worker.setDaemon(true);
        return worker;
    });

    /** @param strict whether warnings keep the old configuration in force, too */
    Reload(Path caJson, boolean strict, Surroundings surroundings) {
        this.caJson = caJson;
        this.strict = strict;
        this.surroundings = surroundings;
    }

    /** A signal during a reload is one reload more, however many there are: the last reads what all of them mean. */
    void onHangUp() {
        Signals.onHangUp(() -> {
            if (!waits.getAndSet(true)) {
                var unused = started.thenAcceptAsync(this::reload, thread).whenComplete((done, failure) -> {
                    if (failure != null) {
                        LOG.atError().setCause(failure).log("not reloaded; the old configuration stays in force");
                    }
                });
            }
        });
    }

    void started(Ca ca) {
        boolean unused = started.complete(ca);
    }

    /** Reads them now, on this thread. */
    void reload(Ca ca) {
        waits.set(false);
        LOG.atInfo().log("reading the configuration again");
        ca.checkBus(); // whatever becomes of the rest
        try {
            LoadedConfig next = LoadedConfig.forReload(
                    caJson,
                    strict,
                    ca.role(),
                    surroundings,
                    line -> LOG.atWarn().log(line));
            List<String> restart = RestartNeeded.between(ca.config(), next);
            if (!restart.isEmpty()) {
                LOG.atError()
                        .log("needs a restart: " + String.join(", ", restart)
                                + "; the old configuration stays in force");
                return;
            }
            ca.reload(next);
            LOG.atInfo().log("the new configuration is in force");
        } catch (UsageException | StartException | CaException e) {
            LOG.atError()
                    .addKeyValue("reason", e.getMessage())
                    .log("not reloaded; the old configuration stays in force");
        }
    }
}
