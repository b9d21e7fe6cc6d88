package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.softhsm.Pkcs11Shim;
import io.chancery.softhsm.Pkcs11Shim.Login;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node whose PIN is wrong, and a supervisor that starts it again and again. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class RefusedPinIT {
    private static final int RESTARTS = Integer.getInteger("heal.restarts", 20);
    private static final String NAME = "pin.example";
    private static final String WRONG = "11111111";
    private static final long OK = 0;
    private static final long PIN_INCORRECT = 0xA0;
    /** Long enough for a look at the PIN, which is one a second. */
    private static final long LOOKS_MILLIS = 2_500;

    @TempDir
    private Path folder;

    private StepPki pki;
    private Pkcs11Shim shim;
    private String right;

    @BeforeEach
    void wrongPin() throws Exception {
        pki = TokenPki.init(folder);
        shim = Pkcs11Shim.around(TokenPki.library());
        Map<String, Object> ca = JSONObjectUtils.parse(StepPki.text(pki.caJson()));
        Map<String, Object> kms = new HashMap<>(JSONObjectUtils.getJSONObject(ca, "kms"));
        kms.put(
                "uri",
                String.valueOf(kms.get("uri"))
                        .replace(
                                TokenPki.library().toString(), shim.modulePath().toString()));
        pki.set("kms", kms);
        right = StepPki.text(TokenPki.pinFile(pki)).strip();
        pinFile(WRONG);
    }

    @AfterEach
    void end() throws Exception {
        shim.close();
    }

    private void pinFile(String pin) throws Exception {
        Files.writeString(TokenPki.pinFile(pki), pin + "\n", StandardCharsets.US_ASCII);
    }

    private long logins(long returned) throws Exception {
        return shim.logins().stream()
                .filter(login -> login.returned() == returned)
                .count();
    }

    private void issues() throws Exception {
        ApiClient api = ApiClient.of(pki);
        assertThat(api.sign(api.csr(NAME), api.token(NAME)).status()).isEqualTo(201);
    }

    /** Ended as a crash, and as a stop. */
    private void restart(int times) throws Exception {
        for (int i = 0; i < times; i++) {
            ChanceryProcess ca = pki.start();
            ca.awaitLine("hsm retry");
            if (i % 2 == 0) {
                ca.kill();
            } else {
                ca.close();
            }
        }
    }

    private static void lookAround() throws InterruptedException {
        boolean unused = new CountDownLatch(1).await(LOOKS_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Test
    void a_refused_PIN_costs_one_login_however_often_the_process_is_started_again_and_another_one_is_taken_at_once()
            throws Exception {
        shim.lockAfter(3);
        restart(1 + RESTARTS);
        System.out.println("heal: a wrong PIN and " + RESTARTS + " restarts: "
                + shim.logins().size() + " logins");
        assertThat(shim.logins()).extracting(Login::returned).containsExactly(PIN_INCORRECT);
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitLine("hsm retry");
            lookAround();
            assertThat(shim.logins()).hasSize(1);
            pinFile(right);
            ca.awaitLine("signing key healed");
            ca.awaitReady();
            issues();
        }
        assertThat(logins(PIN_INCORRECT)).isEqualTo(1);
        assertThat(logins(OK)).isEqualTo(1);
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitReady();
            issues();
        }
        assertThat(shim.logins())
                .as("one for each process that had the right PIN")
                .hasSize(3);
    }

    @Test
    void hsm_retry_allows_one_more_login_and_no_restart_turns_it_into_two() throws Exception {
        shim.lockAfter(5);
        restart(2);
        assertThat(logins(PIN_INCORRECT)).isEqualTo(1);

        retry(); // while nothing runs, and the PIN is as wrong as before
        restart(3);
        assertThat(logins(PIN_INCORRECT)).isEqualTo(2);

        changePin(); // the very PIN that was refused is right now, which nobody here can know
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitLine("hsm retry");
            lookAround();
            assertThat(loginsOf(ca)).isZero();
            retry();
            ca.awaitLine("signing key healed");
            ca.awaitReady();
            issues();
            assertThat(loginsOf(ca)).isEqualTo(1);
        }
        assertThat(logins(PIN_INCORRECT)).isEqualTo(2);
    }

    private long loginsOf(ChanceryProcess process) throws Exception {
        return shim.logins().stream()
                .filter(login -> login.process() == process.pid())
                .count();
    }

    private void retry() throws Exception {
        run(
                Path.of(System.getProperty("chancery.home"), "bin/chancery").toString(),
                "hsm",
                "retry",
                pki.caJson().toString());
    }

    private void changePin() throws Exception {
        run(
                "pkcs11-tool",
                "--module",
                TokenPki.library().toString(),
                "--token-label",
                "issuing",
                "--login",
                "--pin",
                right,
                "--change-pin",
                "--new-pin",
                WRONG);
    }

    private void run(String... command) throws Exception {
        Commands.run(pki.folder(), pki.environment(), command).succeeded();
    }
}
