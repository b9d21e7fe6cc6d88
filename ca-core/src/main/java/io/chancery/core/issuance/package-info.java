@NullMarked
@CheckReturnValue
package io.chancery.core.issuance;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
