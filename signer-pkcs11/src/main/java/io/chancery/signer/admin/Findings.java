package io.chancery.signer.admin;

import java.util.ArrayList;
import java.util.List;

/** What the checks of the doctor came to, in order. Any thread: whoever has waited long enough reads what there is. */
final class Findings {
    private final List<Finding> all = new ArrayList<>();
    private String underWay = "";

    /** The check that is about to ask the library. */
    synchronized void begin(String check) {
        underWay = check;
    }

    void ok(String check, String found) {
        add(new Finding(check, Finding.Status.OK, found, ""));
    }

    void warning(String check, String found, String todo) {
        add(new Finding(check, Finding.Status.WARNING, found, todo));
    }

    void failed(String check, String found, String todo) {
        add(new Finding(check, Finding.Status.FAILED, found, todo));
    }

    void failed(String check, RuntimeException why, String todo) {
        failed(check, String.valueOf(why.getMessage()), todo);
    }

    void skip(String check, String why) {
        add(new Finding(check, Finding.Status.SKIPPED, why, ""));
    }

    private synchronized void add(Finding finding) {
        all.add(finding);
    }

    synchronized List<Finding> all() {
        return List.copyOf(all);
    }

    /** Those so far, and that the check under way has failed. */
    synchronized List<Finding> unanswered(String found, String todo) {
        List<Finding> soFar = new ArrayList<>(all);
        soFar.add(new Finding(underWay, Finding.Status.FAILED, found, todo));
        return soFar;
    }
}
