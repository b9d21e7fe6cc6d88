package io.chancery.core.secret;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A password or PIN. Has no {@code equals}, prints as fixed text, and is wiped on {@link #close()}; after that every
 * read throws IllegalStateException.
 */
public final class Secret implements AutoCloseable {
    private static final int MAX_UTF8_OCTETS_PER_CHAR = 3;

    private final char[] value;
    private boolean wiped;

    private Secret(char[] value) {
        this.value = value;
    }

    public static Secret of(CharSequence value) {
        char[] chars = new char[value.length()];
        for (int i = 0; i < chars.length; i++) {
            chars[i] = value.charAt(i);
        }
        return new Secret(chars);
    }

    /**
     * From text in UTF-8; nothing else keeps it. The octets are wiped.
     *
     * @throws IllegalArgumentException when they are no UTF-8
     */
    public static Secret ofUtf8(byte[] octets) {
        CharBuffer chars = CharBuffer.allocate(octets.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets), chars, true);
        Arrays.fill(octets, (byte) 0);
        char[] value = Arrays.copyOf(chars.array(), chars.position());
        Arrays.fill(chars.array(), '\0');
        if (result.isError()) {
            Arrays.fill(value, '\0');
            throw new IllegalArgumentException("a secret is not UTF-8");
        }
        return new Secret(value);
    }

    /** Another one of the same value, with a life of its own; the caller closes it. */
    public Secret copy() {
        return new Secret(chars());
    }

    /** Whether it has no characters; also of one that has been wiped. */
    public boolean isEmpty() {
        return value.length == 0;
    }

    /** A copy that the caller wipes. */
    public synchronized char[] chars() {
        if (wiped) {
            throw new IllegalStateException("this secret has been wiped");
        }
        return value.clone();
    }

    /** The UTF-8 bytes; a copy that the caller wipes. */
    public byte[] utf8() {
        char[] chars = chars();
        // Not Charset.encode: its own buffer could not be wiped.
        byte[] room = new byte[chars.length * MAX_UTF8_OCTETS_PER_CHAR];
        ByteBuffer buffer = ByteBuffer.wrap(room);
        CoderResult result = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(chars), buffer, true);
        if (result.isError()) {
            // Stopping short would make another, shorter password of it.
            throw new IllegalStateException("this secret is not text: it holds half of a surrogate pair");
        }
        byte[] bytes = Arrays.copyOf(room, buffer.position());
        Arrays.fill(room, (byte) 0);
        Arrays.fill(chars, '\0');
        return bytes;
    }

    @Override
    public synchronized void close() {
        wiped = true;
        Arrays.fill(value, '\0');
    }

    @Override
    public String toString() {
        return "Secret[hidden]";
    }
}
