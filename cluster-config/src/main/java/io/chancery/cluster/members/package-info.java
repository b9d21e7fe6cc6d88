@NullMarked
@CheckReturnValue
package io.chancery.cluster.members;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
