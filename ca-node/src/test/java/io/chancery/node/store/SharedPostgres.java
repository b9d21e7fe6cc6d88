package io.chancery.node.store;

import io.chancery.core.config.PostgresSource;
import io.chancery.testing.PostgresProcess;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * One PostgreSQL for all test classes of a run that take a database each for each of their tests. Databases are copies of
 * one that has our tables, and no epoch yet: making tables takes longer than most tests.
 */
final class SharedPostgres implements BeforeAllCallback {
    private static final String TEMPLATE = "tables";
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static volatile @Nullable PostgresProcess server;

    @Override
    public void beforeAll(ExtensionContext context) {
        server = context.getRoot()
                .getStore(Namespace.create(SharedPostgres.class))
                .getOrComputeIfAbsent(Running.class, key -> Running.start(), Running.class)
                .process();
    }

    /** A new database with our tables. */
    static PostgresSource database() throws Exception {
        String name = "test" + DATABASES.incrementAndGet();
        String unused = running().sql("postgres", "CREATE DATABASE " + name + " TEMPLATE " + TEMPLATE);
        return source(name);
    }

    /** A new database without any. */
    static PostgresSource empty() throws Exception {
        return source(running().createDatabase("empty" + DATABASES.incrementAndGet()));
    }

    private static PostgresSource source(String database) {
        return source(running(), database);
    }

    private static PostgresSource source(PostgresProcess at, String database) {
        return PostgresSource.parse(at.dataSource(database), Optional.empty());
    }

    private static PostgresProcess running() {
        PostgresProcess started = server;
        if (started == null) {
            throw new IllegalStateException("@ExtendWith(SharedPostgres.class) is missing");
        }
        return started;
    }

    /** Closed when the last test of the run has ended. */
    private record Running(PostgresProcess process) implements AutoCloseable {
        static Running start() {
            try {
                PostgresProcess started = PostgresProcess.startInMemory();
                StorePlace.postgres(source(started, started.createDatabase(TEMPLATE)))
                        .migrate();
                return new Running(started);
            } catch (Exception e) {
                throw new IllegalStateException("no PostgreSQL to test with", e);
            }
        }

        @Override
        public void close() throws IOException {
            process.close();
        }
    }
}
