@NullMarked
@CheckReturnValue
package io.chancery.core.chain;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
