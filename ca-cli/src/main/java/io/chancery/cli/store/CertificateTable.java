package io.chancery.cli.store;

import io.chancery.core.pem.PemBlock;
import io.chancery.node.store.CertificateSearch.Event;
import io.chancery.node.store.CertificateSearch.Found;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Prints certificates of the store, for people and for scripts. */
final class CertificateTable {
    static final String HEADER = String.join("\t", "SERIAL", "STATE", "EPOCH", "NOT AFTER", "PROVISIONER", "NAMES");

    private CertificateTable() {}

    static String line(Found one) {
        return String.join(
                "\t",
                one.serial().decimal(),
                ListedState.of(one).name(),
                one.history().epoch() + (one.history().earlierEpoch() ? " (earlier)" : ""),
                one.validity().notAfter().toString(),
                printable(one.provisioner()),
                printable(String.join(",", one.names())));
    }

    static void show(Found one, PrintStream out) {
        out.println("serial: " + one.serial());
        out.println("serial (hex): " + one.serial().value().toString(16));
        out.println("state: " + ListedState.of(one));
        out.println("subject: " + printable(one.subject()));
        out.println("names: " + printable(String.join(", ", one.names())));
        out.println("provisioner: " + printable(one.provisioner()));
        out.println(
                "valid: " + one.validity().notBefore() + " to " + one.validity().notAfter());
        out.println("epoch: " + one.history().epoch() + (one.history().earlierEpoch() ? " (earlier)" : ""));
        one.history().revokedAt().ifPresent(time -> out.println("revoked: " + time));
        for (Event event : one.history().events()) {
            out.println("event: " + event.at() + " " + event.name() + " request " + printable(event.requestId()) + " "
                    + printable(event.detail()));
        }
        one.certificate().ifPresent(der -> out.print(new PemBlock("CERTIFICATE", Map.of(), der).encode()));
    }

    /** One object a line, in an array. */
    static void json(List<Found> found, PrintStream out) {
        out.println("[");
        for (int i = 0; i < found.size(); i++) {
            out.println(json(found.get(i)).encode() + (i < found.size() - 1 ? "," : ""));
        }
        out.println("]");
    }

    static JsonObject json(Found one) {
        JsonObject json = new JsonObject()
                .put("serial", one.serial().decimal())
                .put("state", one.state().name())
                .put("subject", one.subject())
                .put("names", new JsonArray(one.names()))
                .put("provisioner", one.provisioner())
                .put("notBefore", one.validity().notBefore().toString())
                .put("notAfter", one.validity().notAfter().toString())
                .put("epoch", one.history().epoch())
                .put("earlierEpoch", one.history().earlierEpoch())
                .put("reservedAt", one.history().reservedAt().toString());
        put(json, "finishedAt", one.history().finishedAt());
        put(json, "revokedAt", one.history().revokedAt());
        one.certificate()
                .ifPresent(der -> json.put("certificate", new PemBlock("CERTIFICATE", Map.of(), der).encode()));
        if (!one.history().events().isEmpty()) {
            json.put("events", events(one.history().events()));
        }
        return json;
    }

    private static JsonArray events(List<Event> events) {
        JsonArray json = new JsonArray();
        for (Event event : events) {
            json.add(new JsonObject()
                    .put("at", event.at().toString())
                    .put("event", event.name())
                    .put("requestId", event.requestId())
                    .put("detail", event.detail()));
        }
        return json;
    }

    private static void put(JsonObject json, String member, Optional<Instant> time) {
        time.ifPresent(t -> json.put(member, t.toString()));
    }

    /** What clients chose must not steer the terminal. */
    static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
