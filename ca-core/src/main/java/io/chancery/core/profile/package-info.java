@NullMarked
@CheckReturnValue
package io.chancery.core.profile;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
