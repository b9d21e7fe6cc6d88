package io.chancery.conformance;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Judges certificates by zlint's rules for RFCs and those of its community. */
final class Zlint {
    /**
     * A rule that a file breaks.
     *
     * @param file its name, without the folder
     */
    record Broken(String file, String rule, String details) {}

    /**
     * @param files how many could be read
     * @param rules how many applied to one of them at least
     */
    record Report(List<Broken> broken, int files, int rules) {}

    private Zlint() {}

    /** Every {@code .der} and {@code .crl} of the folder. */
    static Report judge(Path folder) throws IOException, InterruptedException, ParseException {
        String output = Commands.run(folder.getParent(), Map.of(), GoProgram.built("zlint"), folder.toString())
                .succeeded()
                .output();
        List<Broken> broken = new ArrayList<>();
        List<String> lines = output.lines().toList();
        for (String line : lines.subList(0, lines.size() - 1)) {
            Map<String, Object> found = JSONObjectUtils.parse(line);
            broken.add(
                    new Broken((String) found.get("file"), (String) found.get("rule"), (String) found.get("details")));
        }
        Map<String, Object> total = JSONObjectUtils.parse(lines.get(lines.size() - 1));
        return new Report(broken, ((Number) total.get("files")).intValue(), ((Number) total.get("rules")).intValue());
    }
}
