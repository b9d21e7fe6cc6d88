@NullMarked
@CheckReturnValue
package io.chancery.core.issuer;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
