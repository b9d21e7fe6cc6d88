package io.chancery.core.lint;

import java.util.Optional;

/**
 * One rule. There is no lesser degree than refusal: what is only frowned upon is a rule that has to be asked for.
 *
 * @param name as operators write it in chancery.json
 * @param source the standard that has it, with its section
 * @param refuses what it refuses, in words
 */
public record LintRule(String name, Part part, Scope scope, String source, String refuses, Check check) {
    /** What of a certificate a rule looks at, and so who can have broken it. */
    public enum Part {
        /** Serial, issuer, validity, subject. */
        FIELDS,
        /** The subject's public key, which is always the requester's choice. */
        KEY,
        /** Subject alternative names. */
        NAMES,
        EXTENSIONS
    }

    /** When a rule is held. */
    public enum Scope {
        /** Against every certificate. */
        STANDARD,
        /** Against what is meant to be a CA certificate. */
        AUTHORITY,
        /** When the configuration asks for it: step-ca's users have certificates that break it. */
        STRICT
    }

    /** Says what is wrong, field first; empty when nothing is. A RuntimeException counts as broken. */
    @FunctionalInterface
    interface Check {
        Optional<String> problem(ToBeSigned certificate);
    }
}
