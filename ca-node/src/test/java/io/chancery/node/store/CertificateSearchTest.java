package io.chancery.node.store;

import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.ExtendWith;

/** The contract of the search in a file, and on a real server. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class CertificateSearchTest {
    @Nested
    class InSqlite extends CertificateSearchContract {
        @Override
        OpenedStore open(Path inFolder, InstantSource byClock) throws Exception {
            return OpenedStore.inSqlite(inFolder, byClock);
        }

        @Override
        StorePlace nowhere(Path inFolder) {
            return StorePlace.sqlite(inFolder.resolve("none"));
        }
    }

    @Nested
    @ExtendWith(SharedPostgres.class)
    class InPostgres extends CertificateSearchContract {
        @Override
        OpenedStore open(Path inFolder, InstantSource byClock) throws Exception {
            return OpenedStore.inPostgres(inFolder, byClock);
        }

        @Override
        StorePlace nowhere(Path inFolder) throws Exception {
            return StorePlace.postgres(SharedPostgres.empty());
        }
    }
}
