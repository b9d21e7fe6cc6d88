package io.chancery.core.policy;

import io.chancery.core.name.AddressRange;

/** An address, or all that share its first bits. */
record IpRule(String text, AddressRange range) implements NameRule<String> {
    /** IllegalArgumentException saying what would be right. */
    static IpRule parse(String text) {
        return new IpRule(text, AddressRange.around(text));
    }

    @Override
    public boolean covers(String address) {
        return range.contains(address);
    }
}
