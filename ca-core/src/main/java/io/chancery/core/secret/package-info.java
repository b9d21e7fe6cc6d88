@NullMarked
@CheckReturnValue
package io.chancery.core.secret;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
