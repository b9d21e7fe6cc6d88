@NullMarked
@CheckReturnValue
package io.chancery.signer.hsm;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
