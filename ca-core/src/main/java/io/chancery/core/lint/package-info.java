/** What a certificate must not be: named rules, held against the very bytes that are to be signed. */
@NullMarked
@CheckReturnValue
package io.chancery.core.lint;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
