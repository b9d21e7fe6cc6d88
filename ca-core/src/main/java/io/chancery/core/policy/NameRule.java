package io.chancery.core.policy;

/**
 * One entry of a policy's list.
 *
 * @param <T> the names that it is about, as they are compared
 */
interface NameRule<T> {
    /** IllegalArgumentException when the name has nothing that can be compared. */
    boolean covers(T name);

    /** As the operator wrote it, for the log. */
    String text();
}
