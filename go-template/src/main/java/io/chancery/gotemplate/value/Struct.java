package io.chancery.gotemplate.value;

import java.util.List;
import java.util.Optional;

/** A struct of the program that the template runs in, or a pointer to one: named fields in their order. */
public record Struct(Type type, List<Field> fields) implements Value {
    /**
     * One field.
     *
     * @param json its name in JSON; empty when it is left out there
     * @param omitEmpty whether JSON leaves it out when it is zero or empty
     */
    public record Field(String name, Value value, String json, boolean omitEmpty) {}

    public Struct {
        fields = List.copyOf(fields);
    }

    public Optional<Value> field(String name) {
        return fields.stream()
                .filter(f -> f.name().equals(name))
                .map(Field::value)
                .findFirst();
    }

    @Override
    public boolean truth() {
        return true;
    }
}
