package io.chancery.cli.start;

import io.chancery.core.config.CaConfig;
import io.chancery.node.store.StepFiles;
import io.chancery.node.store.StoreException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Tells that {@code step … --offline} has worked past this CA, by the files that it leaves beside the store. */
public final class OfflineStep {
    private OfflineStep() {}

    /**
     * One line with the files and what to do; empty when there are none, or the store is a PostgreSQL.
     *
     * @throws StoreException when there is no store, or it cannot be read
     */
    public static Optional<String> warning(CaConfig.Db db) throws StoreException {
        List<Path> files = db.postgres().isPresent() ? List.of() : StepFiles.writtenBeside(db.folder(), db.bboltFile());
        return files.isEmpty()
                ? Optional.empty()
                : Optional.of("step has worked in " + db.folder() + " with --offline since this store was made ("
                        + files.stream()
                                .map(file -> file.getFileName().toString())
                                .collect(Collectors.joining(", "))
                        + "): certificates that it signed so are recorded nowhere here, and those that it revoked are"
                        + " good here. Do not use --offline beside Chancery (step ca token alone does no harm); revoke"
                        + " what was signed by its serial (step ca revoke SERIAL), then move these files away");
    }
}
