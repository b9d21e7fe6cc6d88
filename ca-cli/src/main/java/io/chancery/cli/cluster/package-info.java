@NullMarked
@CheckReturnValue
package io.chancery.cli.cluster;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
