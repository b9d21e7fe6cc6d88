@NullMarked
@CheckReturnValue
package io.chancery.gotemplate.json;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
