package io.chancery.node;

import io.chancery.core.config.CaConfig;
import io.chancery.core.config.ChanceryConfig;
import io.chancery.node.revocation.CrlSettings;
import io.chancery.node.step.Authority;
import io.chancery.node.webhook.WebhookSecrets;
import java.util.Optional;

/**
 * What an API node serves by: one configuration, whole. A reload puts another one in its place; requests that have
 * begun end under theirs.
 *
 * @param listeners of ca.json; the addresses in it are read at the start alone
 * @param webhooks what webhooks know this CA by
 * @param lists how lists of revoked certificates are made; empty when none are
 * @param proxies read at the start alone
 * @param management its address is read at the start alone
 */
public record ApiNodeConfig(
        Authority authority,
        WebhookSecrets webhooks,
        CaConfig.Listeners listeners,
        Optional<CrlSettings> lists,
        ChanceryConfig.Proxies proxies,
        ChanceryConfig.Management management,
        ChanceryConfig.Limits limits) {}
