package io.chancery.gotemplate.value;

/** A float64. */
public record Float64(double value) implements Value {
    @Override
    public Type type() {
        return Type.FLOAT64;
    }

    @Override
    public boolean truth() {
        return value != 0;
    }
}
