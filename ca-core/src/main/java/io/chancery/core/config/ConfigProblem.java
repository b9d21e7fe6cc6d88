package io.chancery.core.config;

/**
 * One thing wrong with a configuration file.
 *
 * @param file which file: {@code ca.json} or {@code chancery.json}, as the user named it
 * @param pointer JSON pointer (RFC 6901) of the place, {@code ""} for the whole document
 * @param found what stands there, secrets hidden
 * @param allowed what may stand there
 * @param severity whether it stops the start
 */
public record ConfigProblem(String file, String pointer, String found, String allowed, Severity severity) {
    /** An error stops the start; a warning does so only with {@code --strict}. */
    public enum Severity {
        ERROR,
        WARNING
    }

    /** One that stops the start. */
    public static ConfigProblem error(String file, String pointer, String found, String allowed) {
        return new ConfigProblem(file, pointer, found, allowed, Severity.ERROR);
    }

    /** A member's name as a part of a pointer (RFC 6901 s. 3). */
    public static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }

    /** Whether it says that this place, or one that it is in, or one within it, is wrong already. */
    public boolean covers(ConfigProblem other) {
        return severity == Severity.ERROR
                && file.equals(other.file)
                && ((other.pointer + "/").startsWith(pointer + "/") || pointer.startsWith(other.pointer + "/"));
    }

    /** As it is told: where, what was found, what is allowed. */
    public String text() {
        return file + "#" + pointer + ": found " + found + "; allowed: " + allowed;
    }
}
