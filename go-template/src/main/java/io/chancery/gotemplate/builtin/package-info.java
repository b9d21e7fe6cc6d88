@NullMarked
@CheckReturnValue
package io.chancery.gotemplate.builtin;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
