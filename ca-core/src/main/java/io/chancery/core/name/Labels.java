package io.chancery.core.name;

/** The labels of a host, between its dots, as Go's X.509 wants them; far looser than those of DNS. */
final class Labels {
    private Labels() {}

    /** Whether there are some, none of them empty, all of printable ASCII. */
    static boolean stand(String host) {
        return !host.isEmpty()
                && !host.startsWith(".")
                && !host.endsWith(".")
                && !host.contains("..")
                && host.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }
}
