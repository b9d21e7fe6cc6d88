/** {@code chancery hsm …}: administration of tokens and the keys on them, beside or instead of a running CA. */
@NullMarked
@CheckReturnValue
package io.chancery.cli.hsm;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
