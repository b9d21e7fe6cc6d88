package io.chancery.gotemplate;

import io.chancery.gotemplate.budget.Budget;
import io.chancery.gotemplate.budget.Limits;
import io.chancery.gotemplate.budget.Surroundings;
import io.chancery.gotemplate.json.JsonReader;
import io.chancery.gotemplate.value.Dict;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Templates and what the real Go engine makes of them, as recorded in {@code src/test/resources/go}. */
final class GoTable {
    static final Limits LIMITS = new Limits(Duration.ofSeconds(10), 1 << 20, 8L << 20, 64);
    static final Surroundings SURROUNDINGS = Surroundings.still(Instant.parse("2026-01-02T03:04:05Z"));

    /**
     * One template.
     *
     * @param expected the output, or Go's error behind the word {@code error: }
     */
    record Row(String place, String template, Value data, String expected) {
        @Override
        public String toString() {
            return place + " " + template;
        }
    }

    private GoTable() {}

    static Stream<Row> rows() {
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/go"))) {
            return files.sorted().flatMap(GoTable::rows).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Row> rows(Path file) {
        List<Row> rows = new ArrayList<>();
        Value data = io.chancery.gotemplate.value.Nothing.NOTHING;
        int number = 0;
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                number++;
                Dict row = (Dict) JsonReader.read(line, new Budget(LIMITS, SURROUNDINGS));
                data = row.has("data") ? row.get("data").unboxed() : data;
                if (row.has("template")) {
                    String expected = row.has("error") ? "error: " + text(row, "error") : text(row, "output");
                    rows.add(new Row(file.getFileName() + ":" + number, text(row, "template"), data, expected));
                }
            }
        } catch (IOException | JsonReader.Malformed e) {
            throw new IllegalStateException(file + ":" + number, e);
        }
        return rows.stream();
    }

    private static String text(Dict row, String name) {
        return ((Text) row.get(name).unboxed()).value();
    }
}
