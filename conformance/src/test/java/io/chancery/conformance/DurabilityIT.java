package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * "Recorded, then signed; issued, then answered" is seen in the process's system calls. A kill alone would not show it:
 * what was written and not synced outlives the process, though not the machine.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class DurabilityIT {
    private static final int PIECES_OF_A_PROBE = 2;

    @TempDir
    private Path folder;

    /** What happened, in its order. */
    private enum Event {
        RECORD_WRITTEN,
        RECORD_SYNCED,
        KEY_USED,
        SIGNATURE_LOGGED,
        ANSWER_SENT
    }

    @Test
    void the_intent_is_on_disk_before_the_hsm_is_asked_and_the_certificate_before_the_answer() throws Exception {
        StepPki pki = TokenPki.init(folder);
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitReady();
            ApiClient api = ApiClient.of(pki);
            String csr = api.csr("durable.example");
            // So that the connection is there, and an answer is all that is written to it.
            assertThat(api.sign(csr, api.token("durable.example")).status()).isEqualTo(201);
            String warming = api.token("durable.example");
            String token = api.token("durable.example");
            String text;
            try (SystemCalls calls =
                    SystemCalls.of(ca, "-e", "trace=pwrite64,fsync,fdatasync,openat,write,writev,sendto,sendmsg")) {
                // So that node and signer need no signature of their own for a while: strace may have taken long.
                assertThat(api.sign(csr, warming).status()).isEqualTo(201);
                int begin = calls.await(TO_CLIENT, 0);
                assertThat(api.sign(csr, token).status()).isEqualTo(201);
                calls.await(TO_CLIENT, begin);
                text = calls.text().substring(begin);
            }
            assertThat(events(pki, text))
                    .as(text)
                    .containsExactly(
                            Event.RECORD_WRITTEN,
                            Event.RECORD_SYNCED,
                            Event.KEY_USED,
                            Event.SIGNATURE_LOGGED,
                            Event.RECORD_WRITTEN,
                            Event.RECORD_SYNCED,
                            Event.ANSWER_SENT);
        }
    }

    /** Only what a request does, each run of equal events once, until the answer begins to leave. */
    private static List<Event> events(StepPki pki, String text) {
        List<Event> events = new ArrayList<>();
        String wal = pki.database() + "-wal>";
        int pieces = 0;
        boolean syncing = false;
        for (String line : text.split("\n")) {
            if (line.contains("pwrite64(") && line.contains(wal)) {
                pieces++;
                if (pieces > PIECES_OF_A_PROBE) {
                    add(events, Event.RECORD_WRITTEN);
                }
            }
            syncing |= line.contains("sync(") && line.contains(wal);
            if (syncing && line.contains("sync") && line.endsWith("= 0")) {
                if (pieces > PIECES_OF_A_PROBE) {
                    add(events, Event.RECORD_SYNCED);
                }
                pieces = 0;
                syncing = false;
            }
            if (line.contains("openat(") && line.contains(TokenPki.tokens(pki) + "/") && line.contains(".object")) {
                add(events, Event.KEY_USED);
            }
            if (line.contains("write(") && line.contains(pki.signatures() + ">")) {
                add(events, Event.SIGNATURE_LOGGED);
            }
            if (line.contains(TO_CLIENT)) {
                add(events, Event.ANSWER_SENT);
                return events;
            }
        }
        return events;
    }

    private static void add(List<Event> events, Event event) {
        if (events.isEmpty() || events.get(events.size() - 1) != event) {
            events.add(event);
        }
    }

    /** The only sockets of a single node that are written to are those of API clients, and this test's is the one. */
    private static final String TO_CLIENT = "<socket:[";
}
