package io.chancery.core.policy;

/**
 * Why a policy does not let a name pass.
 *
 * @param kind {@code cn}, {@code dns}, {@code ip}, {@code email} or {@code uri}
 * @param name as it would stand in the certificate
 * @param judged whether the name could be held against the rules at all
 * @param rule which rule it was, or what the name has that no rule can be held against; for the log
 */
public record Refusal(String kind, String name, boolean judged, String rule) {
    Refusal ofCommonName() {
        return new Refusal("cn", name, judged, rule + ", as " + kind);
    }

    /** For the caller, in step-ca's words; Go quotes so. */
    public String words() {
        String quoted = '"' + name.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        return judged ? kind + " name " + quoted + " not allowed" : "cannot parse " + kind + " name " + quoted;
    }
}
