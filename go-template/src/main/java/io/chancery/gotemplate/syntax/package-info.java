@NullMarked
@CheckReturnValue
package io.chancery.gotemplate.syntax;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
