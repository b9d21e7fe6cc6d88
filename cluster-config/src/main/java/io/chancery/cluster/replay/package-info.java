@NullMarked
@CheckReturnValue
package io.chancery.cluster.replay;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
