@NullMarked
@CheckReturnValue
package io.chancery.node;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
