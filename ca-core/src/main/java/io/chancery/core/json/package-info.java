@NullMarked
@CheckReturnValue
package io.chancery.core.json;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
