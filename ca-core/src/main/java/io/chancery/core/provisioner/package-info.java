@NullMarked
@CheckReturnValue
package io.chancery.core.provisioner;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
