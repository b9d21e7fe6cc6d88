@NullMarked
@CheckReturnValue
package io.chancery.signer.bus;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
