/**
 * Administration of tokens and their keys, for commands that end when they are done. A process that serves has
 * {@code io.chancery.signer.hsm} instead: what is here logs in as it is told, and heals nothing.
 */
@NullMarked
@CheckReturnValue
package io.chancery.signer.admin;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
