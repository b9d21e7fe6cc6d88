@NullMarked
@CheckReturnValue
package io.chancery.node.issuance;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
