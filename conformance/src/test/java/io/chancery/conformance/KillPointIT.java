package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.conformance.ClientLoad.Sent;
import io.chancery.conformance.StoreRows.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each step that a process can die at is hit on purpose: strace lets the wanted system call be the process's last, or
 * stops the process after it, to be killed there. The process writes to its store for its own health, too, so that a landing
 * is recognised afterwards, from row, signer's log and answer, and tried again when it was another.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class KillPointIT {
    private static final int MOST_TRIES = 6;
    private static final String NAME = "point.example";
    /** A health probe writes two pieces (a frame's header and its page); a reservation many more. */
    private static final int PIECES_OF_A_PROBE = 2;
    /** One every two seconds, and a request has four. */
    private static final int PROBES_OF_A_REQUEST = 5;

    /** The call is done, and the process stands still before it knows. */
    private static final String STOPPED = ":signal=SIGSTOP";

    private static final String STOPS = "--- SIGSTOP {";
    private static final String STANDS = "--- stopped by SIGSTOP ---";

    private static final String SYNC = "inject=fsync,fdatasync";

    private StepPki pki;
    private ChanceryProcess ca;
    private final List<String> held = new ArrayList<>();

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        pki = TokenPki.init(folder);
        pki.configure(Map.of("limits", Map.of("requestDeadline", "4s")));
        restart();
    }

    @AfterAll
    void everythingIsTrue() throws Exception {
        if (ca != null) {
            ca.close();
        }
        StoreTruth.check(StoreRows.of(pki.database()), List.of(pki.signatures()), pki.intermediate(), held);
    }

    private void restart() throws Exception {
        ca = pki.start();
        ca.awaitReady();
    }

    @Test
    void killed_within_the_writes_of_a_reservation_the_token_is_free() throws Exception {
        Sent request = killedAt(
                Landing.BEFORE_COMMIT,
                (calls, sent) -> ca.awaitEnd(),
                "-P",
                wal(),
                "-e",
                "inject=pwrite64:signal=SIGKILL:when=" + (3 * PIECES_OF_A_PROBE + 1));
        finishedByItsKey(request);
    }

    @Test
    void killed_when_the_commit_is_synced_the_row_decides() throws Exception {
        Sent request = killedAt(
                Landing.BEFORE_SIGNATURE, (calls, sent) -> ca.awaitEnd(), "-P", wal(), "-e", SYNC + ":signal=SIGKILL");
        finishedByItsKey(request);
    }

    @Test
    void killed_between_commit_and_signature_the_recorded_bytes_are_signed_for_the_repeat() throws Exception {
        Sent request = killedAt(
                Landing.BEFORE_SIGNATURE,
                (calls, sent) -> afterTheSyncOfARequest(calls, 0),
                "-P",
                wal(),
                "-e",
                SYNC + STOPPED);
        finishedByItsKey(request);
    }

    @Test
    void killed_while_the_hsm_works_the_recorded_bytes_are_signed_for_the_repeat() throws Exception {
        List<String> options = new ArrayList<>(List.of("-e", "inject=openat" + STOPPED));
        try (Stream<Path> files = Files.walk(TokenPki.tokens(pki))) {
            files.filter(file -> file.toString().endsWith(".object"))
                    .forEach(file -> options.addAll(List.of("-P", file.toString())));
        }
        Sent request =
                killedAt(Landing.BEFORE_SIGNATURE, KillPointIT::stoppedUnlessEnded, options.toArray(String[]::new));
        finishedByItsKey(request);
    }

    @Test
    void killed_after_the_signature_the_repeat_gets_a_certificate_over_the_same_bytes() throws Exception {
        Sent request = killedAt(
                Landing.SIGNED,
                KillPointIT::stoppedUnlessEnded,
                "-P",
                pki.signatures().toString(),
                "-e",
                "inject=write" + STOPPED);
        finishedByItsKey(request);
    }

    @Test
    void killed_before_the_answer_the_repeat_gets_the_very_certificate() throws Exception {
        Sent request =
                killedAt(Landing.ISSUED, (calls, sent) -> afterTheSecondSync(calls), "-P", wal(), "-e", SYNC + STOPPED);
        finishedByItsKey(request);
    }

    /** The thread that made the call prints the first line, once; each of the process's threads then one of the second. */
    private static int stopped(SystemCalls calls, int from) throws InterruptedException {
        return calls.await(STANDS, calls.await(STOPS, from));
    }

    /** As above; also when the request has ended before: it was too slow, and has landed elsewhere. */
    private static void stoppedUnlessEnded(SystemCalls calls, Sent request) throws InterruptedException {
        if (calls.awaitUnlessEnded(STOPS, 0, request.answer())) {
            int unused = stopped(calls, 0);
        }
    }

    /**
     * Waits until a transaction larger than a probe's has been written and synced; the process stands still then. Also
     * when so many probes have passed that the request must be over: it was too slow, and has landed elsewhere.
     */
    private int afterTheSyncOfARequest(SystemCalls calls, int from) throws IOException, InterruptedException {
        int begin = from;
        int end = stopped(calls, begin);
        for (int probes = 0;
                probes < PROBES_OF_A_REQUEST && pieces(calls.text().substring(begin, end)) <= PIECES_OF_A_PROBE;
                probes++) {
            ca.signal("CONT");
            begin = end;
            end = stopped(calls, begin);
        }
        return end;
    }

    private void afterTheSecondSync(SystemCalls calls) throws IOException, InterruptedException {
        int first = afterTheSyncOfARequest(calls, 0);
        ca.signal("CONT");
        afterTheSyncOfARequest(calls, first);
    }

    private static long pieces(String text) {
        return Stream.of(text.split("\n"))
                .filter(line -> line.contains("pwrite64("))
                .count();
    }

    /** Kills at the moment, again and again until a request has died at the wanted step; then there is a new process. */
    private Sent killedAt(Landing wanted, Moment moment, String... options) throws Exception {
        List<Landing> others = new ArrayList<>();
        for (int i = 0; i < MOST_TRIES; i++) {
            ApiClient api = ApiClient.of(pki);
            String csr = api.csr(NAME);
            String token = api.token(NAME);
            itIssues(api, csr); // so that connection and classes are there, and the request's way short
            Sent request;
            try (SystemCalls calls = SystemCalls.of(ca, options)) {
                request = ClientLoad.send(api, csr, token);
                moment.await(calls, request);
                ca.kill();
            }
            request.answer().handle((answer, failure) -> answer).join();
            Landing landing = landing(request);
            restart();
            if (landing == wanted) {
                assertThat(landing(request)).as("after the restart").isEqualTo(wanted);
                return request;
            }
            others.add(landing);
        }
        throw new AssertionError("no request died " + wanted + " but " + others);
    }

    private void itIssues(ApiClient api, String csr) throws Exception {
        ClusterJudge.await("it issues", 30, () -> {
            Answer answer = api.sign(csr, api.token(NAME));
            if (answer.status() == 201) {
                held.add(Certificates.hex(answer.member("crt")));
            }
            return answer.status() == 201;
        });
    }

    private Landing landing(Sent request) throws Exception {
        Row row = StoreRows.of(pki.database()).byRequest().get(request.id());
        Set<String> signed = SignatureLines.bySerial(pki.signatures()).keySet();
        return Landing.of(row, signed, !request.held().isEmpty());
    }

    /** Without its key the token is used if there is a row; with it, the row is finished with what was recorded. */
    private void finishedByItsKey(Sent request) throws Exception {
        ApiClient api = ApiClient.of(pki);
        Row row = StoreRows.of(pki.database()).byRequest().get(request.id());
        if (row != null) {
            ClusterJudge.awaitRefused(api, request.csr(), request.token());
        }
        Answer repeat = ClusterJudge.decided(20, () -> request.again(api, true));
        assertThat(repeat.status()).as(repeat.body()).isEqualTo(201);
        String der = Certificates.hex(repeat.member("crt"));
        held.add(der);
        if (row != null) {
            assertThat(Certificates.tbs(Certificates.ofHex(der))).isEqualTo(row.tbs());
            if (row.state().equals("issued")) {
                assertThat(der).isEqualTo(row.der());
            }
        }
        ClusterJudge.awaitRefused(api, request.csr(), request.token());
    }

    private String wal() {
        return pki.database() + "-wal";
    }

    /** When the process is to die; it may have done so by itself. */
    @FunctionalInterface
    private interface Moment {
        void await(SystemCalls calls, Sent request) throws IOException, InterruptedException;
    }
}
