package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.signer.admin.KeyImport;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;

/** A key goes to a token together with its certificate, or not at all. */
final class CertifiedImport {
    private CertifiedImport() {}

    /**
     * As {@link KeyImport#run}, and writes the certificate beside the key where there is one. Blocks.
     *
     * @throws HsmException MISCONFIGURED, with nothing done, when the certificate is another key's; as KeyImport
     */
    static ManagedKey run(
            TokenSession session,
            Pkcs11Uri uri,
            PrivateKey key,
            PublicKey publicKey,
            Optional<X509Certificate> certificate,
            Surroundings surroundings) {
        certificate.ifPresent(each -> refuseAnothers(each, publicKey));
        ManagedKey imported = KeyImport.run(session, uri, key, publicKey, surroundings.random());
        try {
            certificate.ifPresent(each -> imported.writeCertificate(each, false));
            return imported;
        } catch (RuntimeException e) {
            takeBack(imported, e, surroundings);
            throw e;
        }
    }

    private static void refuseAnothers(X509Certificate certificate, PublicKey publicKey) {
        if (!Arrays.equals(certificate.getPublicKey().getEncoded(), publicKey.getEncoded())) {
            throw HsmException.misconfigured("the certificate of " + certificate.getSubjectX500Principal()
                    + " is another key's; nothing was imported");
        }
    }

    /** After a failure: says whether the key that was imported is off the token again. */
    static void takeBack(ManagedKey imported, Exception why, Surroundings surroundings) {
        try {
            imported.undo();
            surroundings.err().println("the key was taken off the token again");
        } catch (RuntimeException e) {
            why.addSuppressed(e);
            surroundings
                    .err()
                    .println("the key could not be taken off the token again (" + e.getMessage()
                            + "); later: chancery hsm delete");
        }
    }
}
