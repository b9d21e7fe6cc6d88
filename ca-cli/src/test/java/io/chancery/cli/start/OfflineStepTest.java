package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.config.CaConfig;
import io.chancery.node.store.SqliteStore;
import io.chancery.node.store.StoreSettings;
import io.chancery.testing.MutableInstantSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class OfflineStepTest {
    private static final Instant MADE = Instant.parse("2026-06-01T12:00:00Z");

    @TempDir
    private Path folder;

    @Test
    void files_that_step_left_beside_the_store_are_named_on_one_line_with_what_to_do() throws Exception {
        CaConfig.Db db = new CaConfig.Db("badgerv2", folder, Optional.empty(), Optional.empty(), Optional.empty());
        SqliteStore.open(folder, new StoreSettings("n1", 10, false, "birth"), new MutableInstantSource(MADE))
                .close();
        assertThat(OfflineStep.warning(db)).isEmpty();
        Path unused = Files.setLastModifiedTime(
                Files.createFile(folder.resolve("MANIFEST")), FileTime.from(MADE.plusSeconds(60)));
        assertThat(OfflineStep.warning(db))
                .hasValueSatisfying(line -> assertThat(line)
                        .contains(folder.toString(), "(MANIFEST)", "--offline", "step ca revoke SERIAL")
                        .doesNotContain("\n"));
    }
}
