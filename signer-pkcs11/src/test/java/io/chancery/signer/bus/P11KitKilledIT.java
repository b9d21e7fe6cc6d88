package io.chancery.signer.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import io.chancery.testing.FaultCost;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
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
    /** In which a call may stay in p11-kit's client: one, and one more of ten. */
    private static final int MOST_HUNG = 1 + HealingLoad.ROUNDS / 10;

    /** From the HSM's return; docs/signer.md says 15 s from the fault where nobody asks, and somebody asks here. */
    private static final Duration ASKED_WITHIN = Duration.ofSeconds(13);

    @Test
    @Timeout(900)
    void the_HSMs_processes_are_killed_and_started_again(SoftHsmToken token, @TempDir Path folder) throws Exception {
        FaultCost cost = new FaultCost("HSM's processes killed");
        P11KitLoad hsm = P11KitLoad.start(token, folder);
        int hung = 0;
        try {
            for (int round = 0; round < HealingLoad.ROUNDS; round++) {
                if (!healsHere(hsm, cost)) {
                    hung++;
                    assertThat(hung)
                            .as("rounds in which a call never came back")
                            .isLessThanOrEqualTo(MOST_HUNG);
                    hsm = hsm.replaced(folder.resolve("fresh-" + hung));
                }
            }
            hsm.load().stop();
            hsm.mustHaveHealed();
        } finally {
            hsm.close();
            System.out.println(cost.line());
            System.out.println("heal: HSM's processes killed " + HealingLoad.ROUNDS + " times, and " + hung
                    + " times a call in p11-kit's client never came back, and the signer asked for a fresh process");
        }
    }

    /**
     * False when a call has not come back, and the signer has asked for another process in place of healing; fails when it
     * did neither, and when it healed too late.
     */
    private static boolean healsHere(P11KitLoad hsm, FaultCost cost) throws Exception {
        AtomicLong back = new AtomicLong();
        try {
            hsm.load().round(cost, hsm.server()::kill, () -> {
                hsm.server().startAgain();
                back.set(System.nanoTime());
            });
            return true;
        } catch (AssertionError e) {
            if (hsm.load().status().abandonedCalls() == 0 || !hsm.askedForAFreshProcess()) {
                throw e;
            }
            assertThat(Duration.ofNanos(hsm.firstAsked() - back.get()))
                    .as("from the HSM's return to the asking for a fresh process")
                    .isLessThanOrEqualTo(ASKED_WITHIN);
            return false;
        }
    }
}
