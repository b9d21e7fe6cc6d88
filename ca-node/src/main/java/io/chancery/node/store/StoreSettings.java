package io.chancery.node.store;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How a store is opened, whatever database it is.
 *
 * @param node this node's id
 * @param queueLimit writes that may wait before OVERLOADED
 * @param startEmpty go on although a step-ca has worked here; what it knew is then guarded against by the epoch
 * @param random text that no other process has
 * @param bboltFile of a step-ca that may have worked here
 */
public record StoreSettings(String node, int queueLimit, boolean startEmpty, String random, Optional<Path> bboltFile) {
    public StoreSettings(String node, int queueLimit, boolean startEmpty, String random) {
        this(node, queueLimit, startEmpty, random, Optional.empty());
    }
}
