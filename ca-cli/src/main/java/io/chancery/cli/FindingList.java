package io.chancery.cli;

import io.chancery.signer.admin.Finding;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** What a doctor found, for people or for scripts. */
public final class FindingList {
    private FindingList() {}

    public static void print(List<Finding> findings, boolean json, PrintStream out) {
        if (json) {
            out.println(json(findings).encodePrettily());
        } else {
            findings.forEach(finding -> print(finding, out));
        }
        out.flush();
    }

    private static void print(Finding finding, PrintStream out) {
        out.println(text(finding.status()) + "\t" + finding.check() + "\t" + finding.found());
        if (!finding.todo().isEmpty()) {
            out.println("\t\tto do: " + finding.todo());
        }
    }

    /** For scripts, and for other nodes, which read it by {@link #read}. */
    public static JsonArray json(List<Finding> findings) {
        JsonArray all = new JsonArray();
        findings.forEach(finding -> all.add(new JsonObject()
                .put("check", finding.check())
                .put("status", text(finding.status()))
                .put("found", finding.found())
                .put("todo", finding.todo())));
        return all;
    }

    /** What another node says, of this version or another; ClassCastException or NullPointerException when it has another form. */
    public static List<Finding> read(JsonArray json) {
        return json.stream()
                .map(JsonObject.class::cast)
                .map(each -> new Finding(
                        Objects.requireNonNull(each.getString("check")),
                        status(Objects.requireNonNull(each.getString("status"))),
                        Objects.requireNonNull(each.getString("found")),
                        Objects.requireNonNull(each.getString("todo"))))
                .toList();
    }

    private static String text(Finding.Status status) {
        return status.name().toLowerCase(Locale.ROOT);
    }

    /** One that is not known here is to be looked at. */
    private static Finding.Status status(String text) {
        return Arrays.stream(Finding.Status.values())
                .filter(each -> text(each).equals(text))
                .findFirst()
                .orElse(Finding.Status.WARNING);
    }

    /** 1 when something failed. */
    public static int exitCode(List<Finding> findings) {
        return findings.stream().anyMatch(it -> it.status() == Finding.Status.FAILED) ? 1 : 0;
    }
}
