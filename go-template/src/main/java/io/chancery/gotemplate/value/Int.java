package io.chancery.gotemplate.value;

/**
 * An integer of any of Go's types.
 *
 * @param value the 64 bits; those of uint64 are to be read without sign
 */
public record Int(Type type, long value) implements Value {
    public static Int of(long value) {
        return new Int(Type.INT, value);
    }

    public static Int int64(long value) {
        return new Int(Type.INT64, value);
    }

    @Override
    public boolean truth() {
        return value != 0;
    }

    /** In decimal. */
    public String decimal() {
        return type.isUnsigned() ? Long.toUnsignedString(value) : Long.toString(value);
    }
}
