package io.chancery.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.config.CaConfig;
import io.chancery.core.config.CaConfigReader;
import io.chancery.core.config.ChanceryConfig;
import io.chancery.core.config.ChanceryConfigReader;
import io.chancery.core.config.ConfigResult;
import io.chancery.core.config.PostgresSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The example configurations in deploy/. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class DeployFilesTest {
    private static ChanceryConfig read(String role) throws IOException {
        String file = "deploy/node/" + role + ".chancery.json";
        ConfigResult<ChanceryConfig> result = ChanceryConfigReader.read(
                file, Files.readString(Path.of(file), StandardCharsets.UTF_8), Path.of("/etc/chancery"));
        assertThat(result.problems()).isEmpty();
        return result.config().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "api", "signer"})
    void every_role_has_an_example_of_a_node_in_a_cluster(String role) throws Exception {
        assertThat(read(role).cluster()).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "api"})
    void nodes_with_an_api_listen_where_the_balancers_files_look_for_them(String role) throws Exception {
        ChanceryConfig config = read(role);
        String proxyAddress = address(config.proxies().address().orElseThrow().host())
                + config.proxies().address().orElseThrow().port();
        assertThat(text("haproxy/haproxy.cfg"))
                .contains("server ca1 " + proxyAddress)
                .contains("check port " + config.management().address().port() + " ");
        assertThat(text("nginx/chancery.conf")).contains("server " + proxyAddress + " ");
    }

    @Test
    void the_firewall_opens_the_ports_that_the_examples_have() throws Exception {
        ChanceryConfig config = read("all");
        ChanceryConfig.Cluster cluster = config.cluster().orElseThrow();
        assertThat(text("wireguard/nftables.conf"))
                .contains("dport " + config.proxies().address().orElseThrow().port() + " accept")
                .contains("dport " + config.management().address().port() + " accept")
                .contains("dport { " + cluster.hazelcast().port() + ", "
                        + cluster.bus().port() + " } accept");
        assertThat(text("wireguard/wg-chancery.conf"))
                .contains("Address = " + cluster.hazelcast().host() + "/24");
    }

    @Test
    void nodes_know_both_databases_by_a_name_that_is_verified_and_hold_them_to_what_the_primarys_file_promises()
            throws Exception {
        Path base = Path.of("/etc/chancery");
        ConfigResult<CaConfig> ca = CaConfigReader.read("ca.json", text("node/ca.json"), base, base);
        assertThat(ca.problems().stream().map(Object::toString))
                .as("but for the provisioners, which are the operator's")
                .allMatch(problem -> problem.contains("provisioners"));
        PostgresSource source = ca.config().orElseThrow().db().postgres().orElseThrow();
        assertThat(source.ssl()).containsEntry("sslmode", "verify-full").containsKey("sslrootcert");
        assertThat(source.unknown()).isEmpty();
        String primary = source.hosts().get(0).host();
        assertThat(text("postgresql/primary.conf")).contains("listen_addresses = '" + primary + "'");
        assertThat(text("postgresql/standby.conf"))
                .contains("primary_conninfo = 'host=" + primary + " port="
                        + source.hosts().get(0).port());
        assertThat(source.hosts()).as("primary and both standbys").hasSize(3);
        String role = source.user().orElseThrow();
        String database = source.database().orElseThrow();
        assertThat(text("postgresql/roles.sql"))
                .contains("CREATE ROLE " + role + " ")
                .contains("GRANT CONNECT ON DATABASE " + database + " TO " + role);
        assertThat(text("postgresql/primary.conf")).contains("\nsynchronous_standby_names = 'ANY 1 ");
        for (String each : List.of("all", "api", "signer")) {
            assertThat(read(each).store().folder())
                    .as("what the systemd units let it write")
                    .contains(Path.of("/var/lib/chancery"));
        }
        for (String each : List.of("all", "api")) {
            assertThat(read(each).store().replication()).isEqualTo(ChanceryConfig.Replication.synchronous);
        }
    }

    private static String address(String host) {
        return host + ":";
    }

    private static String text(String file) throws IOException {
        return Files.readString(Path.of("deploy", file), StandardCharsets.UTF_8);
    }
}
