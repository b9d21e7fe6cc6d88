package io.chancery.core.der;

import java.util.Arrays;
import java.util.HexFormat;

/** Immutable bytes, compared by content; most often a DER encoding. Copies on the way in and out. */
public final class Der {
    private final byte[] bytes;

    private Der(byte[] bytes) {
        this.bytes = bytes;
    }

    public static Der of(byte[] bytes) {
        return new Der(bytes.clone());
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    public int length() {
        return bytes.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Der that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** The length and the first bytes only: whole encodings do not belong in a log. */
    @Override
    public String toString() {
        return "Der[" + bytes.length + ", " + HexFormat.of().formatHex(bytes, 0, Math.min(8, bytes.length)) + "…]";
    }
}
