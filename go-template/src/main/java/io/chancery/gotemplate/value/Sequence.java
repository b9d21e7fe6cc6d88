package io.chancery.gotemplate.value;

import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * A slice. {@code isNil} tells Go's nil slice from an empty one: JSON shows the difference.
 *
 * @param items never boxed; a nil interface among them is {@link Nothing}
 */
public record Sequence(Type type, List<Value> items, boolean isNil) implements Value {
    public Sequence {
        items = Collections.unmodifiableList(items);
    }

    /** A {@code []interface{}}; the list must not change afterwards. */
    public static Sequence of(List<? extends Value> items) {
        return new Sequence(Type.LIST, Collections.unmodifiableList(items), false);
    }

    /** A {@code []string}. */
    public static Sequence strings(List<String> items) {
        return new Sequence(Type.STRINGS, items.stream().<Value>map(Text::new).toList(), false);
    }

    public static Sequence nil(Type type) {
        return new Sequence(type, List.of(), true);
    }

    public int size() {
        return items.size();
    }

    /** The element as it lies in the slice. */
    public Value at(int index) {
        return Boxed.as(element(), items.get(index));
    }

    public Type element() {
        return Objects.requireNonNull(type.element(), "a slice has an element type");
    }

    @Override
    public boolean truth() {
        return !items.isEmpty();
    }
}
