package io.chancery.gotemplate.value;

/**
 * A string.
 *
 * @param value see {@link io.chancery.gotemplate.text.Utf8} for octets that are no UTF-8
 */
public record Text(String value) implements Value {
    public static final Text EMPTY = new Text("");

    @Override
    public Type type() {
        return Type.STRING;
    }

    @Override
    public boolean truth() {
        return !value.isEmpty();
    }
}
