@NullMarked
@CheckReturnValue
package io.chancery.cluster.signers;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
