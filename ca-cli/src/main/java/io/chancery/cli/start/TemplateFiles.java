package io.chancery.cli.start;

import io.chancery.cli.UsageException;
import io.chancery.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The template files that provisioners name, found as step finds them: {@code ./} and {@code ../} from the working
 * directory, {@code ~/} from the home, else from {@code $STEPPATH}, or where step's current context has its files.
 */
final class TemplateFiles {
    private static final long LONGEST = 1 << 20;

    private TemplateFiles() {}

    /** The text of one; waits for the disk. UsageException names the file that cannot be read. */
    static String read(String name, Map<String, String> environment) throws UsageException {
        Path file = place(name, environment);
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

    private static Path place(String name, Map<String, String> environment) throws UsageException {
        try {
            return resolved(name, environment);
        } catch (InvalidPathException e) {
            throw new UsageException("ca.json names a templateFile that is no path: " + name.replace('\0', '?'));
        }
    }

    private static Path resolved(String name, Map<String, String> environment) throws UsageException {
        if (name.startsWith("./") || name.startsWith("../")) {
            return Path.of(name).toAbsolutePath().normalize();
        }
        String home = set(environment, "HOME").orElseGet(() -> System.getProperty("user.home", "/"));
        if (name.startsWith("~/")) {
            return Path.of(home, name.substring(2));
        }
        Path file = Path.of(name);
        return file.isAbsolute()
                ? file
                : ofAuthority(set(environment, "STEPPATH").map(Path::of).orElseGet(() -> Path.of(home, ".step")))
                        .resolve(file);
    }

    private static Optional<String> set(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
    }

    /** Where step has the files of the CA that is its current context; without contexts its own folder. */
    private static Path ofAuthority(Path step) throws UsageException {
        Path current = step.resolve("current-context.json");
        Path contexts = step.resolve("contexts.json");
        if (Files.notExists(current)) {
            return step;
        }
        try {
            String context = text(Json.parse(Files.readString(current)), "context");
            return step.resolve("authorities")
                    .resolve(text(object(Json.parse(Files.readString(contexts))).get(context), "authority"));
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException("a templateFile of ca.json is in the folder of step's current context, and which"
                    + " that is cannot be read of " + current + " and " + contexts
                    + "; an absolute path needs neither");
        }
    }

    private static Map<?, ?> object(@Nullable Object json) {
        return json instanceof Map<?, ?> map ? map : Map.of();
    }

    /** IllegalArgumentException when there is none, or it is empty. */
    @SuppressWarnings("unchecked") // JSON objects have string keys
    private static String text(@Nullable Object json, String member) {
        if (Json.member((Map<String, Object>) object(json), member) instanceof String text && !text.isEmpty()) {
            return text;
        }
        throw new IllegalArgumentException(member);
    }
}
