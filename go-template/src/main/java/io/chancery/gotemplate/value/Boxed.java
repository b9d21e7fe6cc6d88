package io.chancery.gotemplate.value;

/** A value as it lies in a list or map of {@code interface{}}: Go tells it from the value itself in some errors. */
public record Boxed(Value value) implements Value {
    /** The nil interface. */
    public static final Boxed NIL = new Boxed(Nothing.NOTHING);

    public Boxed {
        value = value.unboxed();
    }

    /** Boxes what comes out of something whose elements have this type. */
    public static Value as(Type element, Value value) {
        return element.kind() != Type.Kind.INTERFACE
                ? value
                : value.isNil() && value.unboxed() == Nothing.NOTHING ? NIL : new Boxed(value);
    }

    @Override
    public Type type() {
        return Type.ANY;
    }

    @Override
    public Value unboxed() {
        return value;
    }

    @Override
    public boolean truth() {
        return value.truth();
    }

    @Override
    public boolean isNil() {
        return value == Nothing.NOTHING;
    }
}
