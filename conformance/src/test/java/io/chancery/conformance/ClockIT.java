package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The machine's clock is wrong by an hour: what is outside its window is refused, and nothing outlives the issuer. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class ClockIT {
    private static final String NAME = "clock.example";

    @TempDir
    private Path folder;

    @Test
    void when_the_clock_jumps_tokens_outside_the_leeway_are_refused_and_the_rest_goes_on() throws Exception {
        StepPki pki = StepPki.init(folder);
        IssuerFiles.sign(
                pki,
                "Conformance Intermediate CA",
                pki.intermediate(),
                pki.file("step/secrets/intermediate_ca_key"),
                "24h30m",
                "--password-file",
                pki.password(),
                "--force");
        Path offset = Files.writeString(pki.file("offset"), "+0\n");
        Map<String, String> faked = FakedClock.environment(offset);
        try (ChanceryProcess ca = pki.start(faked)) {
            ca.awaitReady();
            ApiClient api = ApiClient.of(pki);
            String csr = api.csr(NAME);
            assertThat(api.sign(csr, api.token(NAME)).status()).isEqualTo(201);
            FakedClock.set(offset, "+1h");
            awaitStatus(api, csr, Duration.ZERO, 401);
            X509Certificate later = issued(api, csr, Duration.ofHours(1));
            assertThat(later.getNotAfter().toInstant())
                    .as("24 hours by its own clock")
                    .isAfter(Instant.now().plus(Duration.ofHours(24)));
            assertThat(later.getNotAfter())
                    .as("cut to the issuer's end")
                    .isEqualTo(Certificates.read(pki.intermediate()).getNotAfter());
            awaitStatus(api, csr, Duration.ofHours(2), 401); // a token of the future
        }
    }

    /**
     * Until the process has seen the jump, which it looks for once a second. The shim moves the monotonic clock too, so
     * kept-alive connections end at that moment: a request that meets this is sent again.
     */
    private static ApiClient.Answer awaitStatus(ApiClient api, String csr, Duration shift, int status)
            throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            try {
                ApiClient.Answer answer = api.sign(csr, token(api, shift));
                if (answer.status() == status) {
                    return answer;
                }
            } catch (ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(IOException.class);
            }
            assertThat(System.nanoTime() - end).as("never %d", status).isNegative();
        }
    }

    private static X509Certificate issued(ApiClient api, String csr, Duration shift) throws Exception {
        return Certificates.ofHex(
                Certificates.hex(awaitStatus(api, csr, shift, 201).member("crt")));
    }

    private static String token(ApiClient api, Duration shift) throws Exception {
        Instant now = Instant.now().plus(shift);
        JWTClaimsSet claims = api.claims(NAME)
                .issueTime(Date.from(now))
                .notBeforeTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(300)))
                .build();
        return api.token(api.header().build(), claims);
    }
}
