package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.conformance.ClientLoad.Sent;
import io.chancery.conformance.StoreRows.Row;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kill -9 at random moments under load: no certificate that a client holds is lost, no token buys two, and every step
 * that a request can die at is survived. The number of rounds is the system property {@code kill.rounds}; {@code
 * kill.seed} repeats the draw of a run, though not its timing.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class KillNineIT {
    private static final int CLIENTS = 24;
    private static final int LEAST_IN_FLIGHT = 8;
    private static final int ROUNDS = Integer.getInteger("kill.rounds", 10);
    private static final int LEAST_STEPS = 3;
    private static final long DECIDED_SECONDS = 60;
    private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    @TempDir
    private Path folder;

    private StepPki pki;
    private ChanceryProcess ca;
    private Random random;

    /** DER of what clients hold, in hex. */
    private final List<String> held = new ArrayList<>();

    private final Map<Landing, Integer> total = new EnumMap<>(Landing.class);
    private List<Sent> unanswered = List.of();
    private List<Sent> answered = List.of();

    @BeforeEach
    void seed() {
        long seed = Long.getLong("kill.seed", System.nanoTime());
        random = new Random(seed);
        System.out.println("kill -9: seed " + seed);
    }

    @AfterEach
    void leaveNobodyBehind() throws Exception {
        if (ca != null) {
            ca.kill();
        }
    }

    @Test
    void with_the_key_in_a_file_nothing_held_is_lost_and_no_token_buys_twice() throws Exception {
        pki = StepPki.init(folder);
        survive(ROUNDS - ROUNDS * 2 / 5);
    }

    @Test
    void with_the_key_in_an_hsm_nothing_held_is_lost_and_no_token_buys_twice() throws Exception {
        pki = TokenPki.init(folder);
        survive(Math.max(1, ROUNDS * 2 / 5));
    }

    private void survive(int rounds) throws Exception {
        // So that a repeat may take a row up soon after the restart.
        pki.configure(Map.of("limits", Map.of("requestDeadline", "3s")));
        int counted = 0;
        for (int attempt = 0; counted < rounds; attempt++) {
            assertThat(attempt).as("attempts for %d rounds", rounds).isLessThan(rounds * 3);
            counted += oneLife() ? 1 : 0;
        }
        try (ChanceryProcess last = pki.start()) {
            last.awaitReady();
            theLivesBeforeAreRemembered(ApiClient.of(pki));
            StoreTruth.check(StoreRows.of(pki.database()), List.of(pki.signatures()), pki.intermediate(), held);
        }
        StoreTruth.check(StoreRows.of(pki.database()), List.of(pki.signatures()), pki.intermediate(), held);
        System.out.println("kill -9: over " + rounds + " rounds, requests in flight had come to: " + total + "; "
                + held.size() + " certificates are held");
        assertThat(total.keySet())
                .as("steps at which requests died")
                .filteredOn(step -> step != Landing.GIVEN_UP)
                .hasSizeGreaterThanOrEqualTo(Math.min(LEAST_STEPS, rounds));
    }

    /** One life of the process, with the debts of the life before paid first; whether enough was in flight at its end. */
    private boolean oneLife() throws Exception {
        ca = pki.start();
        ca.awaitReady();
        ApiClient api = ApiClient.of(pki);
        theLivesBeforeAreRemembered(api);
        ClientLoad load = ClientLoad.start(api, "kill.example", CLIENTS, 20 + random.nextInt(180));
        List<Sent> flying;
        try (load) {
            load.awaitTarget();
            flying = load.inFlight();
            ca.kill();
        }
        Map<Landing, Integer> landed = new EnumMap<>(Landing.class);
        Map<String, Row> rows = StoreRows.of(pki.database()).byRequest();
        Set<String> signed = SignatureLines.bySerial(pki.signatures()).keySet();
        for (Sent request : flying) {
            Landing landing =
                    Landing.of(rows.get(request.id()), signed, !request.held().isEmpty());
            landed.merge(landing, 1, Integer::sum);
        }
        landed.forEach((step, count) -> total.merge(step, count, Integer::sum));
        answered = load.sent().stream()
                .filter(request -> !request.held().isEmpty())
                .toList();
        unanswered =
                load.sent().stream().filter(request -> request.held().isEmpty()).toList();
        answered.forEach(request -> held.add(request.held()));
        System.out.printf(
                Locale.ROOT, "kill -9 after %d answers, %d in flight: %s%n", answered.size(), flying.size(), landed);
        return flying.size() >= LEAST_IN_FLIGHT;
    }

    private void theLivesBeforeAreRemembered(ApiClient api) throws Exception {
        Map<String, Row> rows = StoreRows.of(pki.database()).byRequest();
        for (Sent request : answered.subList(Math.max(0, answered.size() - 10), answered.size())) {
            assertThat(decided(api, request, false).status())
                    .as("an answered token")
                    .isEqualTo(401);
            assertThat(Certificates.hex(decided(api, request, true).member("crt")))
                    .isEqualTo(request.held());
        }
        for (int i = 0; i < unanswered.size(); i++) {
            Sent request = unanswered.get(i);
            Row row = rows.get(request.id());
            if (i % 2 == 0) {
                theKeyFinishesWhatWasBegun(api, request, row);
            } else {
                Answer replay = free(row) ? request.again(api, false) : decided(api, request, false);
                if (replay.status() == 503) {
                    continue; // in a slow moment, after which nobody knows whether it bought one
                }
                assertThat(replay.status()).as("a token whose row is %s", row).isEqualTo(free(row) ? 201 : 401);
                if (free(row)) {
                    held.add(Certificates.hex(replay.member("crt")));
                }
            }
            assertThat(decided(api, request, false).status())
                    .as("a second replay")
                    .isEqualTo(401);
        }
        answered = List.of();
        unanswered = List.of();
    }

    /** Nothing was begun with the token, or it was given up before a signer had it: it buys a new certificate. */
    private static boolean free(@Nullable Row row) {
        return row == null || row.state().equals("voided");
    }

    /** What a request that changes nothing is answered when no slow moment keeps its node from it. */
    private static Answer decided(ApiClient api, Sent request, boolean withKey) throws Exception {
        return ClusterJudge.decided(DECIDED_SECONDS, () -> request.again(api, withKey));
    }

    private static Answer repeated(ApiClient api, Sent request, Row row) throws Exception {
        Answer repeat = request.again(api, true);
        boolean stillRunning =
                row != null && row.state().equals("reserved") && row.pendingUntil() > System.currentTimeMillis();
        assertThat(repeat.status()).as("%s", row).isIn(stillRunning ? List.of(503) : List.of(201, 503));
        return repeat;
    }

    /** Same serial and same recorded bytes, and the same DER if there was one already. */
    private void theKeyFinishesWhatWasBegun(ApiClient api, Sent request, Row row) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DECIDED_SECONDS);
        Answer repeat = repeated(api, request, row);
        while (repeat.status() == 503 && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(AGAIN_NANOS);
            repeat = repeated(api, request, row);
        }
        assertThat(repeat.status()).as("%s %s", row, repeat.body()).isEqualTo(201);
        String der = Certificates.hex(repeat.member("crt"));
        held.add(der);
        if (row != null && !free(row)) {
            assertThat(Certificates.tbs(Certificates.ofHex(der))).isEqualTo(row.tbs());
        }
        if (row != null && row.state().equals("issued")) {
            assertThat(der).isEqualTo(row.der());
        }
    }
}
