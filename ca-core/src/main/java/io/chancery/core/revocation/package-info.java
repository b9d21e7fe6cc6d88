@NullMarked
@CheckReturnValue
package io.chancery.core.revocation;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
