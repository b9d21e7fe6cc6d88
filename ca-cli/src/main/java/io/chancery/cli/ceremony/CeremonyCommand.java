package io.chancery.cli.ceremony;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chancery hsm ceremony}. */
@Command(
        name = "ceremony",
        description = {
            "Follow a written plan: make keys, sign CA certificates, back up, each step confirmed by the people of the plan.",
            "Everything made and the transcript go to a new folder. See docs/hsm.md for the plan's form."
        },
        mixinStandardHelpOptions = true)
public final class CeremonyCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "PLAN", description = "YAML")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Option(names = "--out", paramLabel = "FOLDER", description = "for the results; must not be there yet")
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Option(
            names = "--confirm",
            paramLabel = "NAME=KEY",
            description = "where somebody's own key is: a PEM file or a pkcs11: URI; without it they type a signature")
    private Map<String, String> keys = Map.of();

    @Option(names = "--check", description = "read and check the plan and the certificates it leads to, and do nothing")
    private boolean check;

    public CeremonyCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    @SuppressWarnings("DefaultCharset") // the terminal's own
    public Integer call() throws Exception {
        CeremonyPlan plan = PlanReader.read(file);
        CertificatesAhead.check(plan, surroundings);
        if (check) {
            surroundings
                    .err()
                    .println("the plan can be followed: " + plan.authorities().size() + " CA(s), " + plan.needed()
                            + " of " + plan.people().size() + " confirm each step");
            return 0;
        }
        if (folder == null || Files.exists(folder)) {
            throw new UsageException("name a new folder for the results with --out"
                    + (folder == null ? "" : "; " + folder + " is there already"));
        }
        for (String name : keys.keySet()) {
            if (plan.people().stream().noneMatch(person -> person.name().equals(name))) {
                throw new UsageException("--confirm names " + name + ", whom the plan does not know");
            }
        }
        BufferedReader typed = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        new Ceremony(plan, folder, new TypedConfirming(surroundings, typed, keys, folder), surroundings).run();
        surroundings.out().println(folder.resolve(Transcript.FILE));
        return 0;
    }
}
