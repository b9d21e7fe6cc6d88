/**
 * Who may ask for certificates: step's provisioners, each type a class of its own (wire contract s. 4.3 to 5.2).
 *
 * <p>A type whose tokens are accepted is a {@link io.chancery.core.provisioner.TokenProvisioner}: {@code Provisioners.find}
 * finds it for a token before anything is verified, {@code verify} says what the token entitles to, and the rules of
 * issuance and revocation know nothing else of types. {@code ProvisionerReader} makes it from its member of ca.json. A new
 * type is a class beside {@code JwkProvisioner}, a line in {@code permits} and a case in the reader.
 *
 * <p>Keys that change while a provisioner lives (an identity provider's) come through an interface that this package
 * declares, the reader passes to the provisioner, and the node implements: it hands out an immutable snapshot of what is
 * known now, and neither waits nor fetches.
 */
@NullMarked
@CheckReturnValue
package io.chancery.core.provisioner;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
