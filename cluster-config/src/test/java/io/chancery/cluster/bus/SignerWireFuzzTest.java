package io.chancery.cluster.bus;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SignerWireFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void any_bytes_are_a_message_that_is_written_as_it_was_read_or_are_refused(byte[] data) {
        Buffer bytes = Buffer.buffer(data);
        // As the bus hands them over, too: behind their length.
        read(() -> SignerCodecs.readMessage(0, bytes))
                .ifPresent(message -> assertThat(again(message)).isEqualTo(message));
        read(() -> SignerCodecs.readReply(0, bytes))
                .ifPresent(reply -> assertThat(again(reply)).hasSameClassAs(reply));
        read(() -> SignerWire.readMessage(bytes, 0, bytes.length()))
                .ifPresent(message -> assertThat(again(message)).isEqualTo(message));
        read(() -> SignerWire.readReply(bytes, 0, bytes.length())).ifPresent(reply -> {
            // A detail is shortened when it is written; after that it stays as it is.
            SignReply shortened = again(reply);
            assertThat(again(shortened)).isEqualTo(shortened);
            assertThat(shortened.getClass()).isEqualTo(reply.getClass());
        });
    }

    private static <T> Optional<T> read(Supplier<T> reader) {
        try {
            return Optional.of(reader.get());
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotEmpty();
            return Optional.empty();
        }
    }

    private static SignerMessage again(SignerMessage message) {
        Buffer written = Buffer.buffer();
        SignerWire.write(written, message);
        return SignerWire.readMessage(written, 0, written.length());
    }

    private static SignReply again(SignReply reply) {
        Buffer written = Buffer.buffer();
        SignerWire.write(written, reply);
        return SignerWire.readReply(written, 0, written.length());
    }
}
