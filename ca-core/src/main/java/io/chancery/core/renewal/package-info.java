@NullMarked
@CheckReturnValue
package io.chancery.core.renewal;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
