package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs on step's Go SDK live on certificates of 90 seconds, whatever becomes of the node. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class GoSdkIT {
    private static final String LIFETIME = "1m30s";
    private static final long START_SECONDS = 30;
    /** The SDK renews when a third of the 90 seconds is left, or somewhat earlier. */
    private static final long RENEWAL_SECONDS = 75;

    @TempDir
    private Path folder;

    private StepPki pki;
    private ChanceryProcess ca;

    @BeforeEach
    void start() throws Exception {
        pki = StepPki.init(folder);
        Map<String, Object> authority =
                JSONObjectUtils.getJSONObject(JSONObjectUtils.parse(StepPki.text(pki.caJson())), "authority");
        authority.put("claims", Map.of("minTLSCertDuration", "1m", "defaultTLSCertDuration", LIFETIME));
        // The backdate counts in what a renewal keeps, and cannot reach before this young issuer's beginning.
        authority.put("backdate", "0s");
        pki.set("authority", authority);
        ca = pki.start();
        ca.awaitReady();
    }

    @AfterEach
    void stop() throws Exception {
        ca.close();
        ca.assertNeverBlocked();
    }

    @Test
    void service_and_caller_renew_twice_under_traffic_over_a_reload_and_a_kill() throws Exception {
        try (GoProgram service = GoProgram.start(pki.bootstrapToken("service.example"), "sdk", "server")) {
            String url = "https://localhost:" + service.await("listening", 1, START_SECONDS);
            GoProgram caller = GoProgram.start(pki.bootstrapToken("caller.example"), "sdk", "client", url, "100ms");
            try (caller) {
                caller.await("met", 1, START_SECONDS);
                ca.signal("HUP");
                ca.awaitLine("the new configuration is in force");
                caller.await("shown", 2, RENEWAL_SECONDS);
                caller.await("met", 2, RENEWAL_SECONDS);

                ca.kill();
                failTwoRenewals();
                ca = pki.start();
                ca.awaitReady();
                caller.await("shown", 3, RENEWAL_SECONDS);
                caller.await("met", 3, RENEWAL_SECONDS);
            }
            assertThat(caller.events("error")).isEmpty();
            List<String> asked = caller.events("asked");
            assertThat(asked).singleElement().satisfies(all -> assertThat(all).matches("\\d{3,} failed 0"));
            assertThat(caller.events("met")).allMatch(met -> met.endsWith(" service.example " + LIFETIME));
        }
    }

    /** Stands where the node stood until two renewals have been tried in vain, by one of them or both. */
    private void failTwoRenewals() throws Exception {
        try (ServerSocket inItsPlace = new ServerSocket(pki.port(), 16, InetAddress.getLoopbackAddress())) {
            inItsPlace.setSoTimeout((int) (RENEWAL_SECONDS * 1000));
            for (int i = 0; i < 2; i++) {
                inItsPlace.accept().close();
            }
        }
    }
}
