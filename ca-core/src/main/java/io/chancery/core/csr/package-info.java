@NullMarked
@CheckReturnValue
package io.chancery.core.csr;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
