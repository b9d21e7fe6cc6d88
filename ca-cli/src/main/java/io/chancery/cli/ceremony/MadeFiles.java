package io.chancery.cli.ceremony;

import io.chancery.core.der.Sha256;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The files that a ceremony leaves in its folder, by name and hash. */
final class MadeFiles {
    private MadeFiles() {}

    /** SHA-256 of the file as it lies there, in hex. */
    static String sha256(Path file) throws IOException {
        return Sha256.digest(Files.readAllBytes(file)).hex();
    }

    /** The hash of every file below a folder of the results, by its path from there. Lock files come and go: left out. */
    static JsonObject hashes(Path results, Path folder) throws IOException {
        JsonObject hashes = new JsonObject();
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> files = all.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().endsWith(".lock"))
                    .sorted()
                    .toList();
            for (Path file : files) {
                hashes.put(
                        results.toAbsolutePath()
                                .relativize(file.toAbsolutePath())
                                .toString(),
                        sha256(file));
            }
        }
        return hashes;
    }

    /** Whether the name is that of a file right in the folder of the results. */
    static boolean isPlain(String name) {
        return name.matches("[A-Za-z0-9-][A-Za-z0-9.-]*");
    }

    /** Whether the path leads to a file somewhere below it. */
    static boolean isBelow(String path) {
        return Stream.of(path.split("/", -1)).allMatch(part -> part.matches("[A-Za-z0-9_-][A-Za-z0-9._-]*"));
    }
}
