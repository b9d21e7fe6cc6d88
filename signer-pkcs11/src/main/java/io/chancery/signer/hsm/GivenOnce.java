package io.chancery.signer.hsm;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that gives what it holds once, as a pipe does: after a look there is nothing left for whoever needs it, and a look may
 * wait for somebody to write.
 */
public final class GivenOnce {
    private GivenOnce() {}

    /** Whether it is there and such a one. */
    public static boolean is(Path file) {
        return Files.isReadable(file) && !Files.isRegularFile(file) && !Files.isDirectory(file);
    }
}
