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
}
