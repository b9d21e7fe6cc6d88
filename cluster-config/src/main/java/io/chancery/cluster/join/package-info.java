@NullMarked
@CheckReturnValue
package io.chancery.cluster.join;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
