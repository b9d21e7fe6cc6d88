package io.chancery.core.crl;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.der.DerTime;
import io.chancery.core.der.Tlv;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.jspecify.annotations.Nullable;

/**
 * A to-be-signed list as whoever did not make it reads it: strictly, walking over its entries. Of a million of them that
 * takes some tens of milliseconds.
 *
 * @param scheme DER of the AlgorithmIdentifier
 * @param issuer DER of the issuer's name
 * @param number of the CRL number extension
 */
public record TbsCrl(
        Der scheme,
        Der issuer,
        Instant thisUpdate,
        Instant nextUpdate,
        int entries,
        BigInteger number,
        Extensions extensions) {
    private static final int LONGEST_SERIAL = 20;
    private static final byte[] REASON = {0x06, 0x03, 0x55, 0x1d, 0x15};

    /** IllegalArgumentException saying what is wrong, unless it is a version 2 list in DER, whole and alone. */
    public static TbsCrl parse(byte[] tbs) {
        try {
            return read(tbs);
        } catch (IllegalStateException | ClassCastException | IndexOutOfBoundsException e) {
            // The extensions' parser throws what comes to hand.
            throw new IllegalArgumentException("unreadable extensions: " + e.getMessage(), e);
        }
    }

    /**
     * How a list says that it is signed; its head alone is read.
     *
     * @throws IllegalArgumentException when it is none, or says a way that is not used here
     */
    public static SignatureScheme schemeOf(byte[] tbs) {
        return SignatureScheme.of(AlgorithmIdentifier.getInstance(
                        version2(Tlv.over(tbs, 0, tbs.length)).take(Tlv.SEQUENCE)))
                .orElseThrow(() -> new IllegalArgumentException("a signature algorithm that is not used here"));
    }

    private static Tlv version2(Tlv outer) {
        Tlv in = outer.enter(Tlv.SEQUENCE);
        outer.done();
        if (!Arrays.equals(in.take(Tlv.INTEGER), new byte[] {Tlv.INTEGER, 1, 1})) {
            throw in.broken("another version than 2");
        }
        return in;
    }

    private static TbsCrl read(byte[] tbs) {
        Tlv in = version2(Tlv.over(tbs, 0, tbs.length));
        Der scheme = Der.of(in.take(Tlv.SEQUENCE));
        Der issuer = Der.of(in.take(Tlv.SEQUENCE));
        Instant thisUpdate = DerTime.read(in);
        Instant nextUpdate = DerTime.read(in);
        int entries = in.nextTag() == Tlv.SEQUENCE ? entries(in.enter(Tlv.SEQUENCE)) : 0;
        Extensions extensions = extensions(in.enter(Tlv.CONTEXT_0));
        in.done();
        return new TbsCrl(scheme, issuer, thisUpdate, nextUpdate, entries, number(extensions), extensions);
    }

    private static int entries(Tlv list) {
        if (!list.hasNext()) {
            throw list.broken("an empty list of entries"); // s. 5.1.2.6: it is left out
        }
        int count = 0;
        while (list.hasNext()) {
            Tlv entry = list.enter(Tlv.SEQUENCE);
            checkSerial(entry);
            Instant unused = DerTime.read(entry);
            if (entry.hasNext()) {
                checkReason(entry);
            }
            entry.done();
            count++;
        }
        return count;
    }

    private static void checkSerial(Tlv entry) {
        byte[] octets = entry.enter(Tlv.INTEGER).rest();
        boolean shortest = octets.length > 0
                && octets.length <= LONGEST_SERIAL
                && octets[0] >= 0
                && (octets.length == 1 ? octets[0] > 0 : octets[0] != 0 || octets[1] < 0);
        if (!shortest) {
            throw entry.broken("a serial number that no certificate has");
        }
    }

    /** The one extension of an entry that is written here: not critical, a reason from 1 to 10, but for 7 and 8. */
    private static void checkReason(Tlv entry) {
        Tlv extensions = entry.enter(Tlv.SEQUENCE);
        Tlv extension = extensions.enter(Tlv.SEQUENCE);
        extensions.done();
        boolean named = Arrays.equals(extension.take(Tlv.OID), REASON);
        byte[] code = extension.enter(Tlv.OCTET_STRING).rest();
        extension.done();
        if (!named || code.length != 3 || code[0] != Tlv.ENUMERATED || code[1] != 1 || code[2] < 1 || code[2] > 10) {
            throw entry.broken("an extension of an entry that is no reason");
        }
        if (code[2] == CrlEntries.UNKNOWN || code[2] == CrlEntries.REMOVE_FROM_CRL) {
            throw entry.broken("a reason that a full list does not have");
        }
    }

    private static Extensions extensions(Tlv explicit) {
        byte[] encoded = explicit.rest();
        try {
            Extensions extensions = Extensions.getInstance(encoded);
            if (!Arrays.equals(encoded, extensions.getEncoded(ASN1Encoding.DER))) {
                throw explicit.broken("extensions that do not encode to the same octets again");
            }
            return extensions;
        } catch (java.io.IOException e) {
            throw explicit.broken("unreadable extensions: " + e.getMessage());
        }
    }

    private static BigInteger number(Extensions extensions) {
        @Nullable Extension number = extensions.getExtension(Extension.cRLNumber);
        if (number == null) {
            throw new IllegalArgumentException("a list without a number");
        }
        return ASN1Integer.getInstance(number.getParsedValue()).getValue();
    }
}
