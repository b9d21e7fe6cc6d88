package io.chancery.gotemplate.value;

import io.chancery.gotemplate.budget.Budget;
import io.chancery.gotemplate.text.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Values made of Java objects, compared and copied. Pure, any thread. */
public final class Values {
    private Values() {}

    /**
     * A fresh value of what a JSON reader gives: maps, lists, texts, numbers (float64, as Go reads them), booleans, null.
     * Values stand for themselves; a {@link Dict} among them is copied.
     *
     * @throws IllegalArgumentException for any other object, or what is nested deeper than {@link Budget#VALUE_DEPTH}
     */
    public static Value of(@Nullable Object plain) {
        return of(plain, 0);
    }

    private static Value of(@Nullable Object plain, int depth) {
        if (depth > Budget.VALUE_DEPTH) {
            throw new IllegalArgumentException("the data is nested deeper than " + Budget.VALUE_DEPTH);
        }
        if (plain == null) {
            return Nothing.NOTHING;
        }
        if (plain instanceof Value value) {
            return fresh(value, depth);
        }
        if (plain instanceof String text) {
            return new Text(Utf8.scrubbed(text));
        }
        if (plain instanceof Boolean truth) {
            return Bool.of(truth);
        }
        if (plain instanceof Number number) {
            return new Float64(number.doubleValue());
        }
        if (plain instanceof List<?> list) {
            List<Value> items = new ArrayList<>();
            list.forEach(item -> items.add(of(item, depth + 1)));
            return Sequence.of(items);
        }
        if (plain instanceof Map<?, ?> map) {
            Dict dict = new Dict(Type.DICT);
            map.forEach((key, value) -> dict.put(Utf8.scrubbed((String) key), of(value, depth + 1)));
            return dict;
        }
        throw new IllegalArgumentException("no value for templates: " + plain.getClass());
    }

    private static Value fresh(Value value, int depth) {
        if (depth > Budget.VALUE_DEPTH) {
            throw new IllegalArgumentException("the data is nested deeper than " + Budget.VALUE_DEPTH);
        }
        if (value instanceof Dict dict) {
            Dict copy = dict.isNil() ? Dict.nil(dict.type()) : new Dict(dict.type());
            dict.entries().forEach((key, each) -> copy.put(key, fresh(each, depth + 1)));
            return copy;
        }
        if (value instanceof Sequence list) {
            return new Sequence(
                    list.type(),
                    list.items().stream().map(each -> fresh(each, depth + 1)).toList(),
                    list.isNil());
        }
        if (value instanceof Struct struct) {
            return new Struct(
                    struct.type(),
                    struct.fields().stream()
                            .map(f -> new Struct.Field(f.name(), fresh(f.value(), depth + 1), f.json(), f.omitEmpty()))
                            .toList());
        }
        return value.unboxed();
    }

    /** What {@code reflect.Zero} gives for the type; for {@code interface{}} the nil interface. */
    public static Value zero(Type type) {
        return switch (type.kind()) {
            case BOOL -> Bool.FALSE;
            case INT, INT32, INT64, UINT8, UINT64 -> new Int(type, 0);
            case FLOAT64 -> new Float64(0);
            case STRING -> Text.EMPTY;
            case INTERFACE -> Boxed.NIL;
            case SLICE -> Sequence.nil(type);
            case MAP -> Dict.nil(type);
            case INVALID, STRUCT, POINTER -> Nothing.NOTHING;
        };
    }

    /** Go's {@code reflect.DeepEqual}. */
    public static boolean deepEqual(Value first, Value second, Budget budget) {
        return deepEqual(first.unboxed(), second.unboxed(), budget, 0);
    }

    private static boolean deepEqual(Value a, Value b, Budget budget, int depth) {
        budget.depth(depth);
        if (!a.type().equals(b.type())) {
            return false;
        }
        if (a instanceof Sequence x && b instanceof Sequence y) {
            if (x.isNil() != y.isNil() || x.size() != y.size()) {
                return false;
            }
            for (int i = 0; i < x.size(); i++) {
                if (!deepEqual(x.items().get(i), y.items().get(i), budget, depth + 1)) {
                    return false;
                }
            }
            return true;
        }
        if (a instanceof Dict x && b instanceof Dict y) {
            return x.isNil() == y.isNil()
                    && x.entries().keySet().equals(y.entries().keySet())
                    && x.entries().entrySet().stream()
                            .allMatch(e -> deepEqual(
                                    e.getValue(), Objects.requireNonNull(y.find(e.getKey())), budget, depth + 1));
        }
        if (a instanceof Float64 x && b instanceof Float64 y) {
            return x.value() == y.value();
        }
        return a.equals(b);
    }

    /** A copy that shares no map with the original. */
    public static Value deepCopy(Value value, Budget budget) {
        return deepCopy(value.unboxed(), budget, 0);
    }

    private static Value deepCopy(Value value, Budget budget, int depth) {
        budget.depth(depth);
        budget.charge(1);
        if (value instanceof Dict dict) {
            Dict copy = new Dict(dict.type());
            dict.entries().forEach((key, each) -> copy.put(key, deepCopy(each, budget, depth + 1)));
            return copy;
        }
        if (value instanceof Sequence list) {
            List<Value> items = new ArrayList<>(list.size());
            list.items().forEach(each -> items.add(deepCopy(each, budget, depth + 1)));
            return new Sequence(list.type(), items, list.isNil());
        }
        return value;
    }

    /** The text of a string value; empty for any other. */
    public static Optional<String> text(Value value) {
        return value.unboxed() instanceof Text text ? Optional.of(text.value()) : Optional.empty();
    }
}
