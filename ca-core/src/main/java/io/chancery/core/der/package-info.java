@NullMarked
@CheckReturnValue
package io.chancery.core.der;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
