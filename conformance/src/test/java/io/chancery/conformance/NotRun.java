package io.chancery.conformance;

import static org.junit.jupiter.api.Assertions.fail;

import org.junit.jupiter.api.Assumptions;

/** Says aloud that something was not tried: no report may look as if it had been. */
final class NotRun {
    private NotRun() {}

    /** Ends the test; as a failure where everything must run ({@code faults.strict}), else as one that was not run. */
    static void because(String what, String reason) {
        String text = say(what, reason);
        if (Boolean.getBoolean("faults.strict")) {
            fail(text);
        }
        Assumptions.abort(text);
    }

    private static String say(String what, String reason) {
        String text = "NOT RUN: " + what + ": " + reason;
        System.out.println(text);
        return text;
    }
}
