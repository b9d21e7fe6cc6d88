package io.chancery.gotemplate.value;

/**
 * A value that only functions and methods can look into; it prints as its payload's text, in JSON as a string.
 *
 * @param payload must not change
 */
public record Opaque(Type type, Object payload) implements Value {
    @Override
    public boolean truth() {
        return true;
    }
}
