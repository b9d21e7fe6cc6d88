@NullMarked
@CheckReturnValue
package io.chancery.core.crl;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
