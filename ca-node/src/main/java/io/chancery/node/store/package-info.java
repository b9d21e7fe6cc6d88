@NullMarked
@CheckReturnValue
package io.chancery.node.store;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
