package io.chancery.signer.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.signers.NoOtherNodes;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.signer.admin.KeyAlgorithm;
import io.chancery.signer.key.KeyNeighbours;
import io.chancery.signer.key.KeySettings;
import io.chancery.signer.key.KeyState;
import io.chancery.signer.key.LibraryFaults;
import io.chancery.signer.key.SigningKey;
import io.chancery.signer.key.SigningKeys;
import io.chancery.signer.key.TokenFixture;
import io.chancery.softhsm.Pkcs11Shim;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import io.chancery.testing.Answers;
import io.chancery.testing.StrictVertx;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Everything that can happen to a token and its library, at random moments, under a signer that is asked all the time. */
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.Random.class)
@Timeout(900)
@SuppressWarnings("NullAway.Init")
class SignerHealingIT {
    private static final int ROUNDS = HealingLoad.ROUNDS;
    private static final int HANGS = ROUNDS < 20 ? Math.max(1, ROUNDS / 2) : ROUNDS;
    /** Rounds of each fault after which nothing may have piled up. */
    private static final int MANY = 25;

    private static final int PINS = ROUNDS < 20 ? 1 : 20;
    private static final long DEVICE_ERROR = 0x30;
    private static final long SESSION_HANDLE_INVALID = 0xB3;
    private static final long USER_NOT_LOGGED_IN = 0x101;
    private static final long PIN_INCORRECT = 0xA0;

    private final Vertx vertx = StrictVertx.make();
    private SoftHsmToken token;
    private Pkcs11Shim shim;
    private HealingLoad load;
    private final Semaphore freshProcessHelps = new Semaphore(0);

    @BeforeAll
    void start(SoftHsmToken given, @TempDir Path folder) throws Exception {
        token = given;
        IssuerCertificate issuer = TokenFixture.issuer(token, "ca", KeyAlgorithm.EC_P256);
        shim = Pkcs11Shim.around(token.modulePath());
        shim.lockAfter(3);
        KeySettings settings =
                new KeySettings(shim.uri(token, "ca"), Optional.empty(), Optional.empty(), Optional.empty(), issuer, 4);
        load = HealingLoad.start(vertx, issuer, folder, helps -> keep(settings, folder, freshProcessHelps::release));
    }

    private static SigningKey keep(KeySettings settings, Path folder, Runnable helps) {
        return SigningKeys.keep(settings, new KeyNeighbours(folder, new SecureRandom(), new NoOtherNodes(), helps));
    }

    @AfterAll
    void end() throws Exception {
        try {
            load.stop();
            load.mustHaveHealed(freshProcessHelps, LibraryFaults.of(token.modulePath()));
            System.out.println("heal: " + load.status().recoveries() + " recoveries in all");
            if (ROUNDS >= MANY) {
                assertThat(load.status().recoveries())
                        .as("recoveries of one process, all faults together")
                        .isGreaterThanOrEqualTo(200);
            }
        } finally {
            Answers.of(vertx.close());
            shim.close();
        }
    }

    @AfterEach
    void every_session_is_closed_but_those_of_the_key_in_use(TestInfo fault) throws Exception {
        HealingLoad.mustHaveClosed(LibraryFaults.of(token.modulePath()), fault.getDisplayName());
    }

    @Test
    void somebody_else_logs_out() throws Exception {
        load.rounds("logged out", ROUNDS, () -> shim.once(Pkcs11Shim.Act.LOGOUT), () -> {});
    }

    @Test
    void somebody_else_closes_the_sessions() throws Exception {
        load.rounds("sessions closed", ROUNDS, () -> shim.once(Pkcs11Shim.Act.CLOSE_SESSIONS), () -> {});
    }

    @Test
    void somebody_else_starts_the_library_again() throws Exception {
        load.rounds("library started again", ROUNDS, () -> shim.once(Pkcs11Shim.Act.RESTART), () -> {});
    }

    @Test
    void the_device_errs_for_a_while() throws Exception {
        load.rounds("device errors", ROUNDS, () -> shim.failAll(DEVICE_ERROR), () -> shim.well());
    }

    @Test
    void sessions_or_logins_are_denied_for_a_while() throws Exception {
        load.rounds(
                "sessions or logins denied",
                ROUNDS,
                () -> shim.fail("C_SignInit", load.random(0, 1) == 0 ? SESSION_HANDLE_INVALID : USER_NOT_LOGGED_IN),
                () -> shim.well());
    }

