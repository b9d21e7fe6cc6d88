@NullMarked
@CheckReturnValue
package io.chancery.core.policy;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
