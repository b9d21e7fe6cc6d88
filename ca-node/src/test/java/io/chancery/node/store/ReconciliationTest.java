package io.chancery.node.store;

import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.ExtendWith;

/** The contract of the comparison with a file, and with a real server. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ReconciliationTest {
    @Nested
    class InSqlite extends ReconciliationContract {
        @Override
        OpenedStore open(Path inFolder, InstantSource byClock) throws Exception {
            return OpenedStore.inSqlite(inFolder, byClock);
        }
    }

    @Nested
    @ExtendWith(SharedPostgres.class)
    class InPostgres extends ReconciliationContract {
        @Override
        OpenedStore open(Path inFolder, InstantSource byClock) throws Exception {
            return OpenedStore.inPostgres(inFolder, byClock);
        }
    }
}
