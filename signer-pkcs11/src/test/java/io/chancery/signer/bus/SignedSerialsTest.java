package io.chancery.signer.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.signer.bus.SignedSerials.Known;
import java.math.BigInteger;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What a signer remembers of what it has signed, and until when. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SignedSerialsTest {
    private static final Duration KEPT = Duration.ofMinutes(15);
    private static final int MOST = 100_000;
    private static final Sha256 BYTES = Sha256.digest(new byte[] {1});
    private static final Sha256 OTHERS = Sha256.digest(new byte[] {2});
    private static final Der SIGNATURE = Der.of(new byte[] {3});

    private long nanos = Long.MAX_VALUE - 1; // as System.nanoTime, it may be any number, and go over the end
    private final SignedSerials serials = new SignedSerials(() -> nanos);

    private static SerialNumber serial(int number) {
        return new SerialNumber(BigInteger.valueOf(number));
    }

    private Known claim(int serial, Sha256 bytes) {
        return serials.claim(serial(serial), bytes);
    }

    @Test
    void a_serial_has_one_content_and_its_signature_is_made_once() {
        assertThat(claim(1, BYTES)).isEqualTo(new Known.SignIt());
        assertThat(claim(1, BYTES)).as("not signed yet").isEqualTo(new Known.SignIt());
        serials.signed(serial(1), BYTES, SIGNATURE);
        assertThat(claim(1, BYTES)).isEqualTo(new Known.SignedBefore(SIGNATURE));
        assertThat(claim(1, OTHERS)).isEqualTo(new Known.OtherBytes());
    }

    @Test
    void it_is_remembered_for_fifteen_minutes_from_its_first_claim() {
        assertThat(claim(1, BYTES)).isEqualTo(new Known.SignIt());
        nanos += KEPT.minusSeconds(1).toNanos();
        serials.signed(serial(1), BYTES, SIGNATURE);
        nanos += Duration.ofSeconds(1).toNanos() - 1;
        assertThat(claim(1, OTHERS)).isEqualTo(new Known.OtherBytes());
        assertThat(claim(1, BYTES)).isEqualTo(new Known.SignedBefore(SIGNATURE));
        nanos++;
        assertThat(claim(1, OTHERS)).as("forgotten").isEqualTo(new Known.SignIt());
        assertThat(claim(1, BYTES)).as("bound anew").isEqualTo(new Known.OtherBytes());
    }

    @Test
    void of_more_than_a_hundred_thousand_the_oldest_is_forgotten_and_no_other() {
        for (int i = 1; i <= MOST; i++) {
            assertThat(claim(i, BYTES)).isEqualTo(new Known.SignIt());
        }
        assertThat(claim(MOST + 1, BYTES)).isEqualTo(new Known.SignIt());
        assertThat(claim(1, OTHERS)).as("the oldest").isEqualTo(new Known.SignIt());
        // Each of these claims may have made room for one more.
        assertThat(claim(5, OTHERS)).as("one of the oldest").isEqualTo(new Known.OtherBytes());
        assertThat(claim(MOST + 1, OTHERS)).as("the newest").isEqualTo(new Known.OtherBytes());
    }
}
