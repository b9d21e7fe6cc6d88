package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tarball, unpacked where nothing else of the project is. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class DistIT {
    private static final Path HOME = Path.of(System.getProperty("chancery.home"));

    @TempDir
    private static Path folder;

    private static Path tarball;
    private static Path unpacked;

    /** To another file, and not to another site or a place in the same page. */
    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:|#)([^)#\\s]+)[^)]*\\)");

    @BeforeAll
    static void pack() throws Exception {
        tarball = pack("packed");
        Path place = Files.createDirectories(folder.resolve("a place of its own"));
        Commands.run(place, Map.of(), "tar", "--extract", "--gzip", "--file", tarball.toString())
                .succeeded();
        unpacked = place.resolve(tarball.getFileName().toString().replace(".tar.gz", ""));
    }

    private static Path pack(String name) throws Exception {
        Path target = folder.resolve(name);
        Commands.run(folder, Map.of(), HOME.resolve("dist/make-tarball").toString(), target.toString())
                .succeeded();
        try (Stream<Path> files = Files.list(target)) {
            return files.filter(file -> file.toString().endsWith(".tar.gz"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static Path beside(String ending) {
        return tarball.resolveSibling(unpacked.getFileName() + ending);
    }

    @Test
    void it_starts_on_the_files_of_step_ca_init_and_step_gets_a_certificate() throws Exception {
        StepPki pki = StepPki.init(Files.createDirectories(folder.resolve("pki")));
        Path temporary = Files.createDirectories(folder.resolve("temporary"));
        try (ChanceryProcess ca = ChanceryProcess.startFrom(
                unpacked,
                Map.of("CHANCERY_JAVA_OPTS", "-XX:TieredStopAtLevel=1 -Djava.io.tmpdir=" + temporary),
                "start",
                pki.caJson().toString(),
                "--password-file",
                pki.password())) {
            assertThat(ca.awaitReady()).isEqualTo(pki.url());
            String certificate = pki.file("dist.crt").toString();
            pki.step(
                            "ca",
                            "certificate",
                            "dist.example",
                            certificate,
                            pki.file("dist.key").toString(),
                            "--provisioner",
                            StepPki.PROVISIONER,
                            "--provisioner-password-file",
                            pki.password())
                    .succeeded();
            pki.step("certificate", "verify", certificate, "--roots", pki.root().toString())
                    .succeeded();
            assertThat(ca.lines()).noneMatch(line -> line.startsWith("WARNING"));
            if (System.getProperty("os.arch").equals("amd64")) {
                assertThat(ca.lines()).anyMatch(line -> line.contains("provider=AmazonCorrettoCryptoProvider"));
            }
            // Native libraries are used where they lie: /tmp may forbid programs, and a killed process would leave
            // them.
            try (Stream<Path> left = Files.walk(temporary)) {
                assertThat(left.filter(file -> file.toString().contains(".so"))).isEmpty();
            }
        }
    }

    @Test
    void every_link_of_its_pages_leads_to_a_file_in_it() throws Exception {
        List<String> dead = new ArrayList<>();
        int links = 0;
        try (Stream<Path> files = Files.walk(unpacked)) {
            for (Path page :
                    files.filter(file -> file.toString().endsWith(".md")).toList()) {
                Matcher link = LINK.matcher(Files.readString(page));
                while (link.find()) {
                    links++;
                    if (!Files.exists(page.resolveSibling(link.group(1)))) {
                        dead.add(unpacked.relativize(page) + ": " + link.group(1));
                    }
                }
            }
        }
        assertThat(dead).isEmpty();
        assertThat(links).isGreaterThan(50);
    }

    @Test
    void its_checksum_is_right() throws Exception {
        assertThat(Commands.run(
                                tarball.getParent(),
                                Map.of(),
                                "sha256sum",
                                "--check",
                                beside(".tar.gz.sha256").toString())
                        .succeeded()
                        .output())
                .contains(tarball.getFileName() + ": OK");
    }

    @Test
    void packed_again_it_is_the_same_to_the_byte() throws Exception {
        assertThat(sha256(pack("again"))).isEqualTo(sha256(tarball));
    }

    @Test
    void our_jars_bear_one_time_stamp_whenever_they_were_built() throws Exception {
        List<String> times = new ArrayList<>();
        for (Path jar : ourJars()) {
            try (JarFile file = new JarFile(jar.toFile())) {
                file.stream()
                        .map(entry -> entry.getTimeLocal().toString())
                        .distinct()
                        .forEach(times::add);
            }
        }
        assertThat(times).isNotEmpty().containsOnly("2026-01-01T00:00");
    }

    @Test
    void the_sbom_lists_every_jar_by_name_and_content_and_nothing_else() throws Exception {
        Map<String, Object> sbom = JSONObjectUtils.parse(Files.readString(beside(".cdx.json")));
        TreeMap<String, String> listed = new TreeMap<>();
        for (Map<String, Object> component : JSONObjectUtils.getJSONObjectArray(sbom, "components")) {
            listed.put(jarName((String) component.get("purl")), sha256In(component));
        }
        TreeMap<String, String> packed = new TreeMap<>();
        for (Path jar : jars()) {
            packed.put(jar.getFileName().toString(), sha256(jar));
        }
        // What the list is about is not in the list.
        Map<?, ?> self = (Map<?, ?>) ((Map<?, ?>) sbom.get("metadata")).get("component");
        assertThat(packed.remove(jarName((String) self.get("purl")))).isNotNull();
        assertThat(listed).isEqualTo(packed);
    }

    /** The file of {@code pkg:maven/GROUP/NAME@VERSION?classifier=C&type=jar}. */
    private static String jarName(String purl) {
        String[] parts = purl.split("[?]", 2);
        String[] path = parts[0].split("/");
        String classifier = "";
        for (String each : parts.length == 2 ? parts[1].split("&") : new String[0]) {
            classifier = each.startsWith("classifier=") ? "-" + each.substring("classifier=".length()) : classifier;
        }
        return path[path.length - 1].replace('@', '-') + classifier + ".jar";
    }

    private static String sha256In(Map<String, Object> component) throws Exception {
        for (Map<String, Object> hash : JSONObjectUtils.getJSONObjectArray(component, "hashes")) {
            if ("SHA-256".equals(hash.get("alg"))) {
                return (String) hash.get("content");
            }
        }
        throw new AssertionError("no SHA-256 of " + component.get("purl"));
    }

    @Test
    void the_notice_names_every_work_of_others() throws Exception {
        String notice = Files.readString(unpacked.resolve("NOTICE"));
        TreeSet<String> missing = new TreeSet<>();
        List<Path> ours = ourJars();
        for (Path jar : jars()) {
            String name = jar.getFileName().toString().replaceFirst("-[0-9].*", "");
            if (!ours.contains(jar) && !notice.contains(":" + name + ":")) {
                missing.add(name);
            }
        }
        assertThat(missing).isEmpty();
        assertThat(notice).doesNotContain("io.chancery:", "Unknown license");
    }

    @Test
    void nothing_in_it_names_a_place_of_the_machine_it_was_built_on() throws Exception {
        List<String> places = List.of(HOME.toString(), System.getProperty("java.home"), "/.m2/");
        List<String> found = new ArrayList<>();
        List<Path> files;
        try (Stream<Path> all = Files.walk(unpacked)) {
            files = all.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().endsWith(".jar"))
                    .toList();
        }
        for (Path file : files) {
            look(file.toString(), Files.readAllBytes(file), places, found);
        }
        look("the SBOM", Files.readAllBytes(beside(".cdx.json")), places, found);
        for (Path jar : ourJars()) {
            try (JarFile open = new JarFile(jar.toFile())) {
                for (JarEntry entry : open.stream().toList()) {
                    try (InputStream in = open.getInputStream(entry)) {
                        look(jar + "!" + entry.getName(), in.readAllBytes(), places, found);
                    }
                }
            }
        }
        assertThat(found).isEmpty();
    }

    private static void look(String where, byte[] content, List<String> places, List<String> found) {
        String text = new String(content, StandardCharsets.ISO_8859_1);
        places.stream().filter(text::contains).forEach(place -> found.add(where + " has " + place));
    }

    private static List<Path> jars() throws IOException {
        try (Stream<Path> files = Files.list(unpacked.resolve("lib"))) {
            return files.filter(file -> file.toString().endsWith(".jar")).toList();
        }
    }

    /** Those that hold classes of ours. */
    private static List<Path> ourJars() throws IOException {
        List<Path> ours = new ArrayList<>();
        for (Path jar : jars()) {
            try (JarFile file = new JarFile(jar.toFile())) {
                if (file.getEntry("io/chancery/") != null) {
                    ours.add(jar);
                }
            }
        }
        return ours;
    }

    private static String sha256(Path file) throws Exception {
        try (DigestInputStream in =
                new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
            long unused = in.transferTo(java.io.OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        }
    }
}
