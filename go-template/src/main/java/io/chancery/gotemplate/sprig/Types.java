package io.chancery.gotemplate.sprig;

import io.chancery.gotemplate.function.Arguments;
import io.chancery.gotemplate.function.Function;
import io.chancery.gotemplate.function.FunctionFailure;
import io.chancery.gotemplate.value.Bool;
import io.chancery.gotemplate.value.Nothing;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.Value;
import io.chancery.gotemplate.value.Values;
import java.util.List;

/** Sprig's defaults and looks at types. Pure, any thread. */
final class Types {
    static final List<Function> FUNCTIONS = List.of(
            Function.of("default", "any any...", a -> a.size() > 1 && a.any(1).truth() ? a.any(1) : a.any(0)),
            Function.of("empty", "any", a -> Bool.of(!a.any(0).truth())),
            Function.of("coalesce", "any...", Types::coalesce),
            Function.of("all", "any...", a -> Bool.of(a.from(0).stream().allMatch(Value::truth))),
            Function.of("any", "any...", a -> Bool.of(a.from(0).stream().anyMatch(Value::truth))),
            Function.of("ternary", "any any bool", a -> a.truth(2) ? a.any(0) : a.any(1)),
            Function.of("fail", "string", a -> {
                throw FunctionFailure.deliberate(a.text(0));
            }),
            Function.of("typeOf", "any", a -> new Text(a.any(0).type().name())),
            Function.of(
                    "typeIs",
                    "string any",
                    a -> Bool.of(a.text(0).equals(a.any(1).type().name()))),
            Function.of("typeIsLike", "string any", a -> {
                String type = a.any(1).type().name();
                return Bool.of(type.equals(a.text(0)) || type.equals("*" + a.text(0)));
            }),
            Function.of("kindOf", "any", a -> new Text(a.any(0).type().kind().text())),
            Function.of(
                    "kindIs",
                    "string any",
                    a -> Bool.of(a.text(0).equals(a.any(1).type().kind().text()))),
            Function.of("deepEqual", "any any", a -> Bool.of(Values.deepEqual(a.any(0), a.any(1), a.budget()))));

    private Types() {}

    private static Value coalesce(Arguments a) {
        return a.from(0).stream().filter(Value::truth).findFirst().orElse(Nothing.NOTHING);
    }
}
