/** What the tests of several modules share. */
@NullMarked
@CheckReturnValue
package io.chancery.testing;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
