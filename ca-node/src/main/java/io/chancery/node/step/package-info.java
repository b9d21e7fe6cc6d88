@NullMarked
@CheckReturnValue
package io.chancery.node.step;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
