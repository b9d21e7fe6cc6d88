@NullMarked
@CheckReturnValue
package io.chancery.core.pem;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
