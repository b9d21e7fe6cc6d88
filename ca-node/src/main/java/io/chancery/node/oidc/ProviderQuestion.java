package io.chancery.node.oidc;

import io.chancery.core.chain.AbandonedIssuers;
import io.chancery.core.oidc.OpenIdEndpoint;
import io.vertx.core.Future;
import java.security.cert.X509Certificate;
import java.util.List;

/** Asks a provider who it is and what its keys are. */
interface ProviderQuestion {
    /** Ends by itself within seconds; fails with what was wrong, in words for an operator. */
    Future<ProviderAnswer> ask(OpenIdEndpoint endpoint);

    /**
     * From now on providers may have certificates of these roots, too, besides those that the platform trusts, but none
     * below those that are given up. Whoever is asked meanwhile is asked when it is done. Who holds nobody against a
     * certificate has nothing to do.
     */
    default Future<Void> trust(List<X509Certificate> roots, AbandonedIssuers abandoned) {
        return Future.succeededFuture();
    }
}
