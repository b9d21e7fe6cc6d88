package io.chancery.gotemplate.function;

import io.chancery.gotemplate.value.Type;
import io.chancery.gotemplate.value.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A function with its parameters.
 *
 * @param parameters their types; the last one repeats when {@code variadic}
 */
public record Function(String name, List<Type> parameters, boolean variadic, Body body) {
    /** What a function does. It ticks and charges the budget in proportion to its work. */
    @FunctionalInterface
    public interface Body {
        Value call(Arguments arguments) throws FunctionFailure;
    }

    private static final Map<String, Type> TYPES = Map.ofEntries(
            Map.entry("string", Type.STRING),
            Map.entry("int", Type.INT),
            Map.entry("int64", Type.INT64),
            Map.entry("float64", Type.FLOAT64),
            Map.entry("bool", Type.BOOL),
            Map.entry("any", Type.ANY),
            Map.entry("value", Type.VALUE),
            Map.entry("list", Type.LIST),
            Map.entry("dict", Type.DICT),
            Map.entry("time", Type.TIME),
            Map.entry("duration", Type.DURATION));

    public Function {
        parameters = List.copyOf(parameters);
    }

    /**
     * A function with parameters in short: {@code "string int any..."}.
     *
     * @throws IllegalArgumentException for a type that is not known
     */
    public static Function of(String name, String parameters, Body body) {
        List<Type> types = parameters.isBlank()
                ? List.of()
                : Arrays.stream(parameters.replace("...", "").split(" "))
                        .map(word -> {
                            Type type = TYPES.get(word);
                            if (type == null) {
                                throw new IllegalArgumentException("no such parameter type: " + word);
                            }
                            return type;
                        })
                        .toList();
        return new Function(name, types, parameters.endsWith("..."), body);
    }
}
