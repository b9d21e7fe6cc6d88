package io.chancery.node.http;

import io.vertx.core.json.JsonObject;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line a request, when ca.json's {@code logger} asks for it, on the logger {@code requests}: who asked for what and
 * what became of it; never a token, a body or a query.
 */
public final class RequestLog implements Consumer<AnsweredRequest> {
    /** The logger's name: its lines are whole as they are. */
    public static final String LOGGER = "requests";

    private static final Logger LOG = LoggerFactory.getLogger(LOGGER);
    private static final int LONGEST_TEXT = 256;
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._:/+@%-]+");
    private static final DateTimeFormatter APACHE =
            DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Supplier<RequestRules> rules;
    private final Consumer<String> lines;

    /** @param rules those in force; asked at every line */
    public RequestLog(Supplier<RequestRules> rules) {
        this(rules, LOG::info);
    }

    RequestLog(Supplier<RequestRules> rules, Consumer<String> lines) {
        this.rules = rules;
        this.lines = lines;
    }

    @Override
    public void accept(AnsweredRequest request) {
        rules.get().logFormat().ifPresent(format -> lines.accept(line(format, request)));
    }

    private static String line(LogFormat format, AnsweredRequest request) {
        return switch (format) {
            case common -> common(request);
            case json -> new JsonObject(members(request)).encode();
            case text -> text(members(request));
        };
    }

    /** Names as in step-ca's log, where it has them. */
    private static Map<String, Object> members(AnsweredRequest request) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("time", request.began().toString());
        members.put("level", request.status() >= 500 ? "error" : request.status() >= 400 ? "warning" : "info");
        members.put("request-id", request.context().requestId());
        members.put("remote-address", request.client().address());
        members.put("method", request.method());
        members.put("path", shortened(request.path()));
        members.put("protocol", request.client().protocol());
        members.put("status", request.status());
        members.put("size", request.bytes());
        members.put("duration", request.took().toNanos() / 1e6 + "ms");
        members.put("duration-ns", request.took().toNanos());
        members.put("user-agent", shortened(request.client().agent()));
        RequestFacts facts = request.context().facts();
        facts.provisioner().ifPresent(name -> members.put("provisioner", name));
        facts.serial().ifPresent(serial -> members.put("serial", serial));
        facts.error().ifPresent(code -> members.put("error-code", code.name()));
        return members;
    }

    private static String text(Map<String, Object> members) {
        StringBuilder line = new StringBuilder();
        members.forEach((name, value) -> {
            String text = String.valueOf(value);
            boolean plain = PLAIN.matcher(text).matches();
            line.append(line.isEmpty() ? "" : " ").append(name).append('=').append(plain ? text : quoted(text));
        });
        return line.toString();
    }

    /** {@code host ident user [time] "request" status bytes}; there is no ident and no user. */
    private static String common(AnsweredRequest request) {
        String asked = request.method() + " " + shortened(request.path()) + " "
                + request.client().protocol();
        return request.client().address() + " - - [" + APACHE.format(request.began()) + "] " + quoted(asked) + " "
                + request.status() + " " + (request.bytes() == 0 ? "-" : request.bytes());
    }

    private static String shortened(String text) {
        return text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) + "…" : text;
    }

    /** What a client chose may not break a line or end a quotation. */
    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c == 0x7f || (c >= 0x80 && c < 0xa0)) {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
