package io.chancery.conformance;

import static org.junit.jupiter.api.Assertions.fail;

/** Says aloud that something was not tried, and fails: no report may look as if it had been. */
final class NotRun {
    private NotRun() {}

    static void because(String what, String reason) {
        String text = "NOT RUN: " + what + ": " + reason;
        System.out.println(text);
        fail(text);
    }
}
