package io.chancery.conformance;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.testing.PostgresProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Makes the archive of classes that Chancery's processes share in a run of the tests (JDK's class data sharing): a start
 * then takes a third less CPU, and there are hundreds. What it holds is what a node of a cluster with its key in SoftHSM,
 * and one alone with files, load until they have issued a certificate. The Java that made it takes it, as long as the jars
 * are the same; any other starts without it.
 */
final class ClassArchive {
    private static final Pattern OF_SIGNED_JARS =
            Pattern.compile("^@lambda-proxy (com/amazon/corretto|org/bouncycastle)/");

    private ClassArchive() {}

    /** @param arguments the file to make */
    public static void main(String[] arguments) throws Exception {
        Path archive = Path.of(arguments[0]);
        Path folder = Files.createTempDirectory("class-archive");
        try {
            Path classes = folder.resolve("classes");
            Files.write(classes, train(folder), StandardCharsets.UTF_8);
            dump(folder, classes, archive);
        } finally {
            remove(folder);
        }
    }

    /** What JDK 17 can archive of all that they load: it breaks off at lambdas of signed jars, whose classes it leaves out. */
    private static Set<String> train(Path folder) throws Exception {
        Set<String> loaded = new LinkedHashSet<>();
        for (Path list : List.of(trainInCluster(folder.resolve("cluster")), trainAlone(folder.resolve("alone")))) {
            try (Stream<String> lines = Files.lines(list, StandardCharsets.UTF_8)) {
                lines.filter(line -> !OF_SIGNED_JARS.matcher(line).find()).forEach(loaded::add);
            }
        }
        return loaded;
    }

    private static Path listing(StepPki pki) {
        Path classes = pki.folder().resolve("classes");
        pki.environment("CHANCERY_JAVA_OPTS", "-XX:TieredStopAtLevel=1 -Xshare:off -XX:DumpLoadedClassList=" + classes);
        return classes;
    }

    private static Path trainInCluster(Path folder) throws Exception {
        StepPki pki = TokenPki.init(Files.createDirectory(folder));
        Path classes = listing(pki);
        try (PostgresProcess server = PostgresProcess.start();
                EqualNodes nodes = EqualNodes.make(pki, server, 1, Map.of())) {
            nodes.startAll();
            issue(nodes.api("n1"), nodes.process("n1"));
        }
        return classes;
    }

    private static Path trainAlone(Path folder) throws Exception {
        StepPki pki = StepPki.init(Files.createDirectory(folder));
        Path classes = listing(pki);
        try (ChanceryProcess ca = pki.start()) {
            String unused = ca.awaitReady();
            issue(ApiClient.of(pki), ca);
        }
        return classes;
    }

    private static void issue(ApiClient client, ChanceryProcess ca) throws Exception {
        Answer answer = client.sign(client.csr("archived.example"), client.token("archived.example"));
        if (answer.status() != 201) {
            throw new IllegalStateException("no certificate to archive classes by: " + answer);
        }
        // Killed, it would not write the list.
        ca.signal("TERM");
        int unused = ca.awaitEnd();
    }

    private static void dump(Path folder, Path classes, Path archive) throws IOException, InterruptedException {
        Path made = folder.resolve("made.jsa");
        Commands.Result result = Commands.run(
                folder,
                Map.of(
                        "CHANCERY_JAVA_OPTS",
                        "-Xshare:dump -XX:SharedClassListFile=" + classes + " -XX:SharedArchiveFile=" + made),
                Path.of(System.getProperty("chancery.home"), "bin/chancery").toString());
        if (!Files.exists(made)) {
            throw new IllegalStateException("no archive of classes was made: " + result.output());
        }
        Files.createDirectories(Objects.requireNonNull(archive.getParent()));
        Path unused = Files.move(made, archive, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
