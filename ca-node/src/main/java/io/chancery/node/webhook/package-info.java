/** Calls step's webhooks over HTTPS: who is called and with which secrets, how long, how often and how many at once. */
@NullMarked
@CheckReturnValue
package io.chancery.node.webhook;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
