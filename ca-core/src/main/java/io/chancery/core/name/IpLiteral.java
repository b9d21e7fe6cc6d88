package io.chancery.core.name;

import java.util.Arrays;
import java.util.Optional;

/**
 * Addresses written as text, read as strictly as Go does: no leading zeros in an IPv4 part, no zone, no brackets. An
 * IPv4-mapped IPv6 address is the IPv4 address. Never asks DNS.
 */
final class IpLiteral {
    private static final int V4_OCTETS = 4;
    private static final int V6_OCTETS = 16;
    private static final int GROUPS = 8;

    private IpLiteral() {}

    /** 4 or 16 octets; empty when the text is no address. */
    static Optional<byte[]> parse(String text) {
        return text.indexOf(':') >= 0 ? v6(text).map(IpLiteral::unmapped) : v4(text);
    }

    /** As {@link #parse}, the canonical text of these octets; IllegalArgumentException unless there are 4 or 16. */
    static String print(byte[] octets) {
        byte[] address = unmapped(octets);
        if (address.length == V4_OCTETS) {
            return (address[0] & 0xff) + "." + (address[1] & 0xff) + "." + (address[2] & 0xff) + "."
                    + (address[3] & 0xff);
        }
        if (address.length != V6_OCTETS) {
            throw new IllegalArgumentException("an address has 4 or 16 octets");
        }
        return Ipv6Text.of(address);
    }

    /** RFC 4291 s. 2.5.5.2: {@code ::ffff:a.b.c.d}. */
    private static byte[] unmapped(byte[] octets) {
        boolean mapped = octets.length == V6_OCTETS && octets[10] == -1 && octets[11] == -1;
        for (int i = 0; mapped && i < 10; i++) {
            mapped = octets[i] == 0;
        }
        return mapped ? Arrays.copyOfRange(octets, 12, V6_OCTETS) : octets;
    }

    private static Optional<byte[]> v4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != V4_OCTETS) {
            return Optional.empty();
        }
        byte[] octets = new byte[V4_OCTETS];
        for (int i = 0; i < V4_OCTETS; i++) {
            if (!parts[i].matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(parts[i]) > 255) {
                return Optional.empty();
            }
            octets[i] = (byte) Integer.parseInt(parts[i]);
        }
        return Optional.of(octets);
    }

    /** RFC 4291 s. 2.2: groups of hex digits, one run of zeros as {@code ::}, the last two groups perhaps in IPv4 form. */
    private static Optional<byte[]> v6(String text) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            return groups(text).filter(all -> all.length == V6_OCTETS);
        }
        Optional<byte[]> before = groups(text.substring(0, gap));
        Optional<byte[]> after = groups(text.substring(gap + 2));
        // Only at the very end may an address be written in IPv4 form.
        if (before.isEmpty() || after.isEmpty() || text.substring(0, gap).indexOf('.') >= 0) {
            return Optional.empty();
        }
        // The gap stands for one group at least.
        if (before.get().length + after.get().length > V6_OCTETS - 2) {
            return Optional.empty();
        }
        byte[] octets = Arrays.copyOf(before.get(), V6_OCTETS);
        System.arraycopy(after.get(), 0, octets, V6_OCTETS - after.get().length, after.get().length);
        return Optional.of(octets);
    }

    private static Optional<byte[]> groups(String text) {
        if (text.isEmpty()) {
            return Optional.of(new byte[0]);
        }
        String[] parts = text.split(":", -1);
        if (parts.length > GROUPS) {
            return Optional.empty();
        }
        byte[] octets = new byte[2 * GROUPS + 2];
        int length = 0;
        for (int i = 0; i < parts.length; i++) {
            if (i == parts.length - 1 && parts[i].indexOf('.') >= 0) {
                Optional<byte[]> v4 = v4(parts[i]);
                if (v4.isEmpty()) {
                    return v4;
                }
                System.arraycopy(v4.get(), 0, octets, length, V4_OCTETS);
                length += V4_OCTETS;
            } else if (parts[i].matches("[0-9A-Fa-f]{1,4}")) {
                int group = Integer.parseInt(parts[i], 16);
                octets[length++] = (byte) (group >> 8);
                octets[length++] = (byte) group;
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(Arrays.copyOf(octets, length));
    }
}
