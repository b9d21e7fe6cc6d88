@NullMarked
@CheckReturnValue
package io.chancery.gotemplate.time;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
