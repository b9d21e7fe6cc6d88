@NullMarked
@CheckReturnValue
package io.chancery.gotemplate.budget;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
