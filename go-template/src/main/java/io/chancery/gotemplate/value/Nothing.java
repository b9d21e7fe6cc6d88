package io.chancery.gotemplate.value;

/** No value at all: what a missing key gives, and what Go calls an invalid value. */
public enum Nothing implements Value {
    NOTHING;

    @Override
    public Type type() {
        return Type.NIL;
    }

    @Override
    public boolean truth() {
        return false;
    }

    @Override
    public boolean isNil() {
        return true;
    }
}
