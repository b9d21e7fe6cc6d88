@NullMarked
@CheckReturnValue
package io.chancery.cli.quickstart;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
