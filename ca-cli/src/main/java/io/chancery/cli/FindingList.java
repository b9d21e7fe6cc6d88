package io.chancery.cli;

import io.chancery.signer.admin.Finding;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** What a doctor found, for people or for scripts. */
public final class FindingList {
    private FindingList() {}

    public static void print(List<Finding> findings, boolean json, PrintStream out) {
        JsonArray all = new JsonArray();
        for (Finding finding : findings) {
            String status = finding.status().name().toLowerCase(Locale.ROOT);
            if (json) {
                all.add(new JsonObject()
                        .put("check", finding.check())
                        .put("status", status)
                        .put("found", finding.found())
                        .put("todo", finding.todo()));
            } else {
                out.println(status + "\t" + finding.check() + "\t" + finding.found());
                if (!finding.todo().isEmpty()) {
                    out.println("\t\tto do: " + finding.todo());
                }
            }
        }
        if (json) {
            out.println(all.encodePrettily());
        }
        out.flush();
    }

    /** 1 when something failed. */
    public static int exitCode(List<Finding> findings) {
        return findings.stream().anyMatch(it -> it.status() == Finding.Status.FAILED) ? 1 : 0;
    }
}
