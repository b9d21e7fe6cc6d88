package io.chancery.core.issuer;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * Which certificates an issuer signs.
 *
 * @param from not before this moment; at any time when empty
 * @param provisioners names of those whose certificates it signs; of all of them when empty
 * @param keyTypes of the certificates' keys; of any kind when empty
 */
public record IssuingRule(Optional<Instant> from, Set<String> provisioners, Set<KeyType> keyTypes) {
    /** All of them, at any time. */
    public static final IssuingRule ALL = new IssuingRule(Optional.empty(), Set.of(), Set.of());

    public IssuingRule {
        provisioners = Set.copyOf(provisioners);
        keyTypes = Set.copyOf(keyTypes);
    }

    boolean covers(String provisioner, SubjectPublicKeyInfo key, Instant now) {
        return hasBegun(now)
                && (provisioners.isEmpty() || provisioners.contains(provisioner))
                && (keyTypes.isEmpty()
                        || KeyType.of(key).filter(keyTypes::contains).isPresent());
    }

    /** Whether it signs for the server itself, whose certificate is of an EC key and of no provisioner, at some time. */
    public boolean coversServer() {
        return provisioners.isEmpty() && (keyTypes.isEmpty() || keyTypes.contains(KeyType.EC));
    }

    boolean hasBegun(Instant now) {
        return from.map(begin -> !now.isBefore(begin)).orElse(true);
    }

    /** Whether another one is for the same certificates, but for the moment from which on. */
    boolean sameKindAs(IssuingRule other) {
        return provisioners.equals(other.provisioners) && keyTypes.equals(other.keyTypes);
    }
}
