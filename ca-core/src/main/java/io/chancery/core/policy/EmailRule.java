package io.chancery.core.policy;

import java.util.regex.Pattern;

/**
 * {@code a@b.example}, that mailbox alone; {@code @b.example} or {@code b.example}, all mailboxes of that host and none of
 * those below it.
 *
 * @param mailbox the part before the at sign; empty for all
 */
record EmailRule(String text, String mailbox, String host) implements NameRule<Mailbox> {
    private static final Pattern NO_HOST = Pattern.compile("\\*|(^|\\.)xn--(\\.|$)");

    /** IllegalArgumentException saying what would be right. */
    static EmailRule parse(String text) {
        String lower = SmallLetters.of(text.strip());
        try {
            if (lower.indexOf('*') < 0) {
                return lower.indexOf('@') > 0 ? ofMailbox(text, lower) : ofHost(text, lower);
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new IllegalArgumentException(
                "an address such as \"a@b.example\", or \"@b.example\" for all of that host");
    }

    private static EmailRule ofHost(String text, String lower) {
        return new EmailRule(text, "", DomainName.rule(lower.startsWith("@") ? lower.substring(1) : lower));
    }

    /** One with a mailbox that needs its quotes is of no use: step-ca can judge no address where there is such a rule. */
    private static EmailRule ofMailbox(String text, String lower) {
        Mailbox mailbox = Mailbox.parse(lower);
        Mailbox unquoted = Mailbox.parse(mailbox.local() + "@" + mailbox.host());
        if (!unquoted.equals(mailbox)) {
            throw new IllegalArgumentException("a mailbox that needs quotes");
        }
        return new EmailRule(text, mailbox.local(), DomainName.rule(mailbox.host()));
    }

    /**
     * RFC 5321 s. 2.4: the part before the at sign keeps its case, the host does not. As the rule is read in small letters,
     * no rule covers a mailbox with capitals but one for its whole host.
     */
    @Override
    public boolean covers(Mailbox name) {
        if (name.host().isEmpty() || NO_HOST.matcher(name.host()).find()) {
            throw new IllegalArgumentException("it has no host"); // step-ca breaks off
        }
        return host.equals(name.host()) && (mailbox.isEmpty() || mailbox.equals(name.local()));
    }
}
