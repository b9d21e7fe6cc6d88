package io.chancery.gotemplate.value;

import java.time.ZonedDateTime;

/** A time.Time. */
public record TimeValue(ZonedDateTime value) implements Value {
    @Override
    public Type type() {
        return Type.TIME;
    }

    @Override
    public boolean truth() {
        return true;
    }
}
