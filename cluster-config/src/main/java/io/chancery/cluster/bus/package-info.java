@NullMarked
@CheckReturnValue
package io.chancery.cluster.bus;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
