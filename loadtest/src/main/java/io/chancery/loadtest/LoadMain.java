package io.chancery.loadtest;

import io.gatling.app.Gatling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;

/**
 * Runs {@link IssuanceSimulation} against a CA that is running. Exit code 0: all went well; 2: an assertion failed, or
 * the settings are wrong, which is said on standard error.
 */
public final class LoadMain {
    private static final int WRONG_USE = 2;

    private LoadMain() {}

    /** The one argument is the folder that Gatling's results go to; settings are system properties. */
    public static void main(String[] arguments) {
        if (arguments.length != 1) {
            refuse("usage: LoadMain RESULTS_FOLDER, with the settings of loadtest/README.md as -Dload.…");
        }
        try {
            trustOnly(LoadSettings.fromSystemProperties().root());
        } catch (IllegalArgumentException | IOException | GeneralSecurityException e) {
            refuse(String.valueOf(e.getMessage()));
        }
        // Ends the process itself, with its exit code.
        Gatling.main(new String[] {"-s", IssuanceSimulation.class.getName(), "-rf", arguments[0]});
    }

    /** Gatling reads its trust store from a file that its configuration names, once, at its start. */
    private static void trustOnly(Path root) throws IOException, GeneralSecurityException {
        Path store = Files.createTempFile("roots", ".p12");
        store.toFile().deleteOnExit();
        TrustedRoot.read(root).write(store);
        System.setProperty("gatling.ssl.trustStore.type", "PKCS12");
        System.setProperty("gatling.ssl.trustStore.file", store.toString());
        System.setProperty("gatling.ssl.trustStore.password", TrustedRoot.PASSWORD);
    }

    private static void refuse(String message) {
        System.err.println(message);
        System.exit(WRONG_USE);
    }
}
