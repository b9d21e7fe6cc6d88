@NullMarked
@CheckReturnValue
package io.chancery.gotemplate.function;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
