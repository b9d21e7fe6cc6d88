package io.chancery.signer.key;

import io.chancery.cluster.signers.TokenTurns;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * What a key that is kept for long works with.
 *
 * @param folder where it is remembered which PINs were refused; must be there
 * @param turns of nodes that share the token
 * @param freshProcessHelps run, on a thread of its own and maybe again and again, when a fresh process could use the key
 *     and this one cannot
 */
public record KeyNeighbours(Path folder, SecureRandom random, TokenTurns turns, Runnable freshProcessHelps) {}
