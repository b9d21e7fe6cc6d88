package io.chancery.gotemplate.value;

import io.chancery.gotemplate.text.Utf8;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A map with string keys, in their order. The functions {@code set}, {@code unset} and {@code merge} change it: one thread, one execution. */
public final class Dict implements Value {
    private final Type type;
    private final TreeMap<String, Value> entries = new TreeMap<>(Utf8::compare);
    private final boolean nil;

    public Dict(Type type) {
        this(type, false);
    }

    private Dict(Type type, boolean nil) {
        this.type = type;
        this.nil = nil;
    }

    /** Go's nil map. */
    public static Dict nil(Type type) {
        return new Dict(type, true);
    }

    /** The entries in the order of their keys; never boxed. */
    public Map<String, Value> entries() {
        return Collections.unmodifiableMap(entries);
    }

    /** The entry as it lies in the map; {@link Nothing} when there is none. */
    public Value get(String key) {
        Value value = entries.get(key);
        return value == null ? Nothing.NOTHING : Boxed.as(element(), value);
    }

    public @Nullable Value find(String key) {
        return entries.get(key);
    }

    public boolean has(String key) {
        return entries.containsKey(key);
    }

    public void put(String key, Value value) {
        entries.put(key, value.unboxed());
    }

    public void remove(String key) {
        entries.remove(key);
    }

    public int size() {
        return entries.size();
    }

    public Type element() {
        return Objects.requireNonNull(type.element(), "a map has an element type");
    }

    @Override
    public Type type() {
        return type;
    }

    @Override
    public boolean truth() {
        return !entries.isEmpty();
    }

    @Override
    public boolean isNil() {
        return nil;
    }
}
