package io.chancery.node.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Says in each answer when it began, as every server with a clock does: RFC 9110 s. 6.6.1. Any thread. */
final class AnswerDate implements Handler<RoutingContext> {
    private static final DateTimeFormatter FORM = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final InstantSource clock;

    AnswerDate(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public void handle(RoutingContext ctx) {
        int unused = ctx.addHeadersEndHandler(head -> putInto(ctx.response()));
        ctx.next();
    }

    void putInto(HttpServerResponse response) {
        response.putHeader("Date", FORM.format(clock.instant()));
    }
}
