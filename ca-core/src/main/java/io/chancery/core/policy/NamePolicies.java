package io.chancery.core.policy;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.name.SubjectAltName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;

/** The name policies of one configuration: the authority's, and those of single provisioners. Immutable. */
public final class NamePolicies {
    /** Every name passes. */
    public static final NamePolicies NONE = new NamePolicies(Optional.empty(), Map.of());

    private final Optional<NamePolicy> authority;
    private final Map<String, NamePolicy> provisioners;

    /** @param provisioners by name; one without a policy is left out */
    public NamePolicies(Optional<NamePolicy> authority, Map<String, NamePolicy> provisioners) {
        this.authority = authority;
        this.provisioners = Map.copyOf(provisioners);
    }

    /**
     * What a certificate is to say of whom it is for.
     *
     * @param commonNames of the subject
     * @param mailboxes e-mail addresses in the subject
     */
    public record Names(List<String> commonNames, List<String> mailboxes, List<SubjectAltName> alternatives) {
        public Names {
            commonNames = List.copyOf(commonNames);
            mailboxes = List.copyOf(mailboxes);
            alternatives = List.copyOf(alternatives);
        }

        /** Of a subject as it is made: every common name counts, not the last alone. */
        public static Names of(X500Name subject, List<SubjectAltName> alternatives) {
            return new Names(texts(subject, BCStyle.CN), texts(subject, BCStyle.EmailAddress), alternatives);
        }

        private static List<String> texts(X500Name subject, ASN1ObjectIdentifier kind) {
            List<String> texts = new ArrayList<>();
            for (RDN rdn : subject.getRDNs()) {
                for (AttributeTypeAndValue each : rdn.getTypesAndValues()) {
                    if (each.getType().equals(kind) && each.getValue() instanceof ASN1String text) {
                        texts.add(text.getString());
                    }
                }
            }
            return texts;
        }
    }

    /** CaException POLICY_REFUSED when the provisioner's own policy refuses one; FORBIDDEN when it cannot judge it. */
    public void checkOfProvisioner(String provisioner, Names names) {
        refusal(Optional.ofNullable(provisioners.get(provisioner)), names).ifPresent(refusal -> {
            String reason = reason("the provisioner's policy", refusal);
            throw refusal.judged()
                    ? CaException.of(ErrorCode.POLICY_REFUSED, refusal.words(), reason)
                    : CaException.of(ErrorCode.FORBIDDEN, "error validating certificate", reason);
        });
    }

    /** CaException POLICY_REFUSED when the authority's policy refuses one; NAME_NOT_JUDGED when it cannot judge it. */
    public void checkOfAuthority(Names names) {
        refusal(authority, names).ifPresent(refusal -> {
            String reason = reason("authority.policy", refusal);
            throw refusal.judged()
                    ? CaException.of(ErrorCode.POLICY_REFUSED, refusal.words(), reason)
                    : CaException.of(ErrorCode.NAME_NOT_JUDGED, "error creating certificate", reason);
        });
    }

    private static Optional<Refusal> refusal(Optional<NamePolicy> policy, Names names) {
        return policy.flatMap(
                p -> p.judge(names.commonNames(), names.alternatives()).or(() -> p.judgeMailboxes(names.mailboxes())));
    }

    private static String reason(String policy, Refusal refusal) {
        return policy + ": " + refusal.words() + ": " + refusal.rule();
    }
}
