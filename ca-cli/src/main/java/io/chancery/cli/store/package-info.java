@NullMarked
@CheckReturnValue
package io.chancery.cli.store;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
