package io.chancery.cli.store;

import io.chancery.node.store.Reconciliation.Finding;
import io.chancery.node.store.Reconciliation.Summary;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;

/** Prints what a reconciliation finds, each as it is found. */
final class ReconcileReport {
    private final boolean json;
    private final PrintStream out;
    private final PrintStream err;
    private boolean first = true;

    ReconcileReport(boolean json, PrintStream out, PrintStream err) {
        this.json = json;
        this.out = out;
        this.err = err;
    }

    void begin() {
        if (json) {
            out.println("{\"findings\":[");
        }
    }

    void finding(Finding finding) {
        String time = finding.time().map(Object::toString).orElse("");
        if (json) {
            JsonObject object = new JsonObject()
                    .put("kind", finding.kind().text())
                    .put("serial", finding.serial())
                    .put("time", time)
                    .put("detail", finding.detail());
            out.println((first ? "" : ",") + object.encode());
        } else {
            out.println(String.join(
                    "\t", finding.kind().text(), finding.serial(), time, CertificateTable.printable(finding.detail())));
        }
        first = false;
    }

    void end(Summary summary) {
        if (json) {
            out.println("],\"signatures\":" + summary.signatures() + ",\"certificates\":" + summary.certificates()
                    + ",\"tornLines\":" + summary.torn() + ",\"underWay\":" + summary.underWay() + ",\"forgotten\":"
                    + summary.forgotten() + ",\"agree\":"
                    + summary.agree() + "}");
            return;
        }
        err.println(summary.signatures() + " signature(s) and " + summary.certificates()
                + " issued certificate(s) compared, " + summary.underWay() + " still under way");
        if (summary.torn() > 0) {
            err.println(
                    summary.torn() + " line(s) broken off by a signer that was killed; those signatures never left it");
        }
        if (summary.forgotten() > 0) {
            err.println(summary.forgotten() + " signature(s) are so old that their certificates may have been forgotten"
                    + " (chancery.json#/store/keepExpired): they were not compared");
        }
        err.println(summary.agree() ? "logs and store agree" : summary.findings() + " difference(s)");
    }
}
