package io.chancery.node.oidc;

/**
 * A document as a provider gave it.
 *
 * @param cacheControl the header, or empty
 */
record Document(String text, String cacheControl) {}
