package io.chancery.gotemplate.sprig;

import io.chancery.gotemplate.function.FunctionFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Alternatives of ranges that a version must lie in, as {@code >=1.2, <2 || ~3.1}. */
record VersionConstraint(List<List<Range>> alternatives) {
    private static final String OPERATOR = "=|!=|>|<|>=|=>|<=|=<|~|~>|\\^|";
    private static final Pattern ONE = Pattern.compile("\\s*(" + OPERATOR + ")\\s*(" + Version.FORM + ")\\s*");
    private static final Pattern SOME = Pattern.compile("(?:" + OPERATOR + ")\\s*" + Version.FORM);
    private static final Pattern ALL =
            Pattern.compile("\\s*(?:(?:" + OPERATOR + ")\\s*(?:" + Version.FORM + ")\\s*,?\\s*)+");
    private static final Pattern HYPHEN =
            Pattern.compile("\\s*(" + Version.FORM + ")\\s+-\\s+(" + Version.FORM + ")\\s*");
    private static final int MOST = 256;

    /**
     * One comparison.
     *
     * @param dirty whether a part was left open, by omission or x
     */
    private record Range(String operator, Version version, boolean dirty, boolean minorDirty, boolean patchDirty) {
        boolean admits(Version given) {
            // A prerelease is only meant when the constraint has one itself.
            if (!operator.equals("!=")
                    && !given.prerelease().isEmpty()
                    && version.prerelease().isEmpty()) {
                return false;
            }
            return switch (operator) {
                case "", "=" -> dirty ? tilde(given) : given.compareTo(version) == 0;
                case "!=" -> different(given);
                case ">" -> greater(given);
                case "<" -> given.compareTo(version) < 0;
                case ">=", "=>" -> given.compareTo(version) >= 0;
                case "<=", "=<" ->
                    dirty
                            ? given.major() < version.major()
                                    || (given.major() == version.major()
                                            && (minorDirty || given.minor() <= version.minor()))
                            : given.compareTo(version) <= 0;
                case "~", "~>" -> tilde(given);
                default -> caret(given);
            };
        }

        private boolean different(Version given) {
            if (!dirty) {
                return given.compareTo(version) != 0;
            }
            if (!given.prerelease().isEmpty() && version.prerelease().isEmpty()) {
                return false;
            }
            return given.major() != version.major()
                    || (given.minor() != version.minor() && !minorDirty)
                    || (!minorDirty && !patchDirty);
        }

        private boolean greater(Version given) {
            if (!dirty) {
                return given.compareTo(version) > 0;
            }
            if (given.major() != version.major()) {
                return given.major() > version.major();
            }
            return !minorDirty && given.minor() > version.minor();
        }

        private boolean tilde(Version given) {
            if (given.compareTo(version) < 0) {
                return false;
            }
            boolean anything =
                    version.major() == 0 && version.minor() == 0 && version.patch() == 0 && !minorDirty && !patchDirty;
            return (anything && dirty)
                    || (given.major() == version.major() && (given.minor() == version.minor() || minorDirty));
        }

        private boolean caret(Version given) {
            if (given.compareTo(version) < 0) {
                return false;
            }
            if (version.major() > 0 || minorDirty) {
                return given.major() == version.major();
            }
            if (given.major() != 0) {
                return false;
            }
            if (version.minor() > 0 || patchDirty) {
                return given.minor() == version.minor();
            }
            return given.minor() == 0 && given.patch() == version.patch();
        }
    }

    static VersionConstraint parse(String text) throws FunctionFailure {
        if (text.length() > MOST) {
            throw new FunctionFailure("improper constraint: longer than " + MOST + " characters");
        }
        String plain = HYPHEN.matcher(text).replaceAll(">=$1 <=$7");
        List<List<Range>> alternatives = new ArrayList<>();
        for (String alternative : plain.split("\\|\\|", -1)) {
            if (!ALL.matcher(alternative).matches()) {
                throw new FunctionFailure("improper constraint: " + alternative);
            }
            List<Range> ranges = new ArrayList<>();
            Matcher some = SOME.matcher(alternative);
            while (some.find()) {
                ranges.add(range(some.group()));
            }
            alternatives.add(ranges);
        }
        return new VersionConstraint(alternatives);
    }

    private static Range range(String text) throws FunctionFailure {
        Matcher one = ONE.matcher(text);
        if (!one.matches()) {
            throw new FunctionFailure("improper constraint: " + text);
        }
        String prerelease = one.group(6) == null ? "" : one.group(6);
        boolean anything = isOpen(one.group(3));
        if (anything) {
            return new Range(">=", new Version(0, 0, 0, prerelease, "", ""), true, false, false);
        }
        boolean minorOpen = one.group(4) == null || isOpen(one.group(4).substring(1));
        boolean patchOpen = one.group(5) == null || isOpen(one.group(5).substring(1));
        Version version = new Version(
                Version.number(one.group(3)),
                minorOpen ? 0 : Version.number(one.group(4)),
                patchOpen || minorOpen ? 0 : Version.number(one.group(5)),
                prerelease,
                "",
                text);
        return new Range(one.group(1), version, minorOpen || patchOpen, minorOpen, patchOpen);
    }

    private static boolean isOpen(String part) {
        return part.equals("x") || part.equals("X") || part.equals("*");
    }

    boolean admits(Version version) {
        return alternatives.stream().anyMatch(all -> all.stream().allMatch(range -> range.admits(version)));
    }
}
