package io.chancery.core.name;

import java.util.Arrays;
import java.util.Optional;

/** An IP address, or all that share its first bits: {@code 10.0.0.7}, {@code 10.0.0.0/24}, {@code fd00::/8}. Immutable. */
public final class AddressRange {
    private final byte[] first;
    private final int bits;

    private AddressRange(byte[] first, int bits) {
        this.first = first;
        this.bits = bits;
    }

    /**
     * Reads an address, or one with a prefix length after a slash. IPv4 is written as IPv4.
     *
     * @throws IllegalArgumentException saying what would be right
     */
    public static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        byte[] octets = IpLiteral.parse(address)
                .filter(found -> found.length != 4 || address.indexOf(':') < 0)
                .orElseThrow(() -> new IllegalArgumentException(
                        "an address such as \"10.0.0.7\" or \"fd00::7\", or a range such as \"10.0.0.0/24\""));
        int all = octets.length * Byte.SIZE;
        int bits = slash < 0 ? all : prefix(text.substring(slash + 1), all);
        AddressRange range = new AddressRange(masked(octets, bits), bits);
        if (!Arrays.equals(range.first, octets)) {
            // It may be the address or the length that is a slip: one of them lets in more than was meant.
            throw new IllegalArgumentException("the range's first address, \"" + range + "\"");
        }
        return range;
    }

    /**
     * As {@link #parse}, only that any address of a range may stand for it ({@code 10.0.0.7/8}), leading zeros of a length
     * count for nothing, and an IPv4-mapped IPv6 address is read as Go does: as IPv4 if the length leaves it one.
     *
     * @throws IllegalArgumentException saying what would be right
     */
    public static AddressRange around(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        byte[] octets = IpLiteral.parse(address)
                .orElseThrow(() -> new IllegalArgumentException(
                        "an address such as \"10.0.0.7\" or \"fd00::7\", or a range such as \"10.0.0.0/24\""));
        int all = octets.length * Byte.SIZE;
        if (slash < 0) {
            return new AddressRange(octets, all);
        }
        boolean mapped = octets.length == 4 && address.indexOf(':') >= 0;
        int written = prefix(text.substring(slash + 1).replaceFirst("^0+(?=[0-9])", ""), mapped ? 128 : all);
        if (mapped && written < 96) {
            byte[] whole = new byte[16];
            Arrays.fill(whole, 10, 12, (byte) -1);
            System.arraycopy(octets, 0, whole, 12, 4);
            return new AddressRange(masked(whole, written), written);
        }
        int bits = mapped ? written - 96 : written;
        return new AddressRange(masked(octets, bits), bits);
    }

    private static int prefix(String text, int most) {
        if (!text.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(text) > most) {
            throw new IllegalArgumentException("a prefix length from 0 to " + most);
        }
        return Integer.parseInt(text);
    }

    private static byte[] masked(byte[] octets, int bits) {
        byte[] masked = octets.clone();
        for (int i = 0; i < masked.length; i++) {
            int kept = Math.max(0, Math.min(Byte.SIZE, bits - i * Byte.SIZE));
            masked[i] &= (byte) (0xff << (Byte.SIZE - kept));
        }
        return masked;
    }

    /** Whether an address is in it; an IPv4-mapped IPv6 address is the IPv4 address, and text that is none is in nothing. */
    public boolean contains(String address) {
        int zone = address.indexOf('%');
        Optional<byte[]> octets = IpLiteral.parse(zone < 0 ? address : address.substring(0, zone));
        return octets.filter(found -> found.length == first.length && Arrays.equals(masked(found, bits), first))
                .isPresent();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AddressRange that && bits == that.bits && Arrays.equals(first, that.first);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(first) + bits;
    }

    /** As it is written; without the length when it is one address. */
    @Override
    public String toString() {
        String address = IpLiteral.print(first);
        return bits == first.length * Byte.SIZE ? address : address + "/" + bits;
    }
}
