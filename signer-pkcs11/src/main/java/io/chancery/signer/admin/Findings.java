package io.chancery.signer.admin;

import java.util.ArrayList;
import java.util.List;

/** What the checks of the doctor came to, in order. */
final class Findings {
    private final List<Finding> all = new ArrayList<>();

    void ok(String check, String found) {
        all.add(new Finding(check, Finding.Status.OK, found, ""));
    }

    void warning(String check, String found, String todo) {
        all.add(new Finding(check, Finding.Status.WARNING, found, todo));
    }

    void failed(String check, String found, String todo) {
        all.add(new Finding(check, Finding.Status.FAILED, found, todo));
    }

    void failed(String check, RuntimeException why, String todo) {
        failed(check, String.valueOf(why.getMessage()), todo);
    }

    void skip(String check, String why) {
        all.add(new Finding(check, Finding.Status.SKIPPED, why, ""));
    }

    List<Finding> all() {
        return List.copyOf(all);
    }
}
