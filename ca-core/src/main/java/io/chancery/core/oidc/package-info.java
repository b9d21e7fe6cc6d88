/** What an OpenID provider publishes of itself, read: where its keys are, and the keys that its tokens are verified with. */
@NullMarked
@CheckReturnValue
package io.chancery.core.oidc;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
