package io.chancery.cli.start;

import io.chancery.cli.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** The template files that provisioners name, found as step finds them: {@code ./} and {@code ../} from the working directory, else from {@code $STEPPATH}. */
final class TemplateFiles {
    private static final long LONGEST = 1 << 20;

    private TemplateFiles() {}

    /** The text of one; waits for the disk. UsageException names the file that cannot be read. */
    static String read(String name) throws UsageException {
        Path file = place(name);
        try {
            if (Files.exists(file) && !Files.isRegularFile(file)) { // a pipe would never end
                throw new UsageException("the template file " + file + " is no regular file");
            }
            if (Files.size(file) > LONGEST) {
                throw new UsageException("the template file " + file + " is larger than 1 MiB");
            }
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UsageException("cannot read the template file " + file + ", which ca.json names as templateFile "
                    + name + ": " + FileTrouble.of(file, e));
        }
    }

    private static Path place(String name) throws UsageException {
        try {
            return resolved(name);
        } catch (InvalidPathException e) {
            throw new UsageException("ca.json names a templateFile that is no path: " + name.replace('\0', '?'));
        }
    }

    private static Path resolved(String name) {
        if (name.startsWith("./") || name.startsWith("../")) {
            return Path.of(name).toAbsolutePath().normalize();
        }
        Path steppath = Optional.ofNullable(System.getenv("STEPPATH"))
                .filter(path -> !path.isEmpty())
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home", "/"), ".step"));
        return steppath.resolve(name);
    }
}
