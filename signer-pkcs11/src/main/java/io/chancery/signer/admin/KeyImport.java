package io.chancery.signer.admin;

import io.chancery.core.der.Der;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.engines.RFC5649WrapEngine;
import org.bouncycastle.crypto.params.KeyParameter;
import sun.security.pkcs11.wrapper.CK_ATTRIBUTE;
import sun.security.pkcs11.wrapper.CK_MECHANISM;
import sun.security.pkcs11.wrapper.PKCS11Constants;

/**
 * Takes a key that exists outside into a token. It crosses the library wrapped: under an AES key (RFC 5649), and that
 * under an RSA key which the token makes for this one use and forgets.
 */
public final class KeyImport {
    private static final int TRANSPORT_BITS = 2048;
    private static final int AES_OCTETS = 32;

    private final TokenSession token;
    private final CryptokiSession session;
    private final SecureRandom random;

    private KeyImport(TokenSession token, SecureRandom random) {
        this.token = token;
        this.session = token.session();
        this.random = random;
    }

    /**
     * Imports under the URI's label and id: sensitive and not extractable from then on, and its public key beside it.
     *
     * @throws HsmException MISCONFIGURED when the name is taken, the key's type is not supported, or the token cannot
     *     unwrap
     */
    public static ManagedKey run(
            TokenSession token, Pkcs11Uri uri, PrivateKey key, PublicKey publicKey, SecureRandom random) {
        String label = KeyMaker.newLabel(token, uri);
        byte[] id = KeyMaker.newId(token, uri);
        refuseUnable(token);
        KeyImport work = new KeyImport(token, random);
        List<Long> made = new ArrayList<>();
        made.add(work.unwrapped(key, publicKey, label, id));
        try {
            made.add(work.writePublicKey(publicKey, label, id));
            ManagedKey imported = KeyMaker.ofHandle(token, made.get(0)).made(made);
            Der unused = imported.sign(
                    Der.of("chancery hsm: does it sign?".getBytes(StandardCharsets.US_ASCII))); // and verifies
            return imported;
        } catch (RuntimeException e) {
            try {
                ManagedKey.destroy(work.session, made);
            } catch (RuntimeException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
    }

    /** HsmException MISCONFIGURED where an import under the URI's name is refused before anything is sent. */
    public static void refuse(TokenSession token, Pkcs11Uri uri) {
        String unusedLabel = KeyMaker.newLabel(token, uri);
        byte[] unusedId = KeyMaker.newId(token, uri);
        refuseUnable(token);
    }

    /** HsmException MISCONFIGURED when the token has no mechanisms to take a key in. */
    public static void refuseUnable(TokenSession token) {
        List<String> names =
                token.module().mechanismsTo("unwrap", token.token().slot().id());
        if (wrapMechanism(token).isEmpty() || !names.contains("CKM_RSA_PKCS")) {
            throw HsmException.misconfigured("token " + token.token().slot().label()
                    + " cannot unwrap: it needs CKM_RSA_PKCS and CKM_AES_KEY_WRAP_PAD, and unwraps with "
                    + (names.isEmpty() ? "nothing" : String.join(", ", names)) + "; use its maker's import tool");
        }
    }

    /** RFC 5649 has two names: CKM_AES_KEY_WRAP_PAD is that of PKCS#11 2.40, CKM_AES_KEY_WRAP_KWP of 3.0. */
    private static Optional<Long> wrapMechanism(TokenSession token) {
        return token.module().mechanisms(token.token().slot().id()).stream()
                .map(HsmModule.Mechanism::code)
                .filter(code ->
                        code == PKCS11Constants.CKM_AES_KEY_WRAP_PAD || code == PKCS11Constants.CKM_AES_KEY_WRAP_KWP)
                .max(Long::compare);
    }

    private long unwrapped(PrivateKey key, PublicKey publicKey, String label, byte[] id) {
        long[] transport = transportPair();
        byte[] aes = new byte[AES_OCTETS];
        random.nextBytes(aes);
        byte[] plain = key.getEncoded();
        try {
            long unwrapper = session.unwrap(
                    new CK_MECHANISM(PKCS11Constants.CKM_RSA_PKCS),
                    transport[1],
                    rsaEncrypted(transport[0], aes),
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_CLASS, PKCS11Constants.CKO_SECRET_KEY),
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_KEY_TYPE, PKCS11Constants.CKK_AES),
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_TOKEN, false),
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_SENSITIVE, true),
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_EXTRACTABLE, false),
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_UNWRAP, true));
            List<CK_ATTRIBUTE> template = KeyMaker.privateTemplate(label, id);
            template.add(0, new CK_ATTRIBUTE(PKCS11Constants.CKA_CLASS, PKCS11Constants.CKO_PRIVATE_KEY));
            template.add(1, new CK_ATTRIBUTE(PKCS11Constants.CKA_KEY_TYPE, keyType(publicKey)));
            return session.unwrap(
                    new CK_MECHANISM(wrapMechanism(token).orElseThrow()),
                    unwrapper,
                    wrapped(aes, plain),
                    template.toArray(CK_ATTRIBUTE[]::new));
        } catch (GeneralSecurityException e) {
            throw HsmException.of("the key cannot be wrapped", e);
        } finally {
            Arrays.fill(aes, (byte) 0);
            Arrays.fill(plain, (byte) 0);
            forget(transport);
        }
    }

    /** Does not fail. */
    private void forget(long[] sessionObjects) {
        for (long each : sessionObjects) {
            try {
                session.destroy(each);
            } catch (HsmException e) {
                // They go with the session at the latest; a failure here would leave a key on the token of which nobody
                // hears.
            }
        }
    }

    /** Session objects: gone with the session, whatever happens. */
    private long[] transportPair() {
        return session.generatePair(
                new CK_MECHANISM(PKCS11Constants.CKM_RSA_PKCS_KEY_PAIR_GEN),
                new CK_ATTRIBUTE[] {
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_TOKEN, false),
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_WRAP, true),
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_MODULUS_BITS, TRANSPORT_BITS),
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_PUBLIC_EXPONENT, BigInteger.valueOf(65537))
                },
                new CK_ATTRIBUTE[] {
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_TOKEN, false),
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_PRIVATE, true),
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_SENSITIVE, true),
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_EXTRACTABLE, false),
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_UNWRAP, true)
                });
    }

    private byte[] rsaEncrypted(long transportKey, byte[] aes) throws GeneralSecurityException {
        PublicKey transport = PublicKeyObjects.read(session, transportKey)
                .orElseThrow(() -> HsmException.misconfigured("the token does not show the key it made for transport"));
        Cipher cipher = Cipher.getInstance("RSA/ECB/PKCS1Padding");
        cipher.init(Cipher.ENCRYPT_MODE, transport, random);
        return cipher.doFinal(aes);
    }

    private static byte[] wrapped(byte[] aes, byte[] plain) {
        RFC5649WrapEngine engine = new RFC5649WrapEngine(AESEngine.newInstance());
        engine.init(true, new KeyParameter(aes));
        return engine.wrap(plain, 0, plain.length);
    }

    private static long keyType(PublicKey key) {
        if (key instanceof ECPublicKey) {
            return PKCS11Constants.CKK_EC;
        }
        if (key instanceof RSAPublicKey) {
            return PKCS11Constants.CKK_RSA;
        }
        throw HsmException.misconfigured("a key of type " + key.getAlgorithm()
                + " cannot be used on a token: Java's PKCS#11 provider signs with EC and RSA keys alone");
    }

    private long writePublicKey(PublicKey key, String label, byte[] id) {
        try {
            CK_ATTRIBUTE[] parts = key instanceof RSAPublicKey rsa
                    ? new CK_ATTRIBUTE[] {
                        new CK_ATTRIBUTE(PKCS11Constants.CKA_MODULUS, rsa.getModulus()),
                        new CK_ATTRIBUTE(PKCS11Constants.CKA_PUBLIC_EXPONENT, rsa.getPublicExponent())
                    }
                    : ecParts(SubjectPublicKeyInfo.getInstance(key.getEncoded()));
            return session.create(
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_CLASS, PKCS11Constants.CKO_PUBLIC_KEY),
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_KEY_TYPE, keyType(key)),
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_TOKEN, true),
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_LABEL, label.getBytes(StandardCharsets.UTF_8)),
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_ID, id),
                    new CK_ATTRIBUTE(PKCS11Constants.CKA_VERIFY, true),
                    parts[0],
                    parts[1]);
        } catch (java.io.IOException e) {
            throw HsmException.of("the public key cannot be encoded", e);
        }
    }

    private static CK_ATTRIBUTE[] ecParts(SubjectPublicKeyInfo info) throws java.io.IOException {
        return new CK_ATTRIBUTE[] {
            new CK_ATTRIBUTE(
                    PKCS11Constants.CKA_EC_PARAMS,
                    info.getAlgorithm().getParameters().toASN1Primitive().getEncoded()),
            new CK_ATTRIBUTE(
                    PKCS11Constants.CKA_EC_POINT,
                    new DEROctetString(info.getPublicKeyData().getOctets()).getEncoded())
        };
    }
}
