package io.chancery.cli.start;

import io.chancery.cli.UsageException;
import io.chancery.core.config.CaConfig;
import io.chancery.core.config.CaConfigReader;
import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.GivenOnce;
import java.io.Console;
import java.io.IOException;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The password of the issuer's key: from the option's file, else from ca.json, else asked for on a terminal. */
final class KeyPassword {
    private KeyPassword() {}

    /** As below, for the key of ca.json's issuer; nobody is asked where its entry of chancery.json has key and password. */
    static Optional<Secret> find(ConfigFiles files, @Nullable Path passwordFile) throws UsageException {
        return files.entryWithIssuersKey().isPresent()
                ? given(files.ca(), passwordFile)
                : find(files.ca(), files.standingPlace().reference(), passwordFile);
    }

    /** Empty when the key needs none. */
    @SuppressWarnings("SystemConsoleNull") // from JDK 22 on there is one without a terminal; it reads end of file, null
    static Optional<Secret> find(CaConfig config, String key, @Nullable Path passwordFile) throws UsageException {
        if (passwordFile != null) {
            return Optional.of(of(passwordFile));
        }
        if (config.password().isPresent() || !encrypted(key)) {
            return config.password();
        }
        Console console = System.console();
        char[] typed = console == null ? null : console.readPassword("password of %s: ", key);
        if (typed == null) {
            throw new UsageException("the key " + key + " is encrypted: give its password with --password-file FILE");
        }
        Secret secret = Secret.of(CharBuffer.wrap(typed));
        Arrays.fill(typed, '\0');
        return Optional.of(secret);
    }

    /** As above, and nobody is asked. */
    private static Optional<Secret> given(CaConfig config, @Nullable Path passwordFile) throws UsageException {
        return passwordFile != null ? Optional.of(of(passwordFile)) : config.password();
    }

    /** The one in a file. */
    static Secret of(Path passwordFile) throws UsageException {
        return Secret.of(read(passwordFile));
    }

    /** Trailing white space is no part of it, as step has it. */
    private static String read(Path file) throws UsageException {
        try {
            return Files.readString(file, StandardCharsets.UTF_8).stripTrailing();
        } catch (IOException e) {
            throw new UsageException("cannot read the password file " + file + ": " + FileTrouble.of(file, e));
        }
    }

    /** UsageException when the key is a file that cannot be read. */
    static void checkReadable(String key) throws UsageException {
        boolean unused = encrypted(key);
    }

    /** As above, and the file of its password. */
    static void checkReadable(KeyedIssuer.KeyPlace place) throws UsageException {
        checkReadable(place.reference());
        if (place.passwordFile().filter(file -> !GivenOnce.is(file)).isPresent()) {
            String unused = read(place.passwordFile().get());
        }
    }

    /** Whether it is known to be a file that only a password opens; UsageException when it cannot be read. */
    static boolean encrypted(String key) throws UsageException {
        if (CaConfigReader.isUri(key)) {
            return false;
        }
        try {
            return !GivenOnce.is(Path.of(key))
                    && Files.readString(Path.of(key), StandardCharsets.ISO_8859_1)
                            .contains("ENCRYPTED");
        } catch (IOException e) {
            throw new UsageException("cannot read the key " + key + ": " + FileTrouble.of(Path.of(key), e));
        }
    }
}
