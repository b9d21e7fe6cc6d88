package io.chancery.gotemplate.function;

import io.chancery.gotemplate.syntax.Names;
import io.chancery.gotemplate.value.Value;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The functions and methods that templates may call. Immutable, any thread. */
public final class FunctionSet implements Names {
    private final Map<String, Function> functions;
    private final Map<String, Function> methods;
    private final Map<String, String> refused;

    private FunctionSet(Map<String, Function> functions, Map<String, Function> methods, Map<String, String> refused) {
        this.functions = Map.copyOf(functions);
        this.methods = Map.copyOf(methods);
        this.refused = Map.copyOf(refused);
    }

    /** What there is before anything is added. */
    public static FunctionSet empty() {
        return new FunctionSet(Map.of(), Map.of(), Map.of());
    }

    /** With these as well; the same name given anew wins. */
    public FunctionSet with(Iterable<Function> more) {
        Map<String, Function> all = new HashMap<>(functions);
        more.forEach(f -> all.put(f.name(), f));
        return new FunctionSet(all, methods, refused);
    }

    /** With methods of the type of this name; their first argument is the receiver. */
    public FunctionSet withMethods(String type, Iterable<Function> more) {
        Map<String, Function> all = new HashMap<>(methods);
        more.forEach(f -> all.put(type + "." + f.name(), f));
        return new FunctionSet(functions, all, refused);
    }

    /** Without these functions: a template that names one does not compile. Reasons by name. */
    public FunctionSet without(Map<String, String> reasons) {
        Map<String, Function> left = new HashMap<>(functions);
        left.keySet().removeAll(reasons.keySet());
        Map<String, String> all = new HashMap<>(refused);
        all.putAll(reasons);
        return new FunctionSet(left, methods, all);
    }

    public Optional<Function> function(String name) {
        return Optional.ofNullable(functions.get(name));
    }

    public Optional<Function> method(Value receiver, String name) {
        return Optional.ofNullable(methods.get(receiver.type().name() + "." + name));
    }

    @Override
    public boolean has(String function) {
        return functions.containsKey(function);
    }

    @Override
    public Optional<String> refused(String function) {
        return Optional.ofNullable(refused.get(function));
    }
}
