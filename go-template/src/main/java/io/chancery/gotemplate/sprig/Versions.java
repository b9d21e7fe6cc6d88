package io.chancery.gotemplate.sprig;

import io.chancery.gotemplate.function.Arguments;
import io.chancery.gotemplate.function.Function;
import io.chancery.gotemplate.function.FunctionFailure;
import io.chancery.gotemplate.function.FunctionSet;
import io.chancery.gotemplate.value.Bool;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Opaque;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.Type;
import java.util.List;

/** {@code semver} and {@code semverCompare}. Pure, any thread. */
final class Versions {
    private static final Type TYPE = Type.pointer("semver.Version");

    static final List<Function> FUNCTIONS = List.of(
            Function.of("semver", "string", a -> new Opaque(TYPE, Version.parse(a.text(0)))),
            Function.of("semverCompare", "string string", Versions::compare));

    private static final List<Function> METHODS = List.of(
            Function.of("Major", "any", a -> new Int(Type.UINT64, self(a).major())),
            Function.of("Minor", "any", a -> new Int(Type.UINT64, self(a).minor())),
            Function.of("Patch", "any", a -> new Int(Type.UINT64, self(a).patch())),
            Function.of("Prerelease", "any", a -> new Text(self(a).prerelease())),
            Function.of("Metadata", "any", a -> new Text(self(a).metadata())),
            Function.of("Original", "any", a -> new Text(self(a).original())),
            Function.of("String", "any", a -> new Text(self(a).toString())),
            version("Compare", (x, y) -> Int.of(x.compareTo(y))),
            version("Equal", (x, y) -> Bool.of(x.compareTo(y) == 0)),
            version("LessThan", (x, y) -> Bool.of(x.compareTo(y) < 0)),
            version("GreaterThan", (x, y) -> Bool.of(x.compareTo(y) > 0)));

    private Versions() {}

    static FunctionSet methodsIn(FunctionSet functions) {
        return functions.withMethods(TYPE.name(), METHODS);
    }

    private static Function version(
            String name, java.util.function.BiFunction<Version, Version, io.chancery.gotemplate.value.Value> body) {
        return new Function(
                name, List.of(TYPE, TYPE), false, a -> body.apply(self(a), (Version) ((Opaque) a.any(1)).payload()));
    }

    private static Version self(Arguments a) {
        return (Version) ((Opaque) a.any(0)).payload();
    }

    private static Bool compare(Arguments a) throws FunctionFailure {
        a.budget().charge((long) a.text(0).length() + a.text(1).length());
        VersionConstraint constraint = VersionConstraint.parse(a.text(0));
        return Bool.of(constraint.admits(Version.parse(a.text(1))));
    }
}
