package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.testing.Eventually;
import io.chancery.testing.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped files of PostgreSQL, taken by a real primary and a real standby. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class PostgresFilesIT {
    private static final Path INSTALLED = Path.of("/usr/lib/postgresql");

    private final int[] ports = FreePorts.take(2);
    private final List<String> running = new ArrayList<>();
    private Path folder;

    @BeforeEach
    void start() throws Exception {
        // PostgreSQL refuses to run as root, and its user must reach the folder.
        folder = Files.createTempDirectory("postgres-files");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        sh("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
                + " -keyout server.key -out server.crt && cp server.crt ca.crt && chmod 600 server.key"
                + " && echo '*:*:*:*:a-password' >pgpass && chmod 600 pgpass");
        primary();
        standby();
    }

    private void primary() throws Exception {
        Files.writeString(
                folder.resolve("settings"),
                "include_dir = 'conf.d'\nport = " + ports[0] + "\nunix_socket_directories = '" + folder + "'\n");
        DeployFiles.copy(
                "postgresql/primary.conf",
                folder.resolve("primary.conf"),
                Map.of("/etc/postgresql/tls", folder.toString(), "10.0.0.21", "127.0.0.1"));
        DeployFiles.copy("postgresql/pg_hba.conf", folder.resolve("hba"), Map.of("10.0.0.0/24", "127.0.0.1/32"));
        sh(bin("initdb") + " -D primary -A peer --locale=C -E UTF8 && mkdir primary/conf.d"
                + " && cat settings >>primary/postgresql.conf && cat primary.conf >primary/conf.d/primary.conf"
                + " && cat hba >primary/pg_hba.conf");
        startServer("primary");
        Files.writeString(folder.resolve("roles.sql"), DeployFiles.text("postgresql/roles.sql"));
        sh(admin("--file roles.sql"));
        for (String role : List.of("chancery", "chancery_migrate", "chancery_replication")) {
            sh(admin("-c 'SET synchronous_commit = local' -c \"ALTER ROLE " + role + " PASSWORD 'a-password'\""));
        }
    }

    private void standby() throws Exception {
        sh("PGPASSFILE=pgpass " + bin("pg_basebackup") + " -h 127.0.0.1 -p " + ports[0]
                + " -U chancery_replication --pgdata standby --wal-method stream --checkpoint fast");
        DeployFiles.copy(
                "postgresql/standby.conf",
                folder.resolve("standby.conf"),
                Map.of(
                        "host=10.0.0.21 port=5432", "host=127.0.0.1 port=" + ports[0],
                        "/etc/postgresql/tls", folder.toString(),
                        "/etc/postgresql/replication.pgpass",
                                folder.resolve("pgpass").toString()));
        sh("cat standby.conf >standby/conf.d/standby.conf && touch standby/standby.signal && echo 'port = " + ports[1]
                + "' >>standby/postgresql.conf");
        startServer("standby");
    }

    private void startServer(String name) throws Exception {
        sh(bin("pg_ctl") + " -D " + name + " -l " + name + ".log -w start");
        running.add(name);
    }

    private void stopServer(String name) throws Exception {
        running.remove(name);
        sh(bin("pg_ctl") + " -D " + name + " -m immediate -w stop");
    }

    @AfterEach
    void stop() throws Exception {
        for (String name : List.copyOf(running)) {
            stopServer(name);
        }
        Commands.run(Path.of("/"), Map.of(), "rm", "-rf", folder.toString()).succeeded();
    }

    private static String bin(String command) throws IOException {
        try (Stream<Path> versions = Files.list(INSTALLED)) {
            return versions.map(version -> version.resolve("bin").resolve(command))
                    .filter(Files::isExecutable)
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("PostgreSQL is not installed: apt-get install postgresql"))
                    .toString();
        }
    }

    private String admin(String rest) {
        return "psql -q -v ON_ERROR_STOP=1 -h " + folder + " -p " + ports[0] + " -d postgres " + rest;
    }

    private String as(String role, int port, String rest) {
        return "PGPASSFILE=pgpass psql -At -v ON_ERROR_STOP=1 'host=127.0.0.1 port=" + port + " dbname=chancery user="
                + role + " sslmode=verify-full sslrootcert=ca.crt' " + rest;
    }

    private String sh(String script) throws Exception {
        return run(script).succeeded().output();
    }

    private Commands.Result run(String script) throws Exception {
        List<String> command = new ArrayList<>();
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("runuser", "-u", "postgres", "--"));
        }
        command.addAll(List.of("sh", "-c", "cd " + folder + " && { " + script + "; } 2>&1"));
        return Commands.run(folder, Map.of(), command.toArray(String[]::new));
    }

    @Test
    void a_commit_waits_for_a_standby_and_the_run_role_changes_rows_but_no_table() throws Exception {
        sh(as("chancery_migrate", ports[0], "-c 'CREATE TABLE chancery.rows (id serial PRIMARY KEY, x int)'"));
        sh(as("chancery", ports[0], "-c 'INSERT INTO chancery.rows (x) VALUES (7)'"));
        assertThat(sh(as("chancery", ports[0], "-c 'SELECT application_name, sync_state FROM pg_stat_replication'")))
                .as("seen by the role that nodes run as")
                .isEqualTo("standby1|quorum\n");
        for (String forbidden : List.of(
                "CREATE TABLE chancery.more (x int)", "CREATE TABLE public.more (x int)", "DROP TABLE chancery.rows")) {
            assertThat(run(as("chancery", ports[0], "-c '" + forbidden + "'")).output())
                    .as(forbidden)
                    .containsAnyOf("permission denied", "must be owner");
        }
        assertThat(run(as("chancery", ports[0], "-c 'SELECT 1'").replace("sslmode=verify-full", "sslmode=disable"))
                        .output())
                .contains("no encryption");
        // A commit waits until the standby has it on disk, not until it is to be read there.
        Eventually.holds(
                "it is at the standby, to be read with the same rights",
                () -> run(as("chancery", ports[1], "-c 'SELECT x FROM chancery.rows'"))
                        .output()
                        .equals("7\n"));

        stopServer("standby");
        assertThat(run("timeout 3 "
                                + as("chancery", ports[0], "-c 'INSERT INTO chancery.rows (x) VALUES (8)'")
                                        .replace("PGPASSFILE=pgpass psql", "env PGPASSFILE=pgpass psql"))
                        .exitCode())
                .as("a commit without a standby")
                .isEqualTo(124);
    }

    @Test
    void a_promoted_standby_has_what_was_committed() throws Exception {
        sh(as("chancery_migrate", ports[0], "-c 'CREATE TABLE chancery.rows (x int)'"));
        sh(as("chancery", ports[0], "-c 'INSERT INTO chancery.rows VALUES (1), (2), (3)'"));
        stopServer("primary");
        sh(bin("pg_ctl") + " -D standby -w promote");
        assertThat(sh(as("chancery", ports[1], "-c 'SELECT count(*) FROM chancery.rows'")))
                .isEqualTo("3\n");
    }

    @Tag("long")
    @Test
    void the_tables_are_made_by_the_role_for_that_and_a_node_issues_by_the_role_that_only_writes_rows(@TempDir Path own)
            throws Exception {
        StepPki pki = StepPki.init(own);
        pki.configure(Map.of("store", Map.of("replication", "synchronous")));
        Path migrating = pki.caJson().resolveSibling("migrating.json");
        useDatabaseAs(pki, "chancery");
        try (ChanceryProcess early = pki.start()) {
            early.awaitLine("chancery store migrate");
        }
        useDatabaseAs(pki, "chancery_migrate");
        Files.copy(pki.caJson(), migrating);
        useDatabaseAs(pki, "chancery");
        Commands.Result migrated = Commands.run(
                        own,
                        Map.of(),
                        Path.of(System.getProperty("chancery.home"), "bin/chancery")
                                .toString(),
                        "store",
                        "migrate",
                        migrating.toString())
                .succeeded();
        assertThat(sh(as(
                        "chancery",
                        ports[0],
                        "-c 'SELECT tableowner FROM pg_tables WHERE tablename = $$used_token$$'")))
                .as(migrated.output())
                .isEqualTo("chancery_migrate\n");
        try (ChanceryProcess node = pki.start()) {
            assertThat(node.awaitReady()).isNotEmpty();
            ApiClient api = ApiClient.of(pki);
            ApiClient.Answer answer = api.sign(api.csr("roles.example"), api.token("roles.example"));
            assertThat(answer.status()).as(answer.body()).isEqualTo(201);
            assertThat(api.revoke(ApiClient.certificate(answer.member("crt"))
                                    .getSerialNumber()
                                    .toString())
                            .status())
                    .isEqualTo(200);
            assertThat(node.lines()).noneMatch(line -> line.contains("permission denied"));
        }
        assertThat(sh(as("chancery", ports[1], "-c 'SELECT count(*) FROM chancery.used_token'")))
                .as("at the standby: used by the certificate and by the revocation")
                .isEqualTo("2\n");
    }

    private void useDatabaseAs(StepPki pki, String role) throws Exception {
        pki.set(
                "db",
                Map.of(
                        "type",
                        "postgresql",
                        "dataSource",
                        "postgresql://" + role + ":a-password@127.0.0.1:" + ports[0]
                                + "/chancery?sslmode=verify-full&sslrootcert=" + folder.resolve("ca.crt")));
    }
}
