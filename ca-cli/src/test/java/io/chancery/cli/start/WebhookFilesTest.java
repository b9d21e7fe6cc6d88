package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cli.UsageException;
import io.chancery.core.config.ConfigProblem;
import io.chancery.core.config.ProvisionerSettings;
import io.chancery.core.template.TemplateSources;
import io.chancery.core.webhook.Webhook;
import io.chancery.core.webhook.WebhookReader;
import io.chancery.node.webhook.WebhookSecrets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

    /** Of those above, the one that is asked. */
    private static List<Webhook> asked(String provisioner) {
        return provisioner.equals("p")
                ? new WebhookReader(Map.of(), TemplateSources.NONE)
                        .read(List.of(Map.of("name", "h", "kind", "ENRICHING", "url", "https://h.example:1/x")))
                : List.of();
    }

    private static WebhookSecrets read(String provisioner, String hook, ProvisionerSettings.Webhook webhook)
            throws UsageException {
        List<ConfigProblem> problems = new ArrayList<>();
        WebhookSecrets secrets = WebhookFiles.read(
                settings(provisioner, hook, webhook), PROVISIONERS, WebhookFilesTest::asked, problems::add);
        if (!problems.isEmpty()) {
            throw new UsageException(problems.get(0).text());
        }
        return secrets;
    }

    private static ProvisionerSettings.Webhook password(Path file) {
        return new ProvisionerSettings.Webhook(
                Optional.empty(), Optional.empty(), Optional.of(new ProvisionerSettings.BasicAuth("u", file)));
    }

    @Test
    void each_file_is_read_without_the_space_at_its_end() throws Exception {
        ProvisionerSettings.Webhook both = new ProvisionerSettings.Webhook(
                Optional.of(file("c2VjcmV0\n")), Optional.of(file("token \n")), Optional.empty());
        for (ProvisionerSettings.Webhook each : List.of(both, password(file("a password\n")))) {
            assertThat(read("p", "h", each).all()).hasSize(1);
        }
    }

    @Test
    void secrets_are_for_the_server_that_the_webhook_is_at() throws Exception {
        assertThat(read("p", "h", secret(file("c2VjcmV0"))).all())
                .containsOnlyKeys(new WebhookSecrets.Owner("p", "h", "https://h.example:1"));
    }

    @Test
    void those_of_a_webhook_that_is_never_asked_are_looked_at_and_not_kept() throws Exception {
        assertThat(read("p", "ssh", secret(file("c2VjcmV0"))).all()).isEmpty();
        assertThatThrownBy(() -> read("p", "ssh", secret(file("")))).isInstanceOf(UsageException.class);
    }

    @Test
    void an_empty_password_is_an_error_like_an_empty_secret() throws Exception {
        for (String text : List.of("", " \n")) {
            Path file = file(text);
            assertThatThrownBy(() -> read("p", "h", password(file)))
                    .isInstanceOf(UsageException.class)
                    .hasMessageStartingWith("chancery.json#/provisioners/p/webhooks/h/basicAuth/passwordFile: found "
                            + file + ", which holds an empty password");
        }
    }

    @Test
    void a_name_that_nobody_has_is_an_error() throws Exception {
        Path file = file("c2VjcmV0");
        assertThatThrownBy(() -> read("q", "h", secret(file)))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("chancery.json#/provisioners/q: ");
        assertThatThrownBy(() -> read("p", "g", secret(file)))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("chancery.json#/provisioners/p/webhooks/g: ");
    }

    @Test
    void a_file_that_cannot_be_used_is_named_and_nothing_of_it_is_shown() throws Exception {
        for (Path bad :
                List.of(file("n0 Base64!"), file(""), file("x".repeat(70_000)), folder.resolve("missing"), folder)) {
            assertThatThrownBy(() -> read("p", "h", secret(bad)))
                    .isInstanceOf(UsageException.class)
                    .hasMessageStartingWith("chancery.json#/provisioners/p/webhooks/h")
                    .hasMessageContaining(bad.toString())
                    .message()
                    .doesNotContain("n0 Base64!");
        }
    }
}
