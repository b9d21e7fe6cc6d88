package io.chancery.core.crl;

import io.chancery.core.der.DerTime;
import io.chancery.core.der.Tlv;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.time.Instant;

/**
 * The revoked certificates of a list (RFC 5280 s. 5.1.2.6), encoded as they are added: some 40 octets each, and no object.
 * For one thread at a time.
 */
public final class CrlEntries {
    /** Most octets of all together; about 1.3 million entries. */
    public static final int MAX_OCTETS = 60 * 1024 * 1024;

    static final int UNKNOWN = 7;
    static final int REMOVE_FROM_CRL = 8;

    private static final int SMALLEST = 1024;

    private final ByteArrayOutputStream octets = new ByteArrayOutputStream(SMALLEST);
    private int count;

    /**
     * Adds one.
     *
     * @param reason RFC 5280 s. 5.3.1; 0 is left out, as the standard has it, and so are 7, which it does not know, and 8,
     *     which takes a certificate off a delta list: OpenSSL passes over such an entry of a full one
     * @throws IllegalStateException when all together would be larger than {@link #MAX_OCTETS}
     */
    public void add(BigInteger serial, Instant revokedAt, int reason) {
        byte[] number = Tlv.element(Tlv.INTEGER, serial.toByteArray());
        byte[] time = DerTime.encode(revokedAt);
        byte[] entry = reason == 0 || reason == UNKNOWN || reason == REMOVE_FROM_CRL
                ? Tlv.element(Tlv.SEQUENCE, number, time)
                : Tlv.element(Tlv.SEQUENCE, number, time, reason(reason));
        if (octets.size() + entry.length > MAX_OCTETS) {
            throw new IllegalStateException("a list of more than " + MAX_OCTETS + " octets");
        }
        octets.writeBytes(entry);
        count++;
    }

    private static byte[] reason(int code) {
        return new byte[] {
            Tlv.SEQUENCE,
            12,
            Tlv.SEQUENCE,
            10,
            Tlv.OID,
            3,
            0x55,
            0x1d,
            0x15,
            Tlv.OCTET_STRING,
            3,
            Tlv.ENUMERATED,
            1,
            (byte) code
        };
    }

    public int count() {
        return count;
    }

    byte[] encoded() {
        return octets.toByteArray();
    }
}
