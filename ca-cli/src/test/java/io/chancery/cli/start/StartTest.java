package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.core.secret.Secret;
import io.chancery.node.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole CA in this process, as the command's options start it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
@Timeout(120)
class StartTest {
    @TempDir
    private Path folder;

    private IssuerPlace place;
    private Path caJson;

    @BeforeEach
    void configure() throws Exception {
        place = new IssuerPlace(folder);
        place.make("first");
        caJson = place.configure("first", Map.of("management", Map.of("address", "127.0.0.1:0")));
    }

    private LoadedConfig loaded() throws Exception {
        return LoadedConfig.forStart(caJson, false, Ca.Role.all, IssuerPlace.SURROUNDINGS);
    }

    private Ca start(Optional<Secret> password, boolean startEmpty) throws Exception {
        return Ca.start(loaded(), Ca.Role.all, password, startEmpty, IssuerPlace.SURROUNDINGS);
    }

    private void set(String member, Object value) throws Exception {
        Map<String, Object> all = JSONObjectUtils.parse(Files.readString(caJson));
        all.put(member, value);
        Files.writeString(caJson, JSONObjectUtils.toJSONString(all));
    }

    private String reasonOfTheEpoch() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("db/chancery.db"));
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT reason FROM store_epoch")) {
            assertThat(row.next()).isTrue();
            return row.getString(1);
        }
    }

    @Test
    void where_a_step_ca_has_worked_it_starts_when_told_to_go_on_and_from_then_on_by_itself() throws Exception {
        Files.createFile(Files.createDirectory(folder.resolve("db")).resolve("000000.vlog"));
        assertThatThrownBy(() -> start(Optional.empty(), false).close())
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("--start-empty");
        try (Ca told = start(Optional.empty(), true)) {
            assertThat(told.awaitReady()).isPositive();
            assertThat(reasonOfTheEpoch()).isEqualTo("STARTED_EMPTY");
        }
        try (Ca again = start(Optional.empty(), false)) {
            assertThat(again.awaitReady()).isPositive();
        }
    }

    @Test
    void it_signs_with_a_key_that_the_password_opens_which_was_given_and_not_ca_json_s() throws Exception {
        place.encrypt("first", "right");
        set("password", "wrong");
        Path file = Files.writeString(folder.resolve("password"), "right\n");
        ConfigFiles files = loaded().files();
        try (Ca ca = start(KeyPassword.find(files.ca(), files.issuerKey(), file), false)) {
            assertThat(ca.awaitReady()).as("it has a certificate for its port").isPositive();
        }
    }

    @Test
    void a_warning_keeps_the_old_configuration_in_force_where_a_start_was_strict() throws Exception {
        try (Ca ca = start(Optional.empty(), false)) {
            set("authority", Map.of("backdate", "2m"));
            set("dnsName", "misspelt");
            new Reload(caJson, true, IssuerPlace.SURROUNDINGS).reload(ca);
            assertThat(ca.caJson().authority().backdate()).isEqualTo(Duration.ofMinutes(1));
            new Reload(caJson, false, IssuerPlace.SURROUNDINGS).reload(ca);
            assertThat(ca.caJson().authority().backdate()).isEqualTo(Duration.ofMinutes(2));
        }
    }
}
