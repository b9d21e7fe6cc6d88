/** Load for any CA that speaks step's API, over HTTPS only; it knows nothing of how Chancery is made. */
@NullMarked
@CheckReturnValue
package io.chancery.loadtest;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
