@NullMarked
@CheckReturnValue
package io.chancery.core.name;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
