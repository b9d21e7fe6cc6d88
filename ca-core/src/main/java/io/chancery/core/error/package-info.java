@NullMarked
@CheckReturnValue
package io.chancery.core.error;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
