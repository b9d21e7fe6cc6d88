package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cli.UsageException;
import io.chancery.core.config.ProvisionerSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class WebhookFilesTest {
    private static final List<Map<String, Object>> PROVISIONERS = List.of(Map.of(
            "name",
            "p",
            "OPTIONS",
            Map.of("webhooks", List.of(Map.of("name", "h"), Map.of("name", "ssh", "certType", "SSH")))));

    @TempDir
    private Path folder;

    private Path file(String text) throws Exception {
        return Files.writeString(Files.createTempFile(folder, "secret", ""), text);
    }

    private static Map<String, ProvisionerSettings> settings(
            String provisioner, String hook, ProvisionerSettings.Webhook webhook) {
        return Map.of(provisioner, new ProvisionerSettings(Optional.empty(), Map.of(hook, webhook)));
    }

    private static ProvisionerSettings.Webhook secret(Path file) {
        return new ProvisionerSettings.Webhook(Optional.of(file), Optional.empty(), Optional.empty());
    }

    @Test
    void each_file_is_read_without_the_space_at_its_end() throws Exception {
        ProvisionerSettings.Webhook all = new ProvisionerSettings.Webhook(
                Optional.of(file("c2VjcmV0\n")), Optional.of(file("token \n")), Optional.empty());
        assertThat(WebhookFiles.read(settings("p", "h", all), PROVISIONERS)
                        .all()
                        .get("p"))
                .containsOnlyKeys("h");
        ProvisionerSettings.Webhook basic = new ProvisionerSettings.Webhook(
                Optional.empty(),
                Optional.empty(),
                Optional.of(new ProvisionerSettings.BasicAuth("u", file("a password\n"))));
        assertThat(WebhookFiles.read(settings("p", "ssh", basic), PROVISIONERS)
                        .all()
                        .get("p"))
                .containsOnlyKeys("ssh");
    }

    @Test
    void a_name_that_nobody_has_is_an_error() throws Exception {
        Path file = file("c2VjcmV0");
        assertThatThrownBy(() -> WebhookFiles.read(settings("q", "h", secret(file)), PROVISIONERS))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("chancery.json#/provisioners/q: ");
        assertThatThrownBy(() -> WebhookFiles.read(settings("p", "g", secret(file)), PROVISIONERS))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("chancery.json#/provisioners/p/webhooks/g: ");
    }

    @Test
    void a_file_that_cannot_be_used_is_named_and_nothing_of_it_is_shown() throws Exception {
        for (Path bad :
                List.of(file("n0 Base64!"), file(""), file("x".repeat(70_000)), folder.resolve("missing"), folder)) {
            assertThatThrownBy(() -> WebhookFiles.read(settings("p", "h", secret(bad)), PROVISIONERS))
                    .isInstanceOf(UsageException.class)
                    .hasMessageStartingWith("chancery.json#/provisioners/p/webhooks/h")
                    .hasMessageContaining(bad.toString())
                    .message()
                    .doesNotContain("n0 Base64!");
        }
    }
}
