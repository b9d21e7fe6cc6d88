@NullMarked
@CheckReturnValue
package io.chancery.cluster.ca;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