    @Test
    void the_token_is_taken_away_and_put_back() throws Exception {
        Path elsewhere = token.tokens().resolveSibling("elsewhere");
        load.rounds("token removed and put back", ROUNDS, () -> Files.move(token.tokens(), elsewhere), () -> {
            deleteTree(token.tokens());
            Files.move(elsewhere, token.tokens());
        });
    }

    /** SoftHSM may have made an empty folder meanwhile. */
    private static void deleteTree(Path folder) throws Exception {
        if (Files.exists(folder)) {
            try (var files = Files.walk(folder)) {
                for (Path file :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    boolean unused = Files.deleteIfExists(file);
                }
            }
        }
    }

    @Test
    void signatures_hang_for_a_while() throws Exception {
        load.rounds("signatures hang", HANGS, () -> shim.hang("C_Sign"), () -> shim.well());
    }

    @Test
    void every_call_hangs_for_a_while() throws Exception {
        load.rounds("every call hangs", HANGS, () -> shim.hangAll(), () -> shim.well());
    }

    @Test
    @Tag("long")
    void every_call_hangs_for_a_minute() throws Exception {
        load.rounds("every call hangs for a minute", 1, () -> shim.hangAll(), () -> {
            HealingLoad.pause(60_000);
            shim.well();
        });
    }

    @Test
    @Tag("long")
    void an_HSM_that_works_for_other_processes_is_told_of() throws Exception {
        load.rounds(
                "errors in this process alone",
                1,
                () -> {
                    shim.onlyIn(ProcessHandle.current().pid());
                    shim.failAll(DEVICE_ERROR);
                },
                () -> {
                    assertThat(freshProcessHelps.tryAcquire(90, TimeUnit.SECONDS))
                            .as("word that a fresh process would help")
                            .isTrue();
                    shim.well();
                });
        assertThat(freshProcessHelps.drainPermits()).as("more words").isZero();
    }

    @Test
    void a_start_of_the_library_that_hangs_is_told_of() throws Exception {
        load.rounds(
                "C_Initialize hangs in this process alone",
                1,
                () -> {
                    shim.onlyIn(ProcessHandle.current().pid());
                    shim.hang("C_Initialize");
                    shim.failAll(DEVICE_ERROR);
                },
                () -> {
                    load.await(
                            "the state of a key whose library hangs",
                            () -> load.status().state() == KeyState.HUNG);
                    assertThat(freshProcessHelps.tryAcquire(60, TimeUnit.SECONDS))
                            .as("word that a fresh process would help")
                            .isTrue();
                    shim.well();
                });
        int more = freshProcessHelps.drainPermits(); // the load has a long way to the first signature after it
        assertThat(more).as("more words").isLessThanOrEqualTo(1);
    }

    @Test
    void another_pin_is_set_on_the_token() throws Exception {
        long before = wrongLogins();
        AtomicInteger changes = new AtomicInteger();
        AtomicReference<String> next = new AtomicReference<>("");
        load.rounds(
                "PIN changed on the token",
                PINS,
                () -> {
                    String pin = Files.readString(token.pinFile()).strip();
                    next.set(pin.substring(1) + load.random(0, 9));
                    changePin(pin, next.get());
                },
                // A library that is not started again goes on with the PIN that it has read.
                () -> shim.once(Pkcs11Shim.Act.RESTART),
                () -> {
                    load.await("the refusal", () -> load.status().state() == KeyState.PIN_REFUSED);
                    HealingLoad.pause(1_500); // time to try again, which it must not
                    assertThat(wrongLogins() - before)
                            .as("logins with an old PIN, one for each change")
                            .isEqualTo(changes.incrementAndGet());
                    Files.writeString(token.pinFile(), next.get());
                });
        assertThat(wrongLogins() - before).as("wrong logins in all").isEqualTo(PINS);
    }

    private void changePin(String old, String next) throws Exception {
        String unused = token.run(
                "pkcs11-tool",
                "--module",
                token.modulePath().toString(),
                "--token-label",
                token.label(),
                "--login",
                "--pin",
                old,
                "--change-pin",
                "--new-pin",
                next);
    }

    private long wrongLogins() throws Exception {
        return shim.logins().stream()
                .filter(login -> login.returned() == PIN_INCORRECT)
                .count();
    }
}
