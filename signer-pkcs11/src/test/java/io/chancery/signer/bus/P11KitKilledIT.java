package io.chancery.signer.bus;

import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * An HSM in processes of its own, which are killed and started again under a signer that is asked all the time. In a JVM of
 * its own: rarely a call that is under way at the kill never comes back from p11-kit's client. What heals then is another
 * process, and the signer has to find that out.
 */
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class P11KitKilledIT {
    @Test
    @Timeout(900)
    void the_HSMs_processes_are_killed_and_started_again(SoftHsmToken token, @TempDir Path folder) throws Exception {
        try (P11KitLoad hsm = P11KitLoad.start(token, folder)) {
            boolean healedHere = healsHere(hsm);
            hsm.load().stop();
            if (healedHere) {
                hsm.mustHaveHealed();
            }
        }
    }

    /** False when the signer has asked for another process in place of healing; fails when it did neither. */
    private static boolean healsHere(P11KitLoad hsm) throws Exception {
        try {
            hsm.load()
                    .rounds("HSM's processes killed", HealingLoad.ROUNDS, hsm.server()::kill, hsm.server()::startAgain);
            return true;
        } catch (AssertionError e) {
            if (!hsm.askedForAFreshProcess()) {
                throw e;
            }
            System.out.println(
                    "heal: a call in p11-kit's client never came back, and the signer asked for a fresh process");
            return false;
        }
    }
}
