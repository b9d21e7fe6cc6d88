@NullMarked
@CheckReturnValue
package io.chancery.node.revocation;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
