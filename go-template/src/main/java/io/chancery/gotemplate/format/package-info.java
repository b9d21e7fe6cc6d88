@NullMarked
@CheckReturnValue
package io.chancery.gotemplate.format;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
