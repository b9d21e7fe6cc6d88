package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.testing.MemoryFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/** The shipped files of balancers, run by those in front of two nodes and a third that is dead. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class DeployFilesIT {
    private static final String CLIENT = "127.0.0.77";
    private static final int NODES = 2;

    /** In memory: a balancer is asked, and while a disk is slow, its node says for a moment that it cannot issue. */
    @TempDir(factory = InMemory.class)
    private Path folder;

    private StepPki pki;
    private BalancedNodes nodes;

    static final class InMemory implements TempDirFactory {
        private static final long ROOM = 32 << 20;

        @Override
        public Path createTempDirectory(AnnotatedElementContext place, ExtensionContext test) throws IOException {
            return MemoryFolder.create("chancery-balanced-", ROOM);
        }
    }

    @BeforeEach
    void start() throws Exception {
        pki = StepPki.init(folder);
        nodes = BalancedNodes.start(pki, NODES);
    }

    @AfterEach
    void stop() throws Exception {
        nodes.close();
    }

    private Balancer haproxy() throws Exception {
        Path file = DeployFiles.copy(
                "haproxy/haproxy.cfg",
                folder.resolve("haproxy.cfg"),
                nodes.haproxy(Map.of(
                        "bind :443",
                        "bind 127.0.0.1:" + nodes.balancerPort(),
                        "log /dev/log local0",
                        "log stdout format raw local0")));
        Balancer haproxy = Balancer.start("haproxy", "-db", "-f", file.toString());
        // By then the first look at every node is over.
        haproxy.awaitLine("Server can_issue/ca3 is DOWN");
        haproxy.awaitLine("Server can_read/ca3 is DOWN");
        return haproxy;
    }

    private Balancer nginx() throws Exception {
        DeployFiles.copy(
                "nginx/chancery.conf",
                folder.resolve("chancery.conf"),
                nodes.nginx(Map.of("listen 443;", "listen 127.0.0.1:" + nodes.balancerPort() + ";")));
        Path file = Files.writeString(
                folder.resolve("nginx.conf"),
                "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\ndaemon off;\npid "
                        + folder.resolve("nginx.pid") + ";\nerror_log stderr notice;\nevents {}\ninclude "
                        + folder.resolve("chancery.conf") + ";\n",
                StandardCharsets.UTF_8);
        Balancer nginx = Balancer.start("nginx", "-p", folder.toString(), "-e", "stderr", "-c", file.toString());
        nginx.awaitLine("start worker process ");
        return nginx;
    }

    private void bootstrapAndCertificate() throws Exception {
        Path elsewhere = Files.createDirectories(folder.resolve("client"));
        pki.stepElsewhere(elsewhere, "ca", "bootstrap", "--ca-url", nodes.url(), "--fingerprint", pki.fingerprint())
                .succeeded();
        pki.stepElsewhere(
                        elsewhere,
                        "ca",
                        "certificate",
                        "client.example",
                        pki.file("client.crt").toString(),
                        pki.file("client.key").toString(),
                        "--provisioner",
                        StepPki.PROVISIONER,
                        "--provisioner-password-file",
                        pki.password())
                .succeeded();
        assertThat(Certificates.read(pki.file("client.crt"))
                        .getSubjectX500Principal()
                        .getName())
                .contains("client.example");
        // The certificate is shown to the node, past the balancer.
        pki.stepElsewhere(
                        elsewhere,
                        "ca",
                        "renew",
                        pki.file("client.crt").toString(),
                        pki.file("client.key").toString(),
                        "--force")
                .succeeded();
        pki.stepElsewhere(
                        elsewhere,
                        "ca",
                        "rekey",
                        pki.file("client.crt").toString(),
                        pki.file("client.key").toString(),
                        "--force")
                .succeeded();
    }

    /** Lines of a log come a little later than answers: it is asked until one is there. */
    private void assertThatTheLogNamesTheClient() throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        do {
            assertThat(nodes.get("/version", CLIENT)).startsWith("HTTP/1.1 200 ");
        } while (nodes.linesWith("path=/version ").isEmpty() && System.nanoTime() - end < 0);
        assertThat(nodes.linesWith("path=/version "))
                .isNotEmpty()
                .allMatch(line -> line.contains("remote-address=" + CLIENT + " "));
    }

    @Test
    void the_step_client_works_through_haproxy_and_the_log_names_the_client() throws Exception {
        try (Balancer haproxy = haproxy()) {
            assertThatTheLogNamesTheClient();
            bootstrapAndCertificate();
            haproxy.awaitLine(" chancery can_issue/ca");
        }
    }

    @Test
    void the_step_client_works_through_nginx_and_the_log_names_the_client() throws Exception {
        try (Balancer nginx = nginx()) {
            assertThatTheLogNamesTheClient();
            bootstrapAndCertificate();
        }
    }

    @Test
    void a_client_certificate_reaches_the_node_which_verifies_it() throws Exception {
        try (Balancer haproxy = haproxy()) {
            bootstrapAndCertificate();
            pki.selfSigned("client.example", "stranger");
            ClusterJudge.await("health", 30, () -> healthAs("client").contains("HTTP/1.1 200 "));
            assertThat(healthAs("stranger")).doesNotContain("HTTP/1.1").contains("alert");
        }
    }

    /** Each time a node answers; a slow moment, as any machine has, makes it red until it looks again. */
    private void awaitHealth() throws Exception {
        ClusterJudge.await("health", 30, () -> {
            String answer = nodes.get("/health", CLIENT);
            assertThat(answer).containsPattern("^HTTP/1.1 (200|503) ");
            return answer.startsWith("HTTP/1.1 200 ");
        });
    }

    private String healthAs(String client) throws Exception {
        String command = "printf 'GET /health HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' |"
                + " openssl s_client -quiet -connect 127.0.0.1:" + nodes.balancerPort() + " -CAfile " + pki.root()
                + " -cert " + pki.file(client + ".crt") + " -key " + pki.file(client + ".key");
        return Commands.run(folder, Map.of(), "sh", "-c", command).output();
    }

    @Test
    void a_node_that_cannot_issue_gets_nothing_while_another_can_and_serves_roots_when_none_can() throws Exception {
        try (Balancer haproxy = haproxy()) {
            nodes.node(0).signal("TERM");
            haproxy.awaitLine("Server can_issue/ca1 is stopping");
            long before = nodes.requestsOf(0);
            for (int i = 0; i < 10; i++) {
                awaitHealth();
            }
            bootstrapAndCertificate();
            assertThat(nodes.requestsOf(0))
                    .as("requests to the node that stops")
                    .isEqualTo(before);

            nodes.node(1).signal("TERM");
            haproxy.awaitLine("Server can_issue/ca2 is stopping");
            assertThat(nodes.get("/roots", CLIENT)).startsWith("HTTP/1.1 201 ").contains("BEGIN CERTIFICATE");
            assertThat(nodes.get("/health", CLIENT)).startsWith("HTTP/1.1 503 ");
            haproxy.awaitLine(" chancery can_read/ca");
        }
    }

    @Test
    void a_node_that_is_killed_is_passed_over_at_once() throws Exception {
        try (Balancer haproxy = haproxy()) {
            nodes.node(0).kill();
            for (int i = 0; i < 10; i++) {
                awaitHealth();
            }
            haproxy.awaitLine("Server can_issue/ca1 is DOWN");
        }
    }
}
