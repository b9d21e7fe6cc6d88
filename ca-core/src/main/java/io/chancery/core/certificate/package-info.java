@NullMarked
@CheckReturnValue
package io.chancery.core.certificate;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
