@NullMarked
@CheckReturnValue
package io.chancery.cli;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
