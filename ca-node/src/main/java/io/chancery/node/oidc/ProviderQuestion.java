package io.chancery.node.oidc;

import io.chancery.core.oidc.OpenIdEndpoint;
import io.vertx.core.Future;

/** Asks a provider who it is and what its keys are. */
interface ProviderQuestion {
    /** Ends by itself within seconds; fails with what was wrong, in words for an operator. */
    Future<ProviderAnswer> ask(OpenIdEndpoint endpoint);
}
