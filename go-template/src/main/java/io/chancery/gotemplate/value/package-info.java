@NullMarked
@CheckReturnValue
package io.chancery.gotemplate.value;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
