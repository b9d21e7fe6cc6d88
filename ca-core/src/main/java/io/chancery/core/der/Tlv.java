package io.chancery.core.der;

import java.io.ByteArrayOutputStream;

/** Writes and walks DER (X.690) where a list may have a million members, and an object for each would fill the memory. */
public final class Tlv {
    public static final int INTEGER = 0x02;
    public static final int BIT_STRING = 0x03;
    public static final int OCTET_STRING = 0x04;
    public static final int OID = 0x06;
    public static final int ENUMERATED = 0x0a;
    public static final int UTC_TIME = 0x17;
    public static final int GENERALIZED_TIME = 0x18;
    public static final int SEQUENCE = 0x30;
    /** Explicit: the version of a certificate, the extensions of a list. */
    public static final int CONTEXT_0 = 0xa0;

    private static final int LONGEST_LENGTH = 4;

    private final byte[] bytes;
    private final int end;
    private int position;

    private Tlv(byte[] bytes, int position, int end) {
        this.bytes = bytes;
        this.position = position;
        this.end = end;
    }

    /** Walks the elements in the octets from start to end. */
    public static Tlv over(byte[] bytes, int start, int end) {
        return new Tlv(bytes, start, end);
    }

    public boolean hasNext() {
        return position < end;
    }

    /** The tag of the next element; -1 at the end. */
    public int nextTag() {
        return hasNext() ? bytes[position] & 0xff : -1;
    }

    /** Where the walk stands. */
    public int position() {
        return position;
    }

    /** Goes past the next element, which must have the tag, and answers a walk over its content. */
    public Tlv enter(int tag) {
        if (nextTag() != tag) {
            throw broken("another element than " + Integer.toHexString(tag));
        }
        int length = length();
        Tlv content = new Tlv(bytes, position, position + length);
        position += length;
        return content;
    }

    /** Goes past the next element and answers a copy of it, tag and length included. */
    public byte[] take(int tag) {
        int start = position;
        Tlv unused = enter(tag);
        return java.util.Arrays.copyOfRange(bytes, start, position);
    }

    /** What is left of this walk, copied. */
    public byte[] rest() {
        return java.util.Arrays.copyOfRange(bytes, position, end);
    }

    /** IllegalArgumentException unless everything has been walked. */
    public void done() {
        if (hasNext()) {
            throw broken("more than belongs there");
        }
    }

    /** Reads tag and length; the position is then that of the content. */
    private int length() {
        if (end - position < 2) {
            throw broken("cut off");
        }
        int first = bytes[position + 1] & 0xff;
        position += 2;
        if (first < 0x80) {
            return within(first);
        }
        int octets = first & 0x7f;
        if (octets == 0 || octets > LONGEST_LENGTH || end - position < octets) {
            throw broken("a length that is not DER");
        }
        long length = 0;
        for (int i = 0; i < octets; i++) {
            length = length << 8 | (bytes[position++] & 0xff);
        }
        if (length < 0x80 || length < 1L << (8 * (octets - 1))) {
            throw broken("a length that is not the shortest");
        }
        return within(length);
    }

    private int within(long length) {
        if (length > end - position) {
            throw broken("cut off");
        }
        return (int) length;
    }

    /** To be thrown: says what is wrong, and where the walk stands. */
    public IllegalArgumentException broken(String how) {
        return new IllegalArgumentException("not DER: " + how + ", at octet " + position);
    }

    /** Tag and length of an element whose content has so many octets. */
    public static byte[] header(int tag, int length) {
        if (length < 0x80) {
            return new byte[] {(byte) tag, (byte) length};
        }
        int octets = (32 - Integer.numberOfLeadingZeros(length) + 7) / 8;
        byte[] header = new byte[2 + octets];
        header[0] = (byte) tag;
        header[1] = (byte) (0x80 | octets);
        for (int i = 0; i < octets; i++) {
            header[2 + i] = (byte) (length >>> (8 * (octets - 1 - i)));
        }
        return header;
    }

    /** An element around the contents. */
    public static byte[] element(int tag, byte[]... contents) {
        int length = 0;
        for (byte[] content : contents) {
            length += content.length;
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream(length + 6);
        whole.writeBytes(header(tag, length));
        for (byte[] content : contents) {
            whole.writeBytes(content);
        }
        return whole.toByteArray();
    }
}
