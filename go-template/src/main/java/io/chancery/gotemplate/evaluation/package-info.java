@NullMarked
@CheckReturnValue
package io.chancery.gotemplate.evaluation;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
