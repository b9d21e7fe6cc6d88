@NullMarked
@CheckReturnValue
package io.chancery.core.crypto;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
