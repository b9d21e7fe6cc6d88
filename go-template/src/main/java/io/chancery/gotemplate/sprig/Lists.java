package io.chancery.gotemplate.sprig;

import io.chancery.gotemplate.budget.Budget;
import io.chancery.gotemplate.function.Arguments;
import io.chancery.gotemplate.function.Function;
import io.chancery.gotemplate.function.FunctionFailure;
import io.chancery.gotemplate.text.Utf8;
import io.chancery.gotemplate.value.Bool;
import io.chancery.gotemplate.value.Nothing;
import io.chancery.gotemplate.value.Sequence;
import io.chancery.gotemplate.value.Type;
import io.chancery.gotemplate.value.Value;
import io.chancery.gotemplate.value.Values;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Sprig's list functions. Pure, any thread. */
final class Lists {
    /** A list made of another. */
    @FunctionalInterface
    private interface Change {
        List<Value> of(List<Value> items, Arguments a) throws FunctionFailure;
    }

    static final List<Function> FUNCTIONS = functions();

    private Lists() {}

    private static List<Function> functions() {
        List<Function> all = new ArrayList<>(List.of(
                Function.of("list", "any...", Lists::list),
                Function.of("tuple", "any...", Lists::list),
                Function.of("concat", "any...", Lists::concat),
                Function.of("sortAlpha", "any", Lists::sorted),
                Function.of("push", "any any", a -> pushed(a)),
                Function.of("mustPush", "any any", a -> pushed(a))));
        both(all, "append", "any any", Lists::pushed);
        both(all, "prepend", "any any", change("Cannot prepend on type ", (items, a) -> {
            List<Value> out = new ArrayList<>(List.of(a.any(1)));
            out.addAll(items);
            return out;
        }));
        both(all, "first", "any", a -> end(a, "Cannot find first on type ", true));
        both(all, "last", "any", a -> end(a, "Cannot find last on type ", false));
        both(all, "rest", "any", a -> without(a, "Cannot find rest on type ", 1, 0));
        both(all, "initial", "any", a -> without(a, "Cannot find initial on type ", 0, 1));
        both(all, "reverse", "any", change("Cannot find reverse on type ", (items, a) -> {
            List<Value> out = new ArrayList<>(items);
            Collections.reverse(out);
            return out;
        }));
        both(all, "compact", "any", change("Cannot compact on type ", (items, a) -> kept(items, Value::truth)));
        both(all, "uniq", "any", change("Cannot find uniq on type ", Lists::unique));
        both(all, "without", "any any...", change("Cannot find without on type ", (items, a) -> {
            List<Value> omitted = a.from(1);
            return kept(items, item -> !holds(omitted, item, a));
        }));
        both(
                all,
                "has",
                "any any",
                a -> a.any(1) == Nothing.NOTHING
                        ? Bool.FALSE
                        : Bool.of(holds(
                                Casts.list(a.any(1), "Cannot find has on type ").items(), a.any(0), a)));
        both(all, "slice", "any any...", Lists::slice);
        both(all, "chunk", "int any", Lists::chunks);
        return List.copyOf(all);
    }

    // Those that panic and those that return an error look alike to a template.
    private static void both(List<Function> all, String name, String parameters, Function.Body body) {
        all.add(Function.of(name, parameters, body));
        all.add(Function.of("must" + Character.toUpperCase(name.charAt(0)) + name.substring(1), parameters, body));
    }

    private static Function.Body change(String complaint, Change change) {
        return a -> {
            List<Value> items = Casts.list(a.any(0), complaint).items();
            a.budget().charge(items.size() + 1L);
            return Sequence.of(change.of(items, a));
        };
    }

    private static Value list(Arguments a) {
        a.budget().charge((long) Budget.ELEMENT * a.size());
        return Sequence.of(a.from(0));
    }

    private static Value pushed(Arguments a) throws FunctionFailure {
        return change("Cannot push on type ", (items, all) -> {
                    List<Value> out = new ArrayList<>(items);
                    out.add(all.any(1));
                    return out;
                })
                .call(a);
    }

    private static Value concat(Arguments a) throws FunctionFailure {
        List<Value> out = new ArrayList<>();
        for (Value each : a.from(0)) {
            if (each != Nothing.NOTHING && !(each instanceof Sequence)) {
                throw new FunctionFailure(
                        "Cannot concat type " + each.type().kind().text() + " as list");
            }
            Sequence list = Casts.list(each, "");
            a.budget().charge(list.size() + 1L);
            out.addAll(list.items());
        }
        return out.isEmpty() ? Sequence.nil(Type.LIST) : Sequence.of(out);
    }

    private static Value sorted(Arguments a) {
        List<String> texts = new ArrayList<>(
                a.any(0) instanceof Sequence
                        ? Casts.texts(a.any(0), a.budget())
                        : List.of(Casts.text(a.any(0), a.budget())));
        a.budget().charge(texts.size());
        texts.sort((x, y) -> compared(x, y, a.budget()));
        return Sequence.strings(texts);
    }

    @SuppressWarnings("ReferenceEquality") // the same text over and over is not read
    private static int compared(String first, String second, Budget budget) {
        budget.tick();
        if (Math.min(first.length(), second.length()) > 1024) {
            budget.look();
        }
        return first == second ? 0 : Utf8.compare(first, second);
    }

    private static Value end(Arguments a, String complaint, boolean first) throws FunctionFailure {
        List<Value> items = Casts.list(a.any(0), complaint).items();
        return items.isEmpty() ? Nothing.NOTHING : items.get(first ? 0 : items.size() - 1);
    }

    private static Value without(Arguments a, String complaint, int front, int back) throws FunctionFailure {
        List<Value> items = Casts.list(a.any(0), complaint).items();
        return items.isEmpty() ? Sequence.nil(Type.LIST) : Sequence.of(items.subList(front, items.size() - back));
    }

    private static List<Value> kept(List<Value> items, java.util.function.Predicate<Value> keeps) {
        return items.stream().filter(keeps).toList();
    }

    private static List<Value> unique(List<Value> items, Arguments a) {
        List<Value> out = new ArrayList<>();
        for (Value each : items) {
            if (!holds(out, each, a)) {
                out.add(each);
            }
        }
        return out;
    }

    private static boolean holds(List<Value> items, Value value, Arguments a) {
        return items.stream().anyMatch(item -> Values.deepEqual(value, item, a.budget()));
    }

    private static Value slice(Arguments a) throws FunctionFailure {
        Sequence list = Casts.list(a.any(0), "list should be type of slice or array but ");
        if (list.size() == 0) {
            return Nothing.NOTHING;
        }
        long from = a.size() > 1 ? Casts.integer(a.any(1)) : 0;
        long to = a.size() > 2 ? Casts.integer(a.any(2)) : list.size();
        if (from < 0 || to < from || to > list.size()) {
            throw new FunctionFailure("reflect.Value.Slice: slice index out of bounds");
        }
        return new Sequence(list.type(), list.items().subList((int) from, (int) to), false);
    }

    private static Value chunks(Arguments a) throws FunctionFailure {
        List<Value> items = Casts.list(a.any(1), "Cannot chunk type ").items();
        long size = a.integer(0);
        if (size < 1) {
            throw new FunctionFailure("runtime error: makeslice: len out of range");
        }
        List<Value> out = new ArrayList<>();
        for (int from = 0; from < items.size(); from = (int) Math.min(from + size, items.size())) {
            a.budget().charge(1);
            out.add(Sequence.of(items.subList(from, (int) Math.min(from + size, items.size()))));
        }
        return new Sequence(Type.LISTS, out, false);
    }
}
