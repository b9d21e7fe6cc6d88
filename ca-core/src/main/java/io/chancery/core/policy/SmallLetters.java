package io.chancery.core.policy;

/** Text in small letters, character by character, as Go's {@code strings.ToLower} makes them. */
final class SmallLetters {
    private SmallLetters() {}

    static String of(String text) {
        return text.codePoints()
                .map(Character::toLowerCase)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
