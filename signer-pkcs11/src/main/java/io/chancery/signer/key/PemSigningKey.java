package io.chancery.signer.key;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.crypto.BouncyCastle;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.secret.Secret;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A key read from a PEM file and held in memory: for drop-in use of an existing PKI, and for tests. */
final class PemSigningKey implements SigningKey {
    private static final Logger LOG = LoggerFactory.getLogger(PemSigningKey.class);

    private final PrivateKey key;
    private final PublicKey publicKey;
    private final SignatureScheme scheme;
    private volatile boolean closed;

    private PemSigningKey(PrivateKey key, IssuerCertificate issuer) {
        this.key = key;
        this.publicKey = issuer.certificate().getPublicKey();
        this.scheme = issuer.scheme();
    }

    static SigningKey open(Path file, Optional<Secret> password, IssuerCertificate issuer) {
        PemSigningKey key = new PemSigningKey(PemKeyFile.read(file, password), issuer);
        try {
            SigningProbe.run(key, issuer);
        } catch (SigningKeyException e) {
            // Another type of key than the certificate's cannot even start to sign.
            throw SigningKeyException.misconfigured(
                    "the key in " + file + " does not belong to the issuer's certificate", e);
        }
        return key;
    }

    @Override
    public PublicKey publicKey() {
        return publicKey;
    }

    @Override
    public SignatureScheme scheme() {
        return scheme;
    }

    @Override
    public Der sign(SignatureScheme with, Der tbs, Duration within) {
        if (closed) {
            throw SigningKeyException.away("the key has been closed");
        }
        try {
            Signature signature = with.check().begin(BouncyCastle.PROVIDER);
            signature.initSign(key);
            signature.update(tbs.bytes());
            return Der.of(signature.sign());
        } catch (GeneralSecurityException e) {
            throw SigningKeyException.misconfigured("the key cannot sign with " + with.text(), e);
        }
    }

    /** There is no other copy of it to go over to; what does not verify is declined each time. */
    @Override
    public void distrust(String cause) {
        LOG.atError().addKeyValue("cause", cause).log("a key in a file signed wrongly");
    }

    @Override
    public void close() {
        closed = true;
    }
}
