@NullMarked
@CheckReturnValue
package io.chancery.node.status;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
