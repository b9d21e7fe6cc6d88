package io.chancery.signer.guard;

import java.util.function.Supplier;

/** Carries a refusal out of the depth of a check; never leaves this package. */
final class RuleBroken extends Exception {
    private static final long serialVersionUID = 1L;

    private final SigningRule rule;

    RuleBroken(SigningRule rule, String detail) {
        super(detail, null, false, false);
        this.rule = rule;
    }

    SigningRule rule() {
        return rule;
    }

    static void unless(boolean holds, SigningRule rule, String detail) throws RuleBroken {
        if (!holds) {
            throw new RuleBroken(rule, detail);
        }
    }

    /** As {@link #unless(boolean, SigningRule, String)}; the detail is made only when it is needed. */
    static void unless(boolean holds, SigningRule rule, Supplier<String> detail) throws RuleBroken {
        if (!holds) {
            throw new RuleBroken(rule, detail.get());
        }
    }
}
