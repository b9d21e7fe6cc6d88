@NullMarked
@CheckReturnValue
package io.chancery.gotemplate.sprig;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
