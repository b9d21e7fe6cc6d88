package io.chancery.gotemplate.sprig;

import io.chancery.gotemplate.function.FunctionFailure;
import io.chancery.gotemplate.text.GoNumber;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A semantic version, read generously: a leading v, and missing parts, are allowed. Metadata does not count in comparisons. */
record Version(long major, long minor, long patch, String prerelease, String metadata, String original)
        implements Comparable<Version> {
    /** Major, minor and patch with their points, prerelease and metadata without their signs. */
    static final String FORM = "v?([0-9]+|[xX*])(\\.[0-9]+|\\.[xX*])?(\\.[0-9]+|\\.[xX*])?"
            + "(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?(?:\\+([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?";

    private static final Pattern STRICT =
            Pattern.compile(FORM.replace("|[xX*]", "").replace("|\\.[xX*]", ""));
    private static final int MOST = 256;

    static Version parse(String text) throws FunctionFailure {
        Matcher form = STRICT.matcher(text.length() > MOST ? "" : text);
        if (!form.matches()) {
            throw new FunctionFailure("Invalid Semantic Version");
        }
        String prerelease = form.group(4) == null ? "" : form.group(4);
        for (String part : prerelease.split("\\.")) {
            if (part.length() > 1 && part.startsWith("0") && part.chars().allMatch(Character::isDigit)) {
                throw new FunctionFailure("Version segment starts with 0");
            }
        }
        return new Version(
                number(form.group(1)),
                number(form.group(2)),
                number(form.group(3)),
                prerelease,
                form.group(5) == null ? "" : form.group(5),
                text);
    }

    /** A part with or without its point; what is missing is 0. */
    @SuppressWarnings("NullAway") // a group that did not take part is null
    static long number(String part) throws FunctionFailure {
        if (part == null) {
            return 0;
        }
        String digits = part.startsWith(".") ? part.substring(1) : part;
        return GoNumber.decimal(digits)
                .orElseThrow(() -> new FunctionFailure("error parsing version segment: strconv.ParseUint: parsing \""
                        + digits + "\": value out of range"));
    }

    @Override
    public int compareTo(Version other) {
        int order = Long.compareUnsigned(major, other.major);
        order = order != 0 ? order : Long.compareUnsigned(minor, other.minor);
        order = order != 0 ? order : Long.compareUnsigned(patch, other.patch);
        if (order != 0 || prerelease.equals(other.prerelease)) {
            return order;
        }
        if (prerelease.isEmpty() || other.prerelease.isEmpty()) {
            return prerelease.isEmpty() ? 1 : -1;
        }
        return comparePrereleases(prerelease.split("\\."), other.prerelease.split("\\."));
    }

    // SemVer 2.0.0, item 11: numbers before words, and by value.
    private static int comparePrereleases(String[] first, String[] second) {
        for (int i = 0; i < Math.min(first.length, second.length); i++) {
            boolean number = first[i].chars().allMatch(Character::isDigit);
            boolean otherNumber = second[i].chars().allMatch(Character::isDigit);
            int order = number && otherNumber
                    ? new java.math.BigInteger(first[i]).compareTo(new java.math.BigInteger(second[i]))
                    : number != otherNumber ? (number ? -1 : 1) : first[i].compareTo(second[i]);
            if (order != 0) {
                return Integer.signum(order);
            }
        }
        return Integer.compare(first.length, second.length);
    }

    @Override
    public String toString() {
        return Long.toUnsignedString(major)
                + "."
                + Long.toUnsignedString(minor)
                + "."
                + Long.toUnsignedString(patch)
                + (prerelease.isEmpty() ? "" : "-" + prerelease)
                + (metadata.isEmpty() ? "" : "+" + metadata);
    }
}
