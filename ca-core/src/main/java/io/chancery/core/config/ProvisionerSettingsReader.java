package io.chancery.core.config;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Reads {@code provisioners} of chancery.json: by name, what ca.json has no member for. */
final class ProvisionerSettingsReader {
    private final Problems problems;
    private final Path folder;

    ProvisionerSettingsReader(Problems problems, Path folder) {
        this.problems = problems;
        this.folder = folder;
    }

    Map<String, ProvisionerSettings> read(Node all) {
        Map<String, ProvisionerSettings> settings = new HashMap<>();
        for (String name : all.members().keySet()) {
            Node node = all.object(name);
            settings.put(
                    name,
                    new ProvisionerSettings(
                            new NamePolicyReader(problems).read(node.object("policy")),
                            webhooks(node.object("webhooks"))));
            node.reportUnknown(true);
        }
        return settings;
    }

    private Map<String, ProvisionerSettings.Webhook> webhooks(Node all) {
        Map<String, ProvisionerSettings.Webhook> webhooks = new HashMap<>();
        for (String name : all.members().keySet()) {
            Node node = all.object(name);
            Optional<Path> bearer = node.path("bearerTokenFile", folder);
            Optional<ProvisionerSettings.BasicAuth> basic = basicAuth(node);
            if (bearer.isPresent() && basic.isPresent()) {
                problems.error(
                        node.pointer("basicAuth"),
                        "an object beside bearerTokenFile",
                        "one of them: a request has one Authorization header");
            }
            webhooks.put(name, new ProvisionerSettings.Webhook(node.path("secretFile", folder), bearer, basic));
            node.reportUnknown(true);
        }
        return webhooks;
    }

    private Optional<ProvisionerSettings.BasicAuth> basicAuth(Node webhook) {
        if (!webhook.has("basicAuth")) {
            return Optional.empty();
        }
        Node node = webhook.object("basicAuth");
        String user = node.required("username", "the user's name");
        if (user.indexOf(':') >= 0) { // RFC 7617 s. 2
            problems.error(node.pointer("username"), Node.quoted(user), "a name without a colon");
        }
        String file = node.required("passwordFile", "the path of a file that holds the password");
        Path path = node.toPath(node.pointer("passwordFile"), file, folder).orElse(folder);
        node.reportUnknown(true);
        return Optional.of(new ProvisionerSettings.BasicAuth(user, path));
    }
}
