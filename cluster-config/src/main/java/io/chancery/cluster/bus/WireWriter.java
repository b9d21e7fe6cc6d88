package io.chancery.cluster.bus;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/** Writes the fields of a message: big-endian numbers, and octets behind their length. */
final class WireWriter {
    private final Buffer buffer;

    WireWriter(Buffer buffer) {
        this.buffer = buffer;
    }

    @CanIgnoreReturnValue
    WireWriter octet(int value) {
        buffer.appendByte((byte) value);
        return this;
    }

    @CanIgnoreReturnValue
    WireWriter number(long value) {
        buffer.appendLong(value);
        return this;
    }

    @CanIgnoreReturnValue
    WireWriter octets(byte[] value) {
        buffer.appendInt(value.length);
        buffer.appendBytes(value);
        return this;
    }

    @CanIgnoreReturnValue
    WireWriter text(String value) {
        return octets(value.getBytes(StandardCharsets.UTF_8));
    }
}
