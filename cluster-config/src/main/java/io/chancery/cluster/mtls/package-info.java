@NullMarked
@CheckReturnValue
package io.chancery.cluster.mtls;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
