@NullMarked
@CheckReturnValue
package io.chancery.node.servercert;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
