@NullMarked
@CheckReturnValue
package io.chancery.node.http;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
