package io.chancery.cli.start;

import io.chancery.cli.UsageException;
import io.chancery.core.config.CaConfigReader;
import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.GivenOnce;
import io.chancery.signer.key.SigningKeyException;
import io.chancery.signer.key.SigningKeys;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Whether the keys in files are those of the issuers' certificates, as a start would find out. What cannot be told
 * without a password or an HSM is said, so that nobody takes it for checked.
 */
final class KeyCheck {
    private final PrintStream err;
    private final Optional<Secret> password;
    private final boolean unread;

    /**
     * @param password of ca.json's key, as it was given; wins over the one in the file
     * @param unread whether one was given that cannot be read, which whoever gave it is told: no other one is tried
     */
    KeyCheck(Optional<Secret> password, boolean unread, PrintStream err) {
        this.password = password;
        this.unread = unread;
        this.err = err;
    }

    /**
     * @param ofCaJson the password in the file
     * @throws UsageException for a key that is another certificate's, or that its password does not open
     */
    void check(KeyedIssuer issuer, Optional<Secret> ofCaJson) throws UsageException {
        if (issuer.key().isPresent() && !(unread && issuer.hasKeyOfCaJson())) {
            check(issuer, issuer.key().get(), password.or(() -> ofCaJson));
        }
    }

    private void check(KeyedIssuer issuer, KeyedIssuer.KeyPlace key, Optional<Secret> ofCaJson) throws UsageException {
        String name = issuer.issuer().name();
        if (CaConfigReader.isUri(key.reference())) {
            err.println("not checked: the key of " + name + ", which is in an HSM; chancery hsm doctor looks there");
            return;
        }
        if (GivenOnce.is(Path.of(key.reference()))
                || key.passwordFile().filter(GivenOnce::is).isPresent()) {
            err.println("not checked: the key of " + name + ", which comes from a pipe, or its password does");
            return;
        }
        Optional<Secret> opens = key.passwordFile().isPresent()
                ? Optional.of(KeyPassword.of(key.passwordFile().get()))
                : key.ofCaJson() ? ofCaJson : Optional.empty();
        if (opens.isEmpty() && KeyPassword.encrypted(key.reference())) {
            err.println("not checked: the key of " + name + ", which is encrypted; --password-file FILE opens it");
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
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }
}
