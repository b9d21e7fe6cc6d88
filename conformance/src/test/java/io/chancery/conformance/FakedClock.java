package io.chancery.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A process's own clock, moved by libfaketime; monotonic time moves with it. */
final class FakedClock {
    private static final Path LIBRARIES = Path.of("/usr/lib");
    private static final String SHIM = "faketime/libfaketime.so.1";

    private FakedClock() {}

    /** For a process whose clock is as far off as the file says, which it looks at once a second. */
    static Map<String, String> environment(Path offset) throws IOException {
        Optional<Path> shim;
        try (Stream<Path> machines = Files.list(LIBRARIES)) {
            shim = machines.map(machine -> machine.resolve(SHIM))
                    .filter(Files::exists)
                    .findFirst();
        }
        if (shim.isEmpty()) {
            NotRun.because("a clock that is off", "libfaketime is not installed: apt-get install libfaketime");
        }
        return Map.of(
                "LD_PRELOAD",
                shim.orElseThrow().toString(),
                "FAKETIME_TIMESTAMP_FILE",
                offset.toString(),
                "FAKETIME_CACHE_DURATION",
                "1");
    }

    /** @param text as libfaketime reads it, such as {@code +1h} or {@code -90s} */
    static void set(Path offset, String text) throws IOException {
        boolean changed = Files.exists(offset);
        Files.writeString(offset, text + "\n");
        if (changed) {
            // It goes by the time of the file's change, in whole seconds.
            Files.setLastModifiedTime(offset, FileTime.from(Instant.now().plusSeconds(1)));
        }
    }
}
