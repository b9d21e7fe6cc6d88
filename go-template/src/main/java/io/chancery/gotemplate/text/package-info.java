@NullMarked
@CheckReturnValue
package io.chancery.gotemplate.text;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
