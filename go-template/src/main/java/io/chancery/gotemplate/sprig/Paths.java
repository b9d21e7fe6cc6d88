package io.chancery.gotemplate.sprig;

import io.chancery.gotemplate.function.Function;
import io.chancery.gotemplate.value.Bool;
import io.chancery.gotemplate.value.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Sprig's functions on paths, as texts: nothing looks at a file. Those with {@code os} are the same, as on Linux. Pure, any thread. */
final class Paths {
    static final List<Function> FUNCTIONS = Stream.of("", "os")
            .flatMap(os -> Stream.of(
                    Function.of(name(os, "base"), "string", a -> new Text(base(a.text(0)))),
                    Function.of(name(os, "dir"), "string", a -> {
                        a.budget().charge(2L * a.text(0).length());
                        return new Text(clean(a.text(0).substring(0, a.text(0).lastIndexOf('/') + 1)));
                    }),
                    Function.of(name(os, "clean"), "string", a -> {
                        a.budget().charge(2L * a.text(0).length());
                        return new Text(clean(a.text(0)));
                    }),
                    Function.of(name(os, "ext"), "string", a -> new Text(extension(a.text(0)))),
                    Function.of(
                            name(os, "isAbs"), "string", a -> Bool.of(a.text(0).startsWith("/")))))
            .toList();

    private Paths() {}

    private static String name(String os, String name) {
        return os.isEmpty() ? name : os + Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    private static String base(String path) {
        if (path.isEmpty()) {
            return ".";
        }
        int end = path.length();
        while (end > 0 && path.charAt(end - 1) == '/') {
            end--;
        }
        return end == 0 ? "/" : path.substring(path.lastIndexOf('/', end - 1) + 1, end);
    }

    private static String extension(String path) {
        int point = path.lastIndexOf('.');
        return point > path.lastIndexOf('/') ? path.substring(point) : "";
    }

    private static String clean(String path) {
        boolean rooted = path.startsWith("/");
        List<String> kept = new ArrayList<>();
        for (String part : path.split("/", -1)) {
            boolean up = part.equals("..");
            if (up && !kept.isEmpty() && !kept.get(kept.size() - 1).equals("..")) {
                kept.remove(kept.size() - 1);
            } else if (!part.isEmpty() && !part.equals(".") && !(up && rooted)) {
                kept.add(part);
            }
        }
        String joined = String.join("/", kept);
        return rooted ? "/" + joined : joined.isEmpty() ? "." : joined;
    }
}
