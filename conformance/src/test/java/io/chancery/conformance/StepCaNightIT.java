package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.softhsm.Pkcs11Shim;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same faults of an HSM for Chancery and for the real step-ca: which of them issues again by itself, and after how long,
 * and which only when it is started again. What step-ca does is held fast here, since docs/signer.md tells it.
 */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class StepCaNightIT {
    private static final Duration FAULT = Duration.ofSeconds(3);
    /** What does not issue by then waits for a restart. */
    private static final Duration LONGEST_BY_ITSELF = Duration.ofSeconds(30);

    private static final long DEVICE_ERROR = 0x30;

    @TempDir
    private Path folder;

    private interface Act {
        void on(NightServer server) throws Exception;
    }

    private enum Heals {
        BY_ITSELF,
        AFTER_A_RESTART
    }

    /** Chancery, which heals, and step-ca. */
    private void night(String fault, Act library, Act begins, Act ends, Heals stepCa) throws Exception {
        try (NightServer server = NightServer.chancery(folder)) {
            library.on(server);
            assertThat(night(fault, server, begins, ends))
                    .as("Chancery: " + fault)
                    .isEqualTo(Heals.BY_ITSELF);
        }
        try (NightServer server = NightServer.stepCa(folder)) {
            library.on(server);
            assertThat(night(fault, server, begins, ends))
                    .as("step-ca: " + fault)
                    .isEqualTo(stepCa);
        }
    }

    private static Heals night(String fault, NightServer server, Act begins, Act ends) throws Exception {
        long unused = server.startAndIssue();
        begins.on(server);
        Map<String, Integer> meanwhile = server.answersDuring(FAULT);
        ends.on(server);
        OptionalLong itself = server.issuesWithin(LONGEST_BY_ITSELF);
        String outcome = itself.isPresent()
                ? "by itself after " + itself.getAsLong() + " ms"
                : "only after a restart, which took " + server.startAndIssue() + " ms";
        System.out.println("night: " + fault + ": " + server.name() + " answers " + meanwhile
                + " meanwhile, and issues again " + outcome);
        if (!server.name().equals(NightServer.CHANCERY)) { // which may heal within a request
            assertThat(meanwhile.keySet())
                    .as("answers of " + server.name() + ", which must feel the fault")
                    .anyMatch(answer -> !answer.equals("201"));
        }
        return itself.isPresent() ? Heals.BY_ITSELF : Heals.AFTER_A_RESTART;
    }

    @Test
    void the_token_s_folder_is_taken_away_and_put_back() throws Exception {
        night(
                "token removed and put back",
                NightServer::behindTheShim,
                server -> Files.move(server.tokens(), elsewhere(server)),
                server -> {
                    if (Files.exists(server.tokens())) {
                        Files.delete(server.tokens()); // SoftHSM makes an empty one
                    }
                    Files.move(elsewhere(server), server.tokens());
                },
                Heals.AFTER_A_RESTART);
    }

    private static Path elsewhere(NightServer server) {
        return server.tokens().resolveSibling("elsewhere");
    }

    @Test
    void the_HSM_s_processes_are_killed_and_started_again() throws Exception {
        night(
                "HSM's processes killed and started again",
                NightServer::behindP11Kit,
                server -> server.p11Kit().kill(),
                server -> server.p11Kit().startAgain(),
                Heals.AFTER_A_RESTART);
    }

    @Test
    void another_PIN_is_set_and_the_HSM_started_again() throws Exception {
        night(
                "PIN changed, HSM started again",
                NightServer::behindTheShim,
                server -> {
                    server.changePin("98765432");
                    server.shim().once(Pkcs11Shim.Act.RESTART);
                },
                server -> {
                    Files.writeString(server.pinFile(), "98765432");
                    server.shim().well(); // or a process that is started would do it, too
                },
                Heals.AFTER_A_RESTART);
    }

    @Test
    void somebody_else_logs_out() throws Exception {
        once("logged out", Pkcs11Shim.Act.LOGOUT);
    }

    @Test
    void somebody_else_closes_the_sessions() throws Exception {
        once("sessions closed", Pkcs11Shim.Act.CLOSE_SESSIONS);
    }

    @Test
    void somebody_else_starts_the_library_again() throws Exception {
        once("library started again", Pkcs11Shim.Act.RESTART);
    }

    /** In the server's own process, before its next signature. */
    private void once(String fault, Pkcs11Shim.Act act) throws Exception {
        night(
                fault,
                NightServer::behindTheShim,
                server -> server.shim().once(act),
                server -> server.shim().well(),
                Heals.AFTER_A_RESTART);
    }

    @Test
    void the_HSM_errs_for_a_while() throws Exception {
        night(
                "device errors",
                NightServer::behindTheShim,
                server -> server.shim().failAll(DEVICE_ERROR),
                server -> server.shim().well(),
                Heals.BY_ITSELF);
    }

    @Test
    void every_call_hangs_for_a_while() throws Exception {
        night(
                "every call hangs",
                NightServer::behindTheShim,
                server -> server.shim().hangAll(),
                server -> server.shim().well(),
                Heals.BY_ITSELF);
    }

    @Test
    void the_process_is_killed() throws Exception {
        killed(NightServer.chancery(folder));
        killed(NightServer.stepCa(folder));
    }

    private static void killed(NightServer made) throws Exception {
        try (NightServer server = made) {
            server.behindTheShim();
            long unused = server.startAndIssue();
            server.kill();
            System.out.println("night: SIGKILL: " + server.name() + " issues again " + server.startAndIssue()
                    + " ms after its start");
        }
    }
}
