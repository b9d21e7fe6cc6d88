@NullMarked
@CheckReturnValue
package io.chancery.softhsm;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
