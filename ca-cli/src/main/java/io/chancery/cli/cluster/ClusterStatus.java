package io.chancery.cli.cluster;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.cli.UsageException;
import io.chancery.core.config.CaConfig;
import io.chancery.core.config.ChanceryConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a running node says of its cluster, asked at its management port. */
final class ClusterStatus {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final List<String> HEADINGS =
            List.of("NODE", "ROLE", "VERSION", "SIGNS WITH", "PING", "ROOTS", "CA.JSON", "CHANCERY.JSON", "");
    private static final int BRIEF = 12;

    private ClusterStatus() {}

    /** Where this machine reaches the port. */
    static String address(ChanceryConfig.Management management) throws UsageException {
        CaConfig.HostPort address = management.address();
        if (address.port() == 0) {
            throw new UsageException("chancery.json#/management/address has port 0, any free one: name the one that the"
                    + " node printed with --management HOST:PORT");
        }
        String host = address.host().isEmpty() ? "127.0.0.1" : address.host();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.port();
    }

    /** The JSON text that the node answers at a path. */
    static String ask(String address, String path) throws IOException, InterruptedException, UsageException {
        HttpRequest request;
        try {
            request = HttpRequest.newBuilder(URI.create("http://" + address + path))
                    .timeout(TIMEOUT)
                    .build();
        } catch (IllegalArgumentException e) {
            throw new UsageException("--management " + address + ": should be HOST:PORT, such as 127.0.0.1:9090");
        }
        HttpResponse<String> response;
        try {
            response = HttpClient.newBuilder()
                    .connectTimeout(TIMEOUT)
                    .build()
                    .send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IOException(
                    "no node answers at the management port " + address
                            + "; it must be running, and one with --role signer has that port only where its"
                            + " chancery.json names it (management.address). Where nothing names it and 9090 was taken,"
                            + " the node's log has the port: --management HOST:PORT",
                    e);
        }
        if (response.statusCode() != 200) {
            throw new IOException("the management port " + address + " answered " + response.statusCode());
        }
        return response.body();
    }

    /** For people. */
    static String table(String json) throws IOException {
        try {
            Map<String, @Nullable Object> answer = JSONObjectUtils.parse(json);
            List<List<String>> rows = new ArrayList<>();
            rows.add(HEADINGS);
            for (Map<String, Object> member : members(answer)) {
                rows.add(row(member));
            }
            StringBuilder text = new StringBuilder();
            rows.forEach(row -> line(text, row, rows));
            text.append("the store's jobs run on: ")
                    .append(orUnknown(answer.get("storeJobs")))
                    .append("\nlists of revoked certificates are made by: ")
                    .append(lists(answer))
                    .append("\nthe store's epoch: ")
                    .append(
                            answer.get("epoch") instanceof Number number
                                    ? number + ", last answer within " + millis(answer.get("storeMillis"))
                                    : "not known: "
                                            + (asksASigner(answer)
                                                    ? "this node is a signer and has no store"
                                                    : "the store does not answer this node"))
                    .append('\n');
            if (answer.get("deaf") instanceof String deaf) {
                text.append("attention: ").append(deaf).append('\n');
            }
            return text.toString();
        } catch (ParseException e) {
            throw new IOException("the node's answer cannot be read", e);
        }
    }

    private static List<Map<String, Object>> members(Map<String, @Nullable Object> answer) throws ParseException {
        Map<String, Object>[] members = JSONObjectUtils.getJSONObjectArray(answer, "members");
        return members == null ? List.of() : List.of(members);
    }

    private static boolean asksASigner(Map<String, @Nullable Object> answer) throws ParseException {
        return members(answer).stream()
                .anyMatch(member -> Boolean.TRUE.equals(member.get("self")) && "signer".equals(member.get("role")));
    }

    private static List<String> row(Map<String, Object> member) {
        boolean self = Boolean.TRUE.equals(member.get("self"));
        String ping = millis(member.get("pingMillis"));
        List<String> keys = member.get("signs") instanceof Collection<?> signs
                ? signs.stream().map(ClusterStatus::brief).toList()
                : List.of();
        return List.of(
                text(member.get("node")),
                text(member.get("role")),
                text(member.get("version")),
                keys.isEmpty() ? "-" : String.join(",", keys),
                ping,
                brief(member.get("roots")),
                brief(member.get("caJson")),
                brief(member.get("chanceryJson")),
                self ? "this node" : Boolean.TRUE.equals(member.get("reached")) ? "" : "does not answer on the bus");
    }

    private static void line(StringBuilder text, List<String> row, List<List<String>> rows) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < row.size(); column++) {
            int at = column;
            int width = rows.stream().mapToInt(r -> r.get(at).length()).max().orElse(0);
            line.append(String.format(Locale.ROOT, "%-" + (width + 2) + "s", row.get(column)));
        }
        text.append(line.toString().stripTrailing()).append('\n');
    }

    private static String brief(@Nullable Object value) {
        String text = text(value);
        return text.length() <= BRIEF ? text : text.substring(0, BRIEF);
    }

    private static String millis(@Nullable Object value) {
        return value instanceof Number millis ? String.format(Locale.ROOT, "%.1f ms", millis.doubleValue()) : "-";
    }

    private static String lists(Map<String, @Nullable Object> answer) {
        return answer.get("lists") instanceof Collection<?> nodes && !nodes.isEmpty()
                ? String.join(", ", nodes.stream().map(ClusterStatus::text).toList())
                : "not known";
    }

    private static String orUnknown(@Nullable Object value) {
        return value == null ? "not known" : text(value);
    }

    private static String text(@Nullable Object value) {
        return value instanceof String text ? text : "?";
    }
}
