@NullMarked
@CheckReturnValue
package io.chancery.cli.start;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
