package io.chancery.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/** Programs that differ from the one built here: the version before it, and this one with another Hazelcast. */
final class OtherVersions {
    /** The version that nodes are upgraded from; moved on with each release. */
    private static final String BEFORE = "0d9171c212a895b3cd91763a2fa7741c9a7b7a18";

    private static final String OTHER_HAZELCAST = "5.5.0";
    private static final Path HOME = Path.of(System.getProperty("chancery.home"));

    private OtherVersions() {}

    /** Builds the version before in this folder, from the project's history; answers its home. */
    static Path before(Path folder) throws Exception {
        Path home = folder.resolve("before");
        run(folder, "git", "clone", "--quiet", "--shared", "--no-checkout", HOME.toString(), home.toString());
        run(home, "git", "checkout", "--quiet", BEFORE);
        run(
                home,
                "mvn",
                "-q",
                "-B",
                "-ntp",
                "package",
                "-Dmaven.test.skip=true",
                "-Dcyclonedx.skip=true",
                "-Dlicense.skip=true",
                "-pl",
                "ca-cli",
                "-am");
        return home;
    }

    /** What was built here with a Hazelcast of another minor version; answers its home. */
    static Path withOtherHazelcast(Path folder) throws Exception {
        Path home = folder.resolve("other-hazelcast");
        Path lib = Files.createDirectories(home.resolve("lib"));
        Files.createDirectories(home.resolve("bin"));
        Files.copy(HOME.resolve("bin/chancery"), home.resolve("bin/chancery"));
        jars(HOME.resolve("ca-cli/target"), lib);
        jars(HOME.resolve("ca-cli/target/lib"), lib);
        Files.copy(HOME.resolve("signer-pkcs11/jvm-flags"), lib.resolve("signer-pkcs11.jvm-flags"));
        Files.copy(HOME.resolve("cluster-config/jvm-flags"), lib.resolve("cluster-config.jvm-flags"));
        run(
                folder,
                "mvn",
                "-q",
                "-B",
                "-ntp",
                "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy",
                "-Dartifact=com.hazelcast:hazelcast:" + OTHER_HAZELCAST,
                "-DoutputDirectory=" + lib);
        return home;
    }

    private static void jars(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path jar : files.filter(file -> file.toString().endsWith(".jar"))
                    .filter(file -> !file.getFileName().toString().startsWith("hazelcast-"))
                    .toList()) {
                Files.copy(jar, to.resolve(jar.getFileName()));
            }
        }
    }

    private static void run(Path folder, String... command) throws Exception {
        Commands.run(folder, Map.of("JAVA_HOME", System.getProperty("java.home")), command)
                .succeeded();
    }
}
