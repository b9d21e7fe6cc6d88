package io.chancery.node.http;

import io.chancery.core.error.ErrorCode;
import java.util.Optional;

/** What becomes known of a request on its way, for the log and the metrics. Used on the request's event loop alone. */
public final class RequestFacts {
    /** Of a request that reached no endpoint. */
    public static final String NO_ROUTE = "none";

    private String route = NO_ROUTE;
    private Optional<String> provisioner = Optional.empty();
    private Optional<String> serial = Optional.empty();
    private Optional<ErrorCode> error = Optional.empty();

    /** The endpoint's path as it is mounted, without the version prefix: of a small fixed set. */
    public void route(String path) {
        route = path;
    }

    public void provisioner(String name) {
        provisioner = Optional.of(name);
    }

    /** Decimal, as step prints it. */
    public void serial(String decimal) {
        serial = Optional.of(decimal);
    }

    public void error(ErrorCode code) {
        error = Optional.of(code);
    }

    public String route() {
        return route;
    }

    public Optional<String> provisioner() {
        return provisioner;
    }

    public Optional<String> serial() {
        return serial;
    }

    public Optional<ErrorCode> error() {
        return error;
    }
}
