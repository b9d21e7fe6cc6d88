package io.chancery.cluster.bus;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/** Reads what {@link WireWriter} wrote. Every length is held against its limit and the message's end before it is used. */
final class WireReader {
    private final Buffer buffer;
    private int position;
    private final int end;

    WireReader(Buffer buffer, int position, int end) {
        if (position < 0 || end > buffer.length() || position > end) {
            throw new IllegalArgumentException("a message that is cut off");
        }
        this.buffer = buffer;
        this.position = position;
        this.end = end;
    }

    int octet() {
        return buffer.getByte(advance(1)) & 0xff;
    }

    long number() {
        return buffer.getLong(advance(Long.BYTES));
    }

    byte[] octets(int most) {
        int length = buffer.getInt(advance(Integer.BYTES));
        if (length < 0 || length > most) {
            throw new IllegalArgumentException(
                    "a field of " + length + " octets where at most " + most + " are allowed");
        }
        int start = advance(length);
        return buffer.getBytes(start, start + length);
    }

    String text(int mostOctets) {
        return new String(octets(mostOctets), StandardCharsets.UTF_8);
    }

    void end() {
        if (position != end) {
            throw new IllegalArgumentException((end - position) + " octets follow the message");
        }
    }

    private int advance(int length) {
        if (end - position < length) {
            throw new IllegalArgumentException("a message that is cut off");
        }
        int start = position;
        position += length;
        return start;
    }
}
