package io.chancery.gotemplate.sprig;

import io.chancery.gotemplate.budget.Budget;
import io.chancery.gotemplate.function.Arguments;
import io.chancery.gotemplate.function.Function;
import io.chancery.gotemplate.function.FunctionFailure;
import io.chancery.gotemplate.value.Bool;
import io.chancery.gotemplate.value.Dict;
import io.chancery.gotemplate.value.Nothing;
import io.chancery.gotemplate.value.Sequence;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.Type;
import io.chancery.gotemplate.value.Value;
import io.chancery.gotemplate.value.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Sprig's functions on dicts. {@code keys} and {@code values} come in the order of the keys: Go's order is by chance. */
final class Dicts {
    static final List<Function> FUNCTIONS = List.of(
            Function.of("dict", "any...", Dicts::dict),
            Function.of("get", "dict string", a -> {
                Value found = a.dict(0).find(a.text(1));
                return found == null ? Text.EMPTY : found;
            }),
            Function.of("set", "dict string any", Dicts::set),
            Function.of("unset", "dict string", a -> {
                a.dict(0).remove(a.text(1));
                return a.dict(0);
            }),
            Function.of("hasKey", "dict string", a -> Bool.of(a.dict(0).has(a.text(1)))),
            Function.of("pluck", "string dict...", Dicts::pluck),
            Function.of("keys", "dict...", Dicts::keys),
            Function.of("values", "dict", a -> {
                a.budget().charge(a.dict(0).size());
                return Sequence.of(List.copyOf(a.dict(0).entries().values()));
            }),
            Function.of("pick", "dict string...", a -> chosen(a, true)),
            Function.of("omit", "dict string...", a -> chosen(a, false)),
            Function.of("merge", "dict dict...", a -> merged(a, false)),
            Function.of("mustMerge", "dict dict...", a -> merged(a, false)),
            Function.of("mergeOverwrite", "dict dict...", a -> merged(a, true)),
            Function.of("mustMergeOverwrite", "dict dict...", a -> merged(a, true)),
            Function.of("dig", "any...", Dicts::dig),
            Function.of("deepCopy", "any", Dicts::copied),
            Function.of("mustDeepCopy", "any", Dicts::copied));

    private Dicts() {}

    private static Value dict(Arguments a) {
        Dict dict = new Dict(Type.DICT);
        for (int i = 0; i < a.size(); i += 2) {
            a.budget().charge(Budget.ELEMENT);
            dict.put(Casts.text(a.any(i), a.budget()), i + 1 < a.size() ? a.any(i + 1) : Text.EMPTY);
        }
        return dict;
    }

    private static Value set(Arguments a) throws FunctionFailure {
        a.budget().charge(2);
        if (a.dict(0).isNil()) {
            throw new FunctionFailure("assignment to entry in nil map");
        }
        a.dict(0).put(a.text(1), a.any(2));
        return a.dict(0);
    }

    private static Value pluck(Arguments a) {
        List<Value> out = new ArrayList<>();
        for (Value each : a.from(1)) {
            a.budget().charge(1);
            Value found = ((Dict) each).find(a.text(0));
            if (found != null) {
                out.add(found);
            }
        }
        return Sequence.of(out);
    }

    private static Value keys(Arguments a) {
        List<String> out = new ArrayList<>();
        for (Value each : a.from(0)) {
            a.budget().charge(((Dict) each).size());
            out.addAll(((Dict) each).entries().keySet());
        }
        return Sequence.strings(out);
    }

    private static Value chosen(Arguments a, boolean picks) {
        java.util.Set<String> named = new java.util.HashSet<>(a.texts(1));
        Dict out = new Dict(Type.DICT);
        for (Map.Entry<String, Value> each : a.dict(0).entries().entrySet()) {
            a.budget().charge(1);
            if (named.contains(each.getKey()) == picks) {
                out.put(each.getKey(), each.getValue());
            }
        }
        return out;
    }

    private static Value merged(Arguments a, boolean overwrites) {
        for (Value each : a.from(1)) {
            merge(a.dict(0), (Dict) each, overwrites, a.budget(), 0);
        }
        return a.dict(0);
    }

    private static void merge(Dict into, Dict from, boolean overwrites, Budget budget, int depth) {
        budget.depth(depth);
        // A dict merged into itself must not change under the loop.
        for (Map.Entry<String, Value> each : List.copyOf(from.entries().entrySet())) {
            budget.charge(1);
            Value source = each.getValue();
            Value target = into.find(each.getKey());
            if (source instanceof Dict inner && target instanceof Dict outer && outer != inner) {
                merge(outer, inner, overwrites, budget, depth + 1);
            }
            boolean both = source instanceof Dict && target instanceof Dict && target.truth();
            boolean fills = source != Nothing.NOTHING && (target == null || !target.truth());
            if (!both && (overwrites || fills)) {
                into.put(each.getKey(), source);
            }
        }
    }

    private static Value copied(Arguments a) throws FunctionFailure {
        if (a.any(0) == Nothing.NOTHING) {
            throw new FunctionFailure("reflect: call of reflect.Value.Type on zero Value");
        }
        return Values.deepCopy(a.any(0), a.budget());
    }

    private static Value dig(Arguments a) throws FunctionFailure {
        if (a.size() < 3) {
            throw new FunctionFailure("dig needs at least three arguments");
        }
        Value at = a.any(a.size() - 1);
        for (int i = 0; i < a.size() - 2; i++) {
            if (!(at instanceof Dict dict) || !dict.type().equals(Type.DICT)) {
                throw conversion(at, "map[string]interface {}");
            }
            if (!(a.any(i) instanceof Text key)) {
                throw conversion(a.any(i), "string");
            }
            Value found = dict.find(key.value());
            if (found == null) {
                return a.any(a.size() - 2);
            }
            at = found;
        }
        return at;
    }

    private static FunctionFailure conversion(Value value, String wanted) {
        String found = value == Nothing.NOTHING ? "nil" : value.type().name();
        return new FunctionFailure("interface conversion: interface {} is " + found + ", not " + wanted);
    }
}
