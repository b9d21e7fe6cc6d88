package io.chancery.signer.admin;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.signer.hsm.HsmException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import sun.security.pkcs11.wrapper.PKCS11Constants;

/** A private key on a token, with or without a certificate. Lives as long as its session, on the session's thread. */
public final class ManagedKey {
    private final TokenSession token;
    private final TokenObject object;
    private final Optional<PublicKey> publicKey;
    /** Handles of what was written for it through this object. */
    private final List<Long> made = new ArrayList<>();

    ManagedKey(TokenSession token, TokenObject object, Optional<PublicKey> publicKey) {
        this.token = token;
        this.object = object;
        this.publicKey = publicKey;
    }

    public String label() {
        return object.label();
    }

    public Der id() {
        return object.id();
    }

    /** As a URI and other tools take it. */
    public String idHex() {
        return HexFormat.of().formatHex(object.id().bytes());
    }

    public KeyAttributes attributes() {
        return object.attributes().orElseThrow();
    }

    /** HsmException MISCONFIGURED when the token holds neither the public key nor a certificate. */
    public PublicKey publicKey() {
        return publicKey.orElseThrow(() -> HsmException.misconfigured("the token does not hold the public key of "
                + label() + ", nor a certificate with its CKA_ID " + idHex()
                + "; write one: chancery hsm import-cert"));
    }

    /** Empty when the token tells none. */
    public Optional<PublicKey> knownPublicKey() {
        return publicKey;
    }

    /** Tells that these objects, the key's own among them, were made just now, for {@link #undo()}. */
    ManagedKey made(List<Long> handles) {
        made.addAll(handles);
        return this;
    }

    boolean isHandle(long handle) {
        return object.handle() == handle;
    }

    /** Those with the same CKA_ID. */
    public List<X509Certificate> certificates() {
        return token.certificates(id());
    }

    /** With the key's default scheme: for texts, as certificates and lists say themselves by which they are signed. */
    public Der sign(Der message) {
        return sign(SignatureScheme.defaultFor(publicKey()), message);
    }

    /** Signs, and verifies before it hands out; HsmException MISCONFIGURED when key or token cannot sign so. */
    public Der sign(SignatureScheme scheme, Der message) {
        try {
            SignatureScheme fitting = scheme.fitting(publicKey());
            if (fitting.isPss()) {
                token.refuseUnable(fitting); // every token has the others' mechanisms; this one may be missing
            }
            return signed(fitting, message);
        } catch (IllegalArgumentException e) {
            throw HsmException.misconfigured(label() + ": " + e.getMessage());
        }
    }

    private Der signed(SignatureScheme scheme, Der message) {
        Der signature = TokenSignature.sign(token.session(), object.handle(), scheme, message);
        if (!verifies(scheme, publicKey(), message, signature)) {
            throw HsmException.misconfigured("the token signed with another key than the one whose public key it shows"
                    + " for " + label() + "; do not use it");
        }
        return signature;
    }

    /** Whether the signature is this public key's, made with its default scheme. */
    public static boolean verifies(PublicKey key, Der message, Der signature) {
        try {
            return verifies(SignatureScheme.defaultFor(key), key, message, signature);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Whether the signature is this public key's, made with this scheme. */
    public static boolean verifies(SignatureScheme scheme, PublicKey key, Der message, Der signature) {
        try {
            Signature verifier = scheme.check().begin();
            verifier.initVerify(key);
            verifier.update(message.bytes());
            return verifier.verify(signature.bytes());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /**
     * Writes the key's certificate beside it, under its label and CKA_ID: without one Java does not show the key.
     *
     * @param replace whether another certificate that is there gives way
     * @throws HsmException MISCONFIGURED when it is another key's, one is there, or the key has no CKA_ID
     */
    public void writeCertificate(X509Certificate certificate, boolean replace) {
        if (id().length() == 0) {
            // Every other certificate without one would pass for this key's, and be replaced.
            throw HsmException.misconfigured(
                    "the key " + label() + " has no CKA_ID, by which a certificate would be known"
                            + " as its own; give it one with the vendor's tool or pkcs11-tool --set-id");
        }
        if (!Arrays.equals(certificate.getPublicKey().getEncoded(), encodedKey(certificate))) {
            throw HsmException.misconfigured("the certificate of " + certificate.getSubjectX500Principal()
                    + " is not that of the key " + label());
        }
        List<X509Certificate> present = certificates();
        if (present.contains(certificate)) {
            return;
        }
        long[] old = token.find(PKCS11Constants.CKO_CERTIFICATE, id());
        if (old.length > 0 && !replace) {
            String which = present.isEmpty()
                    ? "one that cannot be read"
                    : "of " + present.get(0).getSubjectX500Principal() + ", serial "
                            + present.get(0).getSerialNumber();
            throw HsmException.misconfigured("the key " + label() + " has a certificate already, " + which
                    + "; --replace puts this one in its place");
        }
        try {
            made.add(CertificateObjects.write(token.session(), certificate, label(), id().bytes()));
            for (long each : old) {
                token.session().destroy(each);
            }
        } catch (GeneralSecurityException | IOException e) {
            throw HsmException.of("the certificate cannot be written", e);
        }
    }

    /** The public key, or, where the token tells none, what a signature proves. */
    private byte[] encodedKey(X509Certificate certificate) {
        if (publicKey.isPresent()) {
            return publicKey.get().getEncoded();
        }
        Der message = Der.of("chancery hsm: whose key is this?".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        Der signature = TokenSignature.sign(
                token.session(), object.handle(), SignatureScheme.defaultFor(certificate.getPublicKey()), message);
        return verifies(certificate.getPublicKey(), message, signature)
                ? certificate.getPublicKey().getEncoded()
                : new byte[0];
    }

    /** Deletes the key, and the public key and certificates with its CKA_ID. There is no way back but a backup. */
    public void delete() {
        if (id().length() > 0) {
            for (long kind : new long[] {PKCS11Constants.CKO_CERTIFICATE, PKCS11Constants.CKO_PUBLIC_KEY}) {
                for (long handle : token.find(kind, id())) {
                    token.session().destroy(handle);
                }
            }
        }
        token.session().destroy(object.handle());
    }

    /** Deletes what was made through this object, and nothing else that has its CKA_ID. */
    public void undo() {
        destroy(token.session(), made);
        made.clear();
    }

    /** The last first: the key itself goes last. */
    static void destroy(CryptokiSession session, List<Long> handles) {
        for (int i = handles.size() - 1; i >= 0; i--) {
            session.destroy(handles.get(i));
        }
    }
}
