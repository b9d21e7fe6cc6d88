@NullMarked
@CheckReturnValue
package io.chancery.cluster.checkup;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
