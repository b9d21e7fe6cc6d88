package io.chancery.cli.start;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.signer.admin.KeyAdmission;
import io.chancery.signer.admin.KeyAttributes;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.key.Admission;
import io.chancery.signer.key.SigningKeyException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What chancery.json asks of the issuer's key on a token: that it is not weak, and has its certificate beside it. */
final class TokenAdmission implements Admission {
    private static final Logger LOG = LoggerFactory.getLogger(TokenAdmission.class);

    private final ConfigFiles files;
    private final IssuerCertificate issuer;

    TokenAdmission(ConfigFiles files, IssuerCertificate issuer) {
        this.files = files;
        this.issuer = issuer;
    }

    @Override
    public void admit(Pkcs11Uri uri) {
        KeyAttributes attributes = KeyAdmission.attributes(uri);
        LOG.atInfo()
                .addKeyValue("keyId", issuer.keyId())
                .addKeyValue("attributes", attributes.text())
                .log("the issuer's key is on a token");
        List<String> weaknesses = attributes.weaknesses();
        if (weaknesses.isEmpty()) {
            return;
        }
        if (!files.chancery().kms().allowWeakKey()) {
            throw SigningKeyException.misconfigured("the key of " + uri + " is " + String.join("; ", weaknesses)
                    + ". Make another (chancery hsm keygen), or allow it with kms.allowWeakKey in chancery.json");
        }
        LOG.atWarn()
                .addKeyValue("keyId", issuer.keyId())
                .addKeyValue("weakness", String.join("; ", weaknesses))
                .log("the issuer's key is weaker than it should be; kms.allowWeakKey lets it be used");
    }

    @Override
    public void writeCertificate(Pkcs11Uri uri) {
        if (!files.chancery().kms().writeMissingCertificate()) {
            return;
        }
        try {
            if (KeyAdmission.writeMissingCertificate(uri, issuer.certificate())) {
                LOG.atWarn()
                        .addKeyValue("keyId", issuer.keyId())
                        .log("the issuer's certificate was missing on the token, and has been written beside its key");
            }
        } catch (HsmException | IllegalArgumentException e) {
            LOG.atWarn()
                    .addKeyValue("keyId", issuer.keyId())
                    .addKeyValue("reason", String.valueOf(e.getMessage()))
                    .log("the issuer's certificate is missing on the token, and cannot be written");
        }
    }
}
