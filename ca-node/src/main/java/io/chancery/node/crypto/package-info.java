@NullMarked
@CheckReturnValue
package io.chancery.node.crypto;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
