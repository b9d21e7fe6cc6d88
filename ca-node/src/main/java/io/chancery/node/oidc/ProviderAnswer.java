package io.chancery.node.oidc;

import io.chancery.core.oidc.OpenIdProvider;
import java.time.Duration;

/**
 * A provider as it has just described itself.
 *
 * @param fresh for how long that is good
 */
record ProviderAnswer(OpenIdProvider provider, Duration fresh) {}
