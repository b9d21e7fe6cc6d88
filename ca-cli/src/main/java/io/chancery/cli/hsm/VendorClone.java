package io.chancery.cli.hsm;

import io.chancery.cli.UsageException;
import io.chancery.signer.admin.TokenState;
import io.chancery.signer.hsm.HsmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The operator's own program around the tool of an HSM's maker, which alone can clone keys that are not extractable. It
 * gets the token's label and serial number, has this terminal, and says by its exit code whether a clone was made.
 */
public final class VendorClone {
    private static final long HOURS = 1;

    private VendorClone() {}

    /** HsmException when it fails or takes more than an hour. */
    public static void run(Path program, TokenState token) throws UsageException {
        Path file = program.toAbsolutePath();
        if (!Files.isExecutable(file)) {
            throw new UsageException(program + " is no program that can be run");
        }
        try {
            Process process = new ProcessBuilder(
                            file.toString(), token.slot().label(), token.slot().serial())
                    .inheritIO()
                    .start();
            if (!process.waitFor(HOURS, TimeUnit.HOURS)) {
                process.destroyForcibly();
                throw HsmException.misconfigured(program + " took more than an hour; nobody knows what it made");
            }
            if (process.exitValue() != 0) {
                throw HsmException.misconfigured(
                        program + " ended with exit code " + process.exitValue() + ": there is no clone");
            }
        } catch (IOException e) {
            throw HsmException.misconfigured(program + " cannot be run: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw HsmException.misconfigured("interrupted while " + program + " ran; nobody knows what it made");
        }
    }
}
