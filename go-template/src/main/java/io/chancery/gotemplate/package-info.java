@NullMarked
@CheckReturnValue
package io.chancery.gotemplate;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
