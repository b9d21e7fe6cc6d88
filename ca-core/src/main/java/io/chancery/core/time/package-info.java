@NullMarked
@CheckReturnValue
package io.chancery.core.time;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
