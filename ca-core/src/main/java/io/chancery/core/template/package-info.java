@NullMarked
@CheckReturnValue
package io.chancery.core.template;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
