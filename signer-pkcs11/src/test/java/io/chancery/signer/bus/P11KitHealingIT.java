package io.chancery.signer.bus;

import io.chancery.signer.key.LibraryFaults;
import io.chancery.softhsm.P11KitServer;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An HSM in processes of its own, which are frozen, and logged out by somebody else, under a signer that is asked all the time. */
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.Random.class)
@Timeout(900)
@SuppressWarnings("NullAway.Init")
class P11KitHealingIT {
    private static final int ROUNDS = HealingLoad.ROUNDS;
    private static final int FREEZES = ROUNDS < 20 ? Math.max(1, ROUNDS / 2) : ROUNDS;

    private P11KitLoad hsm;

    @BeforeAll
    void start(SoftHsmToken token, @TempDir Path folder) throws Exception {
        hsm = P11KitLoad.start(token, folder);
    }

    @AfterAll
    void end() throws Exception {
        try (P11KitLoad ends = hsm) {
            ends.load().stop();
            ends.mustHaveHealed();
        }
    }

    @Test
    void the_HSMs_processes_stand_still() throws Exception {
        hsm.load().rounds("HSM's processes frozen", FREEZES, hsm.server()::freeze, hsm.server()::thaw);
    }

    @Test
    void somebody_else_logs_out() throws Exception {
        hsm.load()
                .rounds(
                        "logged out, behind p11-kit",
                        ROUNDS,
                        () -> LibraryFaults.of(P11KitServer.clientLibrary()).logout(),
                        () -> {});
    }
}
