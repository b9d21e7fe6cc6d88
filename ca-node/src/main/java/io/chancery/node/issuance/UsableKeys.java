package io.chancery.node.issuance;

import io.chancery.cluster.signers.SignerDirectory;
import io.chancery.core.certificate.KeyId;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which issuers' keys a signer has: one is known at this moment, and could sign when this node last asked. Before it has
 * asked, being known is enough, so that a first request is tried. Any thread; never waits.
 */
public final class UsableKeys implements Predicate<KeyId> {
    private final SignerDirectory directory;
    private volatile Optional<Set<KeyId>> found = Optional.empty();

    public UsableKeys(SignerDirectory directory) {
        this.directory = directory;
    }

    /** These could sign, and no others. */
    public void are(Collection<KeyId> keys) {
        found = Optional.of(Set.copyOf(keys));
    }

    @Override
    public boolean test(KeyId key) {
        return found.map(keys -> keys.contains(key)).orElse(true)
                && !directory.signers(key).isEmpty();
    }
}
