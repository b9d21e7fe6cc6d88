package io.chancery.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What a process has in its hands at this moment, as the kernel knows it: files, ports and libraries. */
final class ProcessHoldings {
    private static final String LISTENS = "0A";

    private ProcessHoldings() {}

    /** The TCP ports, of both families, that the process itself listens on. */
    static Set<Integer> listening(ChanceryProcess process) throws IOException {
        Set<String> own = Set.copyOf(openFiles(process));
        Set<Integer> ports = new TreeSet<>();
        for (String family : List.of("tcp", "tcp6")) {
            for (String line : Files.readAllLines(of(process, "net/" + family))) {
                String[] words = line.strip().split("\\s+");
                if (words[3].equals(LISTENS) && own.contains("socket:[" + words[9] + "]")) {
                    ports.add(Integer.parseInt(words[1].substring(words[1].indexOf(':') + 1), 16));
                }
            }
        }
        return ports;
    }

    /** What the process's open files are: paths, or {@code socket:[inode]}. */
    static List<String> openFiles(ChanceryProcess process) throws IOException {
        List<String> targets = new ArrayList<>();
        try (Stream<Path> files = Files.list(of(process, "fd"))) {
            for (Path file : files.toList()) {
                if (Files.isSymbolicLink(file)) { // it may have been closed meanwhile
                    targets.add(Files.readSymbolicLink(file).toString());
                }
            }
        }
        return targets;
    }

    /** The files whose content it has mapped: its libraries are among them. */
    static List<String> mapped(ChanceryProcess process) throws IOException {
        try (Stream<String> maps = Files.lines(of(process, "maps"))) {
            return maps.filter(line -> line.contains("/"))
                    .map(line -> line.substring(line.indexOf('/')))
                    .distinct()
                    .toList();
        }
    }

    private static Path of(ChanceryProcess process, String what) {
        return Path.of("/proc/" + process.pid(), what);
    }
}
