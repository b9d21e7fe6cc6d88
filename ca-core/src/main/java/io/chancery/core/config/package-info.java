@NullMarked
@CheckReturnValue
package io.chancery.core.config;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
