package io.chancery.cli.start;

import io.chancery.cli.UsageException;
import io.chancery.core.config.CaConfigReader;
import io.chancery.core.secret.Secret;
import io.chancery.signer.key.SigningKeyException;
import io.chancery.signer.key.SigningKeys;
import java.io.PrintStream;
import java.util.Optional;

/**
 * Whether the keys in files are those of the issuers' certificates, as a start would find out. What cannot be told
 * without a password or an HSM is said, so that nobody takes it for checked.
 */
final class KeyCheck {
    private final PrintStream err;
    private final Optional<Secret> password;

    /** @param password of ca.json's key */
    KeyCheck(Optional<Secret> password, PrintStream err) {
        this.password = password;
        this.err = err;
    }

    /** UsageException for a key that is another certificate's, or that its password does not open. */
    void run(LoadedConfig config) throws UsageException {
        for (KeyedIssuer issuer : config.issuers().all()) {
            if (issuer.key().isPresent()) {
                check(issuer, issuer.key().get());
            }
        }
    }

    private void check(KeyedIssuer issuer, KeyedIssuer.KeyPlace key) throws UsageException {
        String name = issuer.issuer().name();
        if (CaConfigReader.isUri(key.reference())) {
            err.println("not checked: the key of " + name + ", which is in an HSM; chancery hsm doctor looks there");
            return;
        }
        Optional<Secret> opens = key.passwordFile().isPresent()
                ? Optional.of(KeyPassword.of(key.passwordFile().get()))
                : key.ofCaJson() ? password : Optional.empty();
        if (opens.isEmpty() && KeyPassword.encrypted(key.reference())) {
            err.println("not checked: the key of " + name + ", which is encrypted; "
                    + (key.ofCaJson() ? "--password-file FILE opens it" : "its entry has no passwordFile"));
            return;
        }
        try {
            SigningKeys.open(
                            key.reference(),
                            key.kmsUri(),
                            key.pin(),
                            opens,
                            issuer.issuer().certificate(),
                            1)
                    .close();
        } catch (SigningKeyException e) {
            throw new UsageException((key.ofCaJson() ? "ca.json#/key: " : "chancery.json#/issuers: ") + e.getMessage());
        }
    }
}
