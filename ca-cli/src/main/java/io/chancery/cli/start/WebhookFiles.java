package io.chancery.cli.start;

import io.chancery.cli.UsageException;
import io.chancery.core.config.ProvisionerSettings;
import io.chancery.core.json.Json;
import io.chancery.core.webhook.Webhook;
import io.chancery.node.webhook.WebhookCredentials;
import io.chancery.node.webhook.WebhookSecrets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The secrets of webhooks, from the files that chancery.json names. */
final class WebhookFiles {
    private static final long LONGEST = 1 << 16;

    private WebhookFiles() {}

    /**
     * Waits for the disk.
     *
     * @param provisioners members of ca.json: a name that none of them has, or no webhook of it, is an error
     * @param asked webhooks that a provisioner has asked; the files of others are looked at, and what they hold is not kept
     * @throws UsageException naming the member, or the file that cannot be used
     */
    static WebhookSecrets read(
            Map<String, ProvisionerSettings> settings,
            List<Map<String, Object>> provisioners,
            Function<String, List<Webhook>> asked)
            throws UsageException {
        Map<WebhookSecrets.Owner, WebhookCredentials> all = new HashMap<>();
        for (Map.Entry<String, ProvisionerSettings> each : settings.entrySet()) {
            String name = each.getKey();
            Map<String, Object> provisioner = named(name, provisioners)
                    .orElseThrow(() -> new UsageException(
                            "chancery.json#/provisioners/" + name + ": no provisioner of ca.json has this name"));
            for (Map.Entry<String, ProvisionerSettings.Webhook> hook :
                    each.getValue().webhooks().entrySet()) {
                String place = "chancery.json#/provisioners/" + name + "/webhooks/" + hook.getKey();
                if (named(hook.getKey(), webhooks(provisioner)).isEmpty()) {
                    throw new UsageException(place + ": this provisioner has no webhook of this name in ca.json");
                }
                WebhookCredentials credentials = credentials(hook.getValue(), place);
                asked.apply(name).stream()
                        .filter(webhook -> webhook.name().equals(hook.getKey()))
                        .forEach(webhook -> all.put(WebhookSecrets.Owner.of(name, webhook), credentials));
            }
        }
        return new WebhookSecrets(all);
    }

    private static Optional<Map<String, Object>> named(String name, List<Map<String, Object>> objects) {
        return objects.stream()
                .filter(each -> name.equals(Json.member(each, "name")))
                .findFirst();
    }

    @SuppressWarnings("unchecked") // JSON objects have string keys
    private static List<Map<String, Object>> webhooks(Map<String, Object> provisioner) {
        return Json.member(provisioner, "options") instanceof Map<?, ?> options
                        && Json.member((Map<String, Object>) options, "webhooks") instanceof List<?> list
                ? list.stream()
                        .filter(Map.class::isInstance)
                        .map(each -> (Map<String, Object>) each)
                        .toList()
                : List.of();
    }

    private static WebhookCredentials credentials(ProvisionerSettings.Webhook from, String place)
            throws UsageException {
        WebhookCredentials credentials = WebhookCredentials.NONE;
        Path file = Path.of("");
        try {
            if (from.secretFile().isPresent()) {
                file = from.secretFile().get();
                credentials = credentials.withKey(text(file, place + "/secretFile"));
            }
            if (from.bearerTokenFile().isPresent()) {
                file = from.bearerTokenFile().get();
                credentials = credentials.withBearerToken(text(file, place + "/bearerTokenFile"));
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException(place + ": " + file + " holds " + e.getMessage());
        }
        if (from.basicAuth().isPresent()) {
            ProvisionerSettings.BasicAuth basic = from.basicAuth().get();
            String password = text(basic.passwordFile(), place + "/basicAuth/passwordFile");
            if (password.isEmpty()) {
                throw new UsageException(
                        place + "/basicAuth/passwordFile: " + basic.passwordFile() + " holds an empty password");
            }
            credentials = credentials.withPassword(basic.username(), password);
        }
        return credentials;
    }

    private static String text(Path file, String place) throws UsageException {
        try {
            if (Files.exists(file) && !Files.isRegularFile(file)) { // a pipe would never end
                throw new UsageException(place + ": " + file + " is no regular file");
            }
            if (Files.size(file) > LONGEST) {
                throw new UsageException(place + ": " + file + " is larger than 64 KiB");
            }
            return Files.readString(file, StandardCharsets.UTF_8).stripTrailing();
        } catch (IOException e) {
            throw new UsageException(
                    place + ": cannot read " + file + " (" + e.getClass().getSimpleName() + ")");
        }
    }
}
