package io.chancery.core.policy;

/** {@code a.example}, that name alone; {@code *.a.example}, all names of one label more, and no other. */
record DnsRule(String text, String domain) implements NameRule<DnsRule.Name> {
    /**
     * A DNS name in the form that is compared.
     *
     * @param domain in ASCII and lower case
     * @param comparable whether rules are about it at all: not when it is a wildcard and those are not allowed
     */
    record Name(String domain, boolean comparable) {
        /** IllegalArgumentException when it is no DNS name, or has its asterisk elsewhere than before its first dot. */
        static Name parse(String text, boolean wildcards) {
            boolean wildcard = text.startsWith("*.");
            String domain = DomainName.labels(Idna.ascii(wildcard ? text.substring(2) : text));
            if (domain.isEmpty() || (wildcard && domain.startsWith("."))) {
                throw new IllegalArgumentException("it has an empty label");
            }
            return new Name(wildcard ? "*." + domain : domain, wildcards || !wildcard);
        }
    }

    /** IllegalArgumentException saying what would be right. */
    static DnsRule parse(String text) {
        try {
            return new DnsRule(text, DomainName.rule(text.strip()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "a name such as \"a.example\", or \"*.example\" for all that have one label more", e);
        }
    }

    @Override
    public boolean covers(Name name) {
        return name.comparable() && DomainName.covers(domain, name.domain());
    }
}
