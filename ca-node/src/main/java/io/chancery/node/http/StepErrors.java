package io.chancery.node.http;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renders every failure of the step API as {@code {"status","message"}} (wire contract s. 2). The only place there that
 * writes an error status. What is not a CaException becomes a fixed text; its cause goes to the log with the request's id.
 */
public final class StepErrors implements Handler<RoutingContext> {
    private static final Logger LOG = LoggerFactory.getLogger(StepErrors.class);
    /** Of what the log says, in characters. */
    private static final int LONGEST_REASON = 1_024;

    private static final String SEE_LOGS = " Please see the certificate authority logs for more info.";

    @Override
    public void handle(RoutingContext ctx) {
        if (ctx.failure() instanceof HttpClosedException || ctx.failure() instanceof StreamResetException) {
            return; // the client went, or took its request back: there is nobody to answer
        }
        CaException failure = failure(ctx);
        int status = status(failure.code());
        if (ctx.response().headWritten()) {
            return; // a second failure of one request: it has its answer
        }
        log(ctx, failure, status);
        RequestContext.of(ctx).facts().error(failure.code());
        if (status == 503) {
            ctx.response().putHeader("Retry-After", "1");
        }
        JsonObject body = new JsonObject().put("status", status).put("message", message(failure, status));
        Answer.send(ctx, status, "application/json", body.encode() + "\n");
    }

    private static CaException failure(RoutingContext ctx) {
        Throwable cause = ctx.failure();
        if (cause instanceof CaException known) {
            return known;
        }
        if (ctx.statusCode() == 413) {
            return ComingBodies.needsNone(ctx.request().method())
                    ? CaException.of(ErrorCode.TOO_LARGE, "The request needs no body, and has one over 1 KiB.")
                    : CaException.hidden(ErrorCode.TOO_LARGE, "a body over the limit");
        }
        if (ctx.statusCode() >= 400 && ctx.statusCode() < 500) {
            // By a handler of the framework: of a request that cannot be read, or that expects what nobody does.
            return CaException.hidden(ErrorCode.MALFORMED, "refused as HTTP, with status " + ctx.statusCode());
        }
        return cause == null
                ? CaException.hidden(ErrorCode.INTERNAL, "failed with status " + ctx.statusCode())
                : CaException.hidden(ErrorCode.INTERNAL, "unexpected failure", cause);
    }

    /** The HTTP status of each code. */
    public static int status(ErrorCode code) {
        return switch (code) {
            case MALFORMED, BAD_CSR, BAD_KEY, ALREADY_REVOKED -> 400;
            case TOKEN_INVALID, TOKEN_USED, PROVISIONER_DISABLED, RENEWAL_REFUSED, RENEW_TOKEN_INVALID -> 401;
            case FORBIDDEN, POLICY_REFUSED -> 403;
            case NOT_FOUND -> 404;
            case TOO_SLOW -> 408;
            case TOO_LARGE -> 413;
            case NOT_IMPLEMENTED -> 501;
            case OVERLOADED, STORE_UNAVAILABLE, SIGNER_UNAVAILABLE, WEBHOOK_UNAVAILABLE, DEADLINE_EXCEEDED -> 503;
            case SIGNER_REFUSED, TEMPLATE_FAILED, INTERNAL, RENEW_TOKEN_FOREIGN, NAME_NOT_JUDGED -> 500;
        };
    }

    private static String message(CaException failure, int status) {
        String detail = failure.publicDetail();
        if (!detail.isEmpty()) {
            return switch (status) {
                case 400 -> "The request could not be completed: " + detail + ".";
                case 403 ->
                    "The request was forbidden by the certificate authority: " + detail
                            // step-ca ends its sentence so for all but names that a policy refuses
                            + (failure.code() == ErrorCode.POLICY_REFUSED ? "" : ".");
                default -> detail;
            };
        }
        return switch (status) {
            case 400 -> "The request could not be completed; malformed or missing data." + SEE_LOGS;
            case 401 -> "The request lacked necessary authorization to be completed." + SEE_LOGS;
            case 403 -> "The request was forbidden by the certificate authority." + SEE_LOGS;
            case 404 -> "The requested resource could not be found." + SEE_LOGS;
            case 408 -> "The request did not arrive in time.";
            case 413 -> "The request is larger than 64 KiB.";
            case 501 -> "The requested method is not implemented by the certificate authority." + SEE_LOGS;
            case 503 -> "The certificate authority cannot do this at the moment. Please try again.";
            default -> "The certificate authority encountered an Internal Server Error." + SEE_LOGS;
        };
    }

    /** A reason may quote what a client sent, which fills a body: no log is to be filled by it. */
    static String shortened(String reason) {
        return reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) + "…" : reason;
    }

    private static void log(RoutingContext ctx, CaException failure, int status) {
        boolean ours = status == 500
                && failure.code() != ErrorCode.RENEW_TOKEN_FOREIGN
                && failure.code() != ErrorCode.NAME_NOT_JUDGED;
        var line = ours ? LOG.atError().setCause(failure.getCause()) : LOG.atInfo();
        line.addKeyValue("requestId", RequestContext.of(ctx).requestId())
                .addKeyValue("errorCode", failure.code())
                .addKeyValue("reason", shortened(String.valueOf(failure.getMessage())))
                .log("request refused");
    }
}
