/**
 * Others that have a say in issuance: step's webhooks (wire contract s. 5.1). What they are told, how their answers are
 * read; who calls them is the node.
 */
@NullMarked
@CheckReturnValue
package io.chancery.core.webhook;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
