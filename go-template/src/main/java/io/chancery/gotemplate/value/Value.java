package io.chancery.gotemplate.value;

/** A value of the template language, with its Go type. All but {@link Dict} never change; a Dict belongs to one execution. */
public sealed interface Value
        permits Nothing, Boxed, Bool, Int, Float64, Text, Sequence, Dict, Struct, Opaque, TimeValue {
    Type type();

    /** The value without the interface that holds it; {@link Nothing} for a nil interface. */
    default Value unboxed() {
        return this;
    }

    /** Go's truth: not zero, not empty. */
    boolean truth();

    /** Whether nil or, in Go's words, without a value at all. */
    default boolean isNil() {
        return false;
    }
}
