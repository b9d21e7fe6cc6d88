/** How a node reaches servers that are not its own, as webhooks and OpenID providers are: whom it believes there, and through which proxies. */
@NullMarked
@CheckReturnValue
package io.chancery.node.outbound;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
