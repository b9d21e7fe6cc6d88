package io.chancery.cli.start;

import io.chancery.cli.UsageException;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.core.config.CaConfig;
import io.chancery.core.config.CaConfigReader;
import io.chancery.core.config.ChanceryConfig;
import io.chancery.core.config.ChanceryConfigReader;
import io.chancery.core.config.ConfigProblem;
import io.chancery.core.config.ConfigProblem.Severity;
import io.chancery.core.config.ConfigResult;
import io.chancery.core.config.KeySchemes;
import io.chancery.core.config.ListPlaces;
import io.chancery.core.config.LongestValidity;
import io.chancery.core.config.NodeFolder;
import io.chancery.core.config.ProvisionerNames;
import io.chancery.core.der.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One reading of ca.json and the chancery.json beside it, which gathers all that is wrong. Waits for the disk. */
final class ConfigReading {
    /** Where something is wrong with what a provisioner is called. */
    private static final Pattern NAMES = Pattern.compile("|/authority(/provisioners(/[0-9]+(/name)?)?)?");

    private final Path caJson;
    private final Path folder;
    private final Path chanceryJson;
    private final List<ConfigProblem> problems = new ArrayList<>();
    private boolean withoutChancery;

    ConfigReading(Path caJson) {
        this.caJson = caJson;
        Path above = caJson.toAbsolutePath().getParent();
        this.folder = above == null ? Path.of("/") : above;
        this.chanceryJson = folder.resolve("chancery.json");
    }

    /**
     * Both files as far as they can be read, to look for what else is wrong.
     *
     * @param files with stand-ins where something is wrong with them
     * @param whole whether nothing is unknown because chancery.json cannot be read at all
     * @param known what is wrong already
     */
    record Draft(ConfigFiles files, boolean whole, List<ConfigProblem> known) {
        /** Whether a member, or one in it, is a stand-in. */
        boolean standsIn(String file, String pointer) {
            ConfigProblem here = ConfigProblem.error(file, pointer, "", "");
            return known.stream().anyMatch(problem -> problem.covers(here));
        }

        /** Whether the names of all provisioners of ca.json could be read. */
        boolean knowsProvisioners() {
            return known.stream()
                    .filter(problem -> problem.severity() == Severity.ERROR
                            && problem.file().equals("ca.json"))
                    .noneMatch(problem -> NAMES.matcher(problem.pointer()).matches());
        }
    }

    /** Reads what both files name. */
    interface Further<T> {
        /**
         * What can be used; empty only when something is found wrong.
         *
         * @param found takes problems, whose files are {@code ca.json} and {@code chancery.json}
         */
        Optional<T> read(Draft draft, List<ConfigProblem> found);
    }

    /**
     * What both files come to, when nothing stops the start; tells every problem.
     *
     * @param strict whether warnings stop it, too
     * @throws UsageException when something stops the start
     */
    <T> T read(boolean strict, Further<T> further, Consumer<String> line) throws UsageException {
        Optional<String> caText = text(caJson, "the ca.json that step ca init or chancery quickstart wrote" + inside());
        Optional<CaConfig> ca = caText.flatMap(
                text -> draft(CaConfigReader.read("ca.json", text, Path.of("").toAbsolutePath(), folder)));
        Optional<String> chanceryText = chanceryText();
        Optional<ChanceryConfig> chancery =
                chanceryText.flatMap(text -> draft(ChanceryConfigReader.read("chancery.json", text, folder)));
        Optional<ConfigFiles> files = ca.map(read -> new ConfigFiles(
                caJson.toAbsolutePath(),
                chancery.map(own -> NodeFolder.apply(read, own)).orElse(read),
                chancery.orElseGet(ChanceryConfigReader::defaults),
                hashes(caText.orElse(""), chanceryText.orElse("{}")),
                WhoGetsWhat.hash(
                        caText.orElse("{}"),
                        chancery.flatMap(any -> chanceryText).orElse("{}"))));
        Optional<T> usable = files.flatMap(
                draft -> lookFurther(new Draft(draft, chancery.isPresent(), List.copyOf(problems)), further));
        problems.forEach(problem -> line.accept(line(problem)));
        long stopping = problems.stream()
                .filter(p -> strict || p.severity() == Severity.ERROR)
                .count();
        if (stopping > 0 || usable.isEmpty()) {
            throw new UsageException(stopping + " problem(s) in the configuration; nothing was done");
        }
        return usable.get();
    }

