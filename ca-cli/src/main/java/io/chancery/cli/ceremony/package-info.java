/** {@code chancery hsm ceremony} and {@code verify}: keys and CA certificates made by a written plan, before witnesses. */
@NullMarked
@CheckReturnValue
package io.chancery.cli.ceremony;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
