package io.chancery.node.store;

/**
 * How a store is opened, whatever database it is.
 *
 * @param node this node's id
 * @param queueLimit writes that may wait before OVERLOADED
 * @param startEmpty go on although a step-ca has worked here; what it knew is then guarded against by the epoch
 * @param random text that no other process has
 */
public record StoreSettings(String node, int queueLimit, boolean startEmpty, String random) {}