    private <T> Optional<T> draft(ConfigResult<T> read) {
        problems.addAll(read.problems());
        return read.draft();
    }

    /** What is where something is wrong already may be about a stand-in. */
    private <T> Optional<T> lookFurther(Draft draft, Further<T> further) {
        List<ConfigProblem> found = new ArrayList<>();
        if (draft.knowsProvisioners()) {
            found.addAll(ProvisionerNames.check(
                    "chancery.json", draft.files().ca(), draft.files().chancery()));
        }
        if (!draft.standsIn("ca.json", "/authority/backdate")) {
            found.addAll(LongestValidity.check(
                    "chancery.json", draft.files().ca(), draft.files().chancery()));
        }
        if (!draft.standsIn("ca.json", "/db")) {
            found.addAll(NodeFolder.check(
                    "chancery.json", draft.files().ca(), draft.files().chancery()));
        }
        if (draft.whole() && !draft.standsIn("ca.json", "/crl")) {
            found.addAll(ListPlaces.check(
                    "ca.json", draft.files().ca(), draft.files().chancery()));
        }
        found.addAll(KeySchemes.check(draft.files().ca(), draft.files().chancery()));
        Optional<T> usable = further.read(draft, found);
        found.stream()
                .filter(each -> draft.known().stream().noneMatch(known -> known.covers(each)))
                .distinct()
                .forEach(problems::add);
        return usable;
    }

    private NodeFacts.Files hashes(String caText, String chanceryText) {
        return new NodeFacts.Files(hash(caText), withoutChancery ? Sha256.digest() : hash(chanceryText));
    }

    private static Sha256 hash(String text) {
        return Sha256.digest(text.getBytes(StandardCharsets.UTF_8));
    }

    /** With the file as it was named. */
    private String line(ConfigProblem problem) {
        Path file = problem.file().equals("ca.json") ? caJson : chanceryJson;
        ConfigProblem named = new ConfigProblem(
                file.toString(), problem.pointer(), problem.found(), problem.allowed(), problem.severity());
        return (problem.severity() == Severity.ERROR ? "error: " : "warning: ") + named.text();
    }

    private Optional<String> text(Path file, String allowed) {
        try {
            return Optional.of(Files.readString(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            return unreadable(file, e, allowed);
        }
    }

    /**
     * An empty object where there is no file. One that cannot be looked at, or a link to nothing, is not none: what it
     * forbids would be allowed without a word.
     */
    private Optional<String> chanceryText() {
        try {
            return Optional.of(Files.readString(chanceryJson, StandardCharsets.UTF_8));
        } catch (IOException e) {
            if (e instanceof NoSuchFileException && !Files.exists(chanceryJson, LinkOption.NOFOLLOW_LINKS)) {
                withoutChancery = true;
                return Optional.of("{}");
            }
            return unreadable(chanceryJson, e, "a file that can be read, or none");
        }
    }

    private Optional<String> unreadable(Path file, IOException failure, String allowed) {
        problems.add(ConfigProblem.error(
                file.equals(caJson) ? "ca.json" : "chancery.json",
                "",
                "cannot read " + file + ": " + FileTrouble.of(file, failure),
                allowed));
        return Optional.empty();
    }

    /** Where it is in a folder that stands for it. */
    private String inside() {
        return Stream.of(caJson.resolve("ca.json"), caJson.resolve("config").resolve("ca.json"))
                .filter(Files::isRegularFile)
                .findFirst()
                .map(found -> ", perhaps " + found)
                .orElse("");
    }
}
