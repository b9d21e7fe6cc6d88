@NullMarked
@CheckReturnValue
package io.chancery.signer.key;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
