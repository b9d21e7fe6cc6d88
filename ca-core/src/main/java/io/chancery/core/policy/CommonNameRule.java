package io.chancery.core.policy;

import com.ibm.icu.lang.UCharacter;

/** A common name, whatever its case. An asterisk stands for itself. */
record CommonNameRule(String text, String folded) implements NameRule<String> {
    /** IllegalArgumentException saying what would be right. */
    static CommonNameRule parse(String text) {
        String name = SmallLetters.of(text.strip());
        if (name.isEmpty() || name.equals("*")) {
            throw new IllegalArgumentException("a whole common name; there are no wildcards");
        }
        return new CommonNameRule(text, folded(name));
    }

    @Override
    public boolean covers(String name) {
        return folded.equals(folded(name));
    }

    /** Character by character, as Go does; Java's own comparison would take a dotless i for an i. */
    private static String folded(String text) {
        return text.codePoints()
                .map(c -> UCharacter.foldCase(c, true))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
