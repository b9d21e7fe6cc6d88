package io.chancery.loadtest;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What to load and how hard, from system properties {@code load.*}. A value that is missing or wrong is an
 * {@link IllegalArgumentException} that names the property and says what would be right.
 *
 * @param url of the CA, without a path
 * @param kid of the provisioner's key; empty: the only key with that provisioner's name
 * @param key the provisioner's private JWK; empty: the CA's encrypted key is opened with the password
 * @param p99Millis the limit that 99 of 100 requests must keep
 */
record LoadSettings(
        String url,
        Path root,
        String provisioner,
        Optional<String> kid,
        Optional<Path> key,
        Optional<Path> passwordFile,
        int seconds,
        int clients,
        int p99Millis) {
    private static final int LONGEST_SECONDS = 86_400;
    private static final int MOST_CLIENTS = 10_000;
    private static final int LONGEST_MILLIS = 60_000;

    LoadSettings {
        if (!url.startsWith("https://")) {
            throw new IllegalArgumentException("load.url: a CA's URL begins with https://, found \"" + url + "\"");
        }
        if (key.isEmpty() == passwordFile.isEmpty()) {
            throw new IllegalArgumentException(
                    "give either load.key (the provisioner's private JWK) or load.password-file (its password)");
        }
    }

    static LoadSettings fromSystemProperties() {
        return new LoadSettings(
                required("load.url").replaceAll("/+$", ""),
                file("load.root").orElseThrow(() -> missing("load.root")),
                required("load.provisioner"),
                optional("load.kid"),
                file("load.key"),
                file("load.password-file"),
                number("load.seconds", 10, LONGEST_SECONDS),
                number("load.clients", 16, MOST_CLIENTS),
                number("load.p99-millis", 5_000, LONGEST_MILLIS));
    }

    private static Optional<String> optional(String property) {
        return Optional.ofNullable(System.getProperty(property)).filter(value -> !value.isBlank());
    }

    private static String required(String property) {
        return optional(property).orElseThrow(() -> missing(property));
    }

    private static IllegalArgumentException missing(String property) {
        return new IllegalArgumentException(property + " is missing; loadtest/README.md lists what is needed");
    }

    private static Optional<Path> file(String property) {
        return optional(property).map(value -> {
            Path path = Path.of(value);
            if (!Files.isReadable(path)) {
                throw new IllegalArgumentException(property + ": cannot read " + path);
            }
            return path;
        });
    }

    private static int number(String property, int usual, int most) {
        Optional<String> text = optional(property);
        if (text.isEmpty()) {
            return usual;
        }
        try {
            int value = Integer.parseInt(text.get());
            if (value >= 1 && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below, with what would be right
        }
        throw new IllegalArgumentException(
                property + ": a whole number from 1 to " + most + ", found \"" + text.get() + "\"");
    }
}
