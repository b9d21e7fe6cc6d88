package io.chancery.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The inputs that a fuzz test begins with, in a folder that has the names of its class and method. Where that folder is
 * missing, as under a new name, the fuzz test runs all the same and begins with nothing.
 */
final class FuzzSeeds {
    private static final int LEAST = 30;
    private static final Path JAVA = Path.of("src", "test", "java");
    private static final Path RESOURCES = Path.of("src", "test", "resources");
    private static final String SUITE = "FuzzTest.java";
    private static final String INPUTS = "FuzzTestInputs";
    /** {@code ./run fuzz} finds them in the same way. */
    private static final Pattern METHOD = Pattern.compile("@FuzzTest\\b[^{]*?\\bvoid (\\w+)\\(");

    private FuzzSeeds() {}

    /** In words, what is wrong with the fuzz tests of a module and their seeds. Reads its sources. */
    static List<String> problems(Path module) throws IOException {
        List<String> problems = new ArrayList<>();
        Set<Path> wanted = new HashSet<>();
        for (Path file : under(module.resolve(JAVA))) {
            if (!file.getFileName().toString().endsWith(SUITE)) {
                continue;
            }
            String folder = module.resolve(JAVA).relativize(file).toString().replace(".java", "Inputs");
            Matcher method = METHOD.matcher(Files.readString(file));
            while (method.find()) {
                Path seeds = module.resolve(RESOURCES).resolve(folder).resolve(method.group(1));
                wanted.add(seeds);
                int count = under(seeds).size();
                if (count < LEAST) {
                    problems.add(seeds + " has " + count + " seeds of " + LEAST);
                }
            }
        }
        for (Path seed : under(module.resolve(RESOURCES))) {
            Path folder = seed.resolveSibling("");
            if (folder.resolveSibling("").toString().endsWith(INPUTS) && wanted.add(folder)) {
                problems.add(folder + " has no fuzz test");
            }
        }
        return problems;
    }

    private static List<Path> under(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
