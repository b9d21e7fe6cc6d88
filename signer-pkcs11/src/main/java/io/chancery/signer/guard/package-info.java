@NullMarked
@CheckReturnValue
package io.chancery.signer.guard;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
