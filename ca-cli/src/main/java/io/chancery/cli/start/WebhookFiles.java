package io.chancery.cli.start;

import io.chancery.core.config.ConfigProblem;
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
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The secrets of webhooks, from the files that chancery.json names. */
final class WebhookFiles {
    private static final long LONGEST = 1 << 16;

    private WebhookFiles() {}

    /**
     * Waits for the disk.
     *
     * @param provisioners members of ca.json: a name that none of them has, or no webhook of it, is an error
     * @param asked webhooks that a provisioner has asked; the files of others are looked at, and what they hold is not kept
     * @param problem takes the member, or the file, that cannot be used
     */
    static WebhookSecrets read(
            Map<String, ProvisionerSettings> settings,
            List<Map<String, Object>> provisioners,
            Function<String, List<Webhook>> asked,
            Consumer<ConfigProblem> problem) {
        Map<WebhookSecrets.Owner, WebhookCredentials> all = new HashMap<>();
        settings.forEach((name, each) -> each.webhooks().entrySet().forEach(hook -> {
            try {
                WebhookCredentials credentials = credentials(name, hook, provisioners);
                asked.apply(name).stream()
                        .filter(webhook -> webhook.name().equals(hook.getKey()))
                        .forEach(webhook -> all.put(WebhookSecrets.Owner.of(name, webhook), credentials));
            } catch (ConfigException e) {
                problem.accept(e.problem());
            }
        }));
        return new WebhookSecrets(all);
    }

    private static WebhookCredentials credentials(
            String provisioner,
            Map.Entry<String, ProvisionerSettings.Webhook> hook,
            List<Map<String, Object>> provisioners)
            throws ConfigException {
        String place = "/provisioners/" + ConfigProblem.escaped(provisioner);
        Map<String, Object> owner = named(provisioner, provisioners)
                .orElseThrow(() -> ConfigException.ofChanceryJson(
                        place, "the name of no provisioner in ca.json", "one that has the webhook"));
        String ofHook = place + "/webhooks/" + ConfigProblem.escaped(hook.getKey());
        if (named(hook.getKey(), webhooks(owner)).isEmpty()) {
            throw ConfigException.ofChanceryJson(
                    ofHook,
                    "the name of no webhook of this provisioner in ca.json",
                    webhooks(owner).stream()
                            .map(each -> String.valueOf(Json.member(each, "name")))
                            .collect(Collectors.collectingAndThen(
                                    Collectors.joining(", "), all -> all.isEmpty() ? "nothing; it has none" : all)));
        }
        return credentials(hook.getValue(), ofHook);
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
            throws ConfigException {
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
            throw ConfigException.ofChanceryJson(
                    place, file + ", which holds " + e.getMessage(), "a file with a secret as step shows it");
        }
        if (from.basicAuth().isPresent()) {
            ProvisionerSettings.BasicAuth basic = from.basicAuth().get();
            String password = text(basic.passwordFile(), place + "/basicAuth/passwordFile");
            if (password.isEmpty()) {
                throw ConfigException.ofChanceryJson(
                        place + "/basicAuth/passwordFile",
                        basic.passwordFile() + ", which holds an empty password",
                        "a file with a password");
            }
            credentials = credentials.withPassword(basic.username(), password);
        }
        return credentials;
    }

    private static String text(Path file, String place) throws ConfigException {
        String trouble;
        try {
            if (Files.exists(file) && !Files.isRegularFile(file)) { // a pipe would never end
                trouble = "is no regular file";
            } else if (Files.size(file) > LONGEST) {
                trouble = "is larger than 64 KiB";
            } else {
                return Files.readString(file, StandardCharsets.UTF_8).stripTrailing();
            }
        } catch (IOException e) {
            trouble = "cannot be read: " + FileTrouble.of(file, e);
        }
        throw ConfigException.ofChanceryJson(place, file + ", which " + trouble, "a text file of at most 64 KiB");
    }
}
