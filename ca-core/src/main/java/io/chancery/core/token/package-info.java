@NullMarked
@CheckReturnValue
package io.chancery.core.token;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
