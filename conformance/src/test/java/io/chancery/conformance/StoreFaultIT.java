package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.conformance.ClientLoad.Sent;
import io.chancery.conformance.StoreRows.Row;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fails, is full or is slow, under a process that lives on: nothing unrecorded is signed, and it heals. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class StoreFaultIT {
    private static final String NAME = "disk.example";

    private StepPki pki;
    private ChanceryProcess ca;
    private ApiClient api;
    private String csr;
    private final List<String> held = new ArrayList<>();

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        pki = StepPki.init(folder);
        pki.configure(java.util.Map.of("limits", java.util.Map.of("requestDeadline", "4s")));
        ca = pki.start();
        ca.awaitReady();
        api = ApiClient.of(pki);
        csr = api.csr(NAME);
        eventuallyIssued();
    }

    @AfterAll
    void everythingIsTrue() throws Exception {
        if (ca != null) {
            ca.close();
        }
        StoreTruth.check(StoreRows.of(pki.database()), List.of(pki.signatures()), pki.intermediate(), held);
    }

    @Test
    void a_commit_in_doubt_is_a_503_without_a_signature_and_the_row_decides_afterwards() throws Exception {
        nothingIsSignedWhile("inject=fsync,fdatasync:error=EIO");
    }

    @Test
    void a_full_disk_is_a_503_without_a_signature() throws Exception {
        nothingIsSignedWhile("inject=pwrite64:error=ENOSPC");
    }

    private void nothingIsSignedWhile(String fault) throws Exception {
        int signatures = SignatureLines.lines(pki.signatures()).size();
        List<Sent> refused = new ArrayList<>();
        try (SystemCalls calls = SystemCalls.of(ca, "-P", wal(), "-e", fault)) {
            for (int i = 0; i < 3; i++) {
                Sent request = ClientLoad.send(api, csr, api.token(NAME));
                Answer answer = request.answer().get(10, TimeUnit.SECONDS);
                assertThat(answer.status()).as(answer.body()).isEqualTo(503);
                assertThat(answer.header("Retry-After")).isNotEmpty();
                refused.add(request);
            }
            assertThat(calls.text()).contains("(INJECTED)");
            eventually(503, "/health");
            assertThat(api.get("/roots").status()).as("what needs no store").isEqualTo(201);
        }
        assertThat(SignatureLines.lines(pki.signatures())).hasSize(signatures);
        eventually(200, "/health");
        for (Sent request : refused) {
            Row row = StoreRows.of(pki.database()).byRequest().get(request.id());
            if (row == null) {
                assertThat(ClusterJudge.offered(api, csr, request.token()).status())
                        .as("of a token without a row")
                        .isEqualTo(201);
            }
            ClusterJudge.awaitRefused(() -> request.again(api, false));
        }
        eventuallyIssued();
    }

    @Test
    void a_slow_disk_slows_issuance_and_nothing_else() throws Exception {
        List<Sent> sent = new ArrayList<>();
        int served = 0;
        try (SystemCalls calls = SystemCalls.of(ca, "-P", wal(), "-e", "inject=fsync,fdatasync:delay_enter=8000000")) {
            for (int i = 0; i < 10; i++) { // on as many connections, so that every event loop has some
                sent.add(ClientLoad.send(api, csr, api.token(NAME)));
            }
            int begin = calls.await("sync(", 0);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (calls.text().indexOf("(DELAYED)", begin) < 0) {
                assertThat(System.nanoTime() - end)
                        .as("nanoseconds over the limit")
                        .isNegative();
                assertThat(api.get("/roots").status()).isEqualTo(201);
                served++;
            }
            for (Sent request : sent) {
                assertThat(request.answer().get(20, TimeUnit.SECONDS).status()).isIn(201, 503);
            }
        }
        // The last of them may have ended after the sync.
        assertThat(served).as("answers that need no store, during one sync").isGreaterThan(1);
        for (Sent request : sent) {
            if (!request.held().isEmpty()) {
                held.add(request.held());
            }
        }
        eventually(200, "/health");
        eventuallyIssued();
    }

    @Test
    void when_the_end_cannot_be_recorded_the_repeat_gets_a_certificate_over_the_recorded_bytes() throws Exception {
        Sent request = unrecordedEnd("2", sent -> {});
        Row row = StoreRows.of(pki.database()).byRequest().get(request.id());
        ClusterJudge.awaitRefused(() -> request.again(api, false));
        Answer repeat = ClusterJudge.decided(20, () -> request.again(api, true));
        String der = Certificates.hex(repeat.member("crt"));
        assertThat(Certificates.tbs(Certificates.ofHex(der))).isEqualTo(row.tbs());
        held.add(der);
    }

    /** A write that was not synced is read as if it were there, until the machine loses its power. */
    @Test
    void as_long_as_the_disk_syncs_nothing_a_repeat_is_told_of_no_certificate() throws Exception {
        Sent request = unrecordedEnd("2+", sent -> {
            for (int i = 0; i < 3; i++) {
                assertThat(sent.again(api, true).status()).as("a repeat").isEqualTo(503);
            }
        });
        Answer repeat = ClusterJudge.decided(20, () -> request.again(api, true));
        held.add(Certificates.hex(repeat.member("crt")));
    }

    private interface Meanwhile {
        void with(Sent unanswered) throws Exception;
    }

    /**
     * The second sync after the request's begin is its end's, unless a health probe came between; then again.
     *
     * @param failing which syncs fail
     */
    private Sent unrecordedEnd(String failing, Meanwhile meanwhile) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (System.nanoTime() - end < 0) {
            String probe = StoreRows.of(pki.database()).lastProbe();
            ClusterJudge.await(
                    "a probe, so that the next one is far",
                    30,
                    () -> !StoreRows.of(pki.database()).lastProbe().equals(probe));
            Sent request;
            int status;
            String inject = "inject=fsync,fdatasync:error=EIO:when=" + failing;
            try (SystemCalls calls = SystemCalls.of(ca, "-P", wal(), "-e", inject)) {
                request = ClientLoad.send(api, csr, api.token(NAME));
                status = request.answer().get(10, TimeUnit.SECONDS).status();
                assertThat(status).isIn(201, 503);
                if (status == 503) {
                    meanwhile.with(request);
                }
            }
            Row row = StoreRows.of(pki.database()).byRequest().get(request.id());
            // What the disk has by now, though nobody was told so, may be read as issued.
            if (row != null
                    && status == 503
                    && (failing.endsWith("+") || row.state().equals("reserved"))
                    && SignatureLines.bySerial(pki.signatures()).containsKey(row.serial())) {
                return request;
            }
        }
        throw new AssertionError("no request got as far as its signature and not to its end");
    }

    private void eventuallyIssued() throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        Answer last;
        do {
            last = api.sign(csr, api.token(NAME));
            if (last.status() == 201) {
                held.add(Certificates.hex(last.member("crt")));
                return;
            }
        } while (System.nanoTime() - end < 0);
        throw new AssertionError("no certificate after the fault: " + last.body());
    }

    private void eventually(int status, String path) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (api.get(path).status() != status) {
            assertThat(System.nanoTime() - end)
                    .as("%s is never %d", path, status)
                    .isNegative();
        }
    }

    private String wal() {
        return pki.database() + "-wal";
    }
}
