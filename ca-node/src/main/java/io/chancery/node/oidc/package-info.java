/** Asks OpenID providers who they are and keeps their keys fresh, in the background. */
@NullMarked
@CheckReturnValue
package io.chancery.node.oidc;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
