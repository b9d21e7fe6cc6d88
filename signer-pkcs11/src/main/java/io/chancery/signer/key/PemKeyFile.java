package io.chancery.signer.key;

import io.chancery.core.crypto.BouncyCastle;
import io.chancery.core.secret.Secret;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.bc.BcPEMDecryptorProvider;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;

/**
 * Reads the first private key of a PEM file: PKCS#8, SEC1 or PKCS#1, plain or encrypted (RFC 1423, as {@code step ca
 * init} writes it, or PBES2).
 */
public final class PemKeyFile {
    private static final long MAX_FILE_BYTES = 64 * 1024;

    private final Path file;
    private final Optional<Secret> password;

    private PemKeyFile(Path file, Optional<Secret> password) {
        this.file = file;
        this.password = password;
    }

    /** Fails with SigningKeyException MISCONFIGURED alone, in words that name the file and what is wrong with it. */
    public static PrivateKey read(Path file, Optional<Secret> password) {
        return new PemKeyFile(file, password).read();
    }

    private PrivateKey read() {
        try (PEMParser parser = new PEMParser(new StringReader(text()))) {
            for (Object entry = parser.readObject(); entry != null; entry = parser.readObject()) {
                Optional<PrivateKeyInfo> key = privateKey(entry);
                if (key.isPresent()) {
                    return decode(key.get());
                }
            }
        } catch (IOException | RuntimeException e) {
            if (e instanceof SigningKeyException known) {
                throw known;
            }
            throw SigningKeyException.misconfigured("the key file " + file + " is not readable PEM", e);
        }
        throw SigningKeyException.misconfigured(
                "the key file " + file + " holds no private key: PKCS#8, SEC1 or PKCS#1" + " in PEM is expected");
    }

    private String text() {
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw SigningKeyException.misconfigured("the key file " + file + " is larger than 64 KiB");
            }
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw SigningKeyException.misconfigured("the key file " + file + " does not exist", e);
        } catch (IOException e) {
            throw SigningKeyException.misconfigured("the key file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private Optional<PrivateKeyInfo> privateKey(Object entry) {
        if (entry instanceof PrivateKeyInfo info) {
            return Optional.of(info);
        }
        if (entry instanceof PEMKeyPair pair) {
            return Optional.of(pair.getPrivateKeyInfo());
        }
        if (entry instanceof PEMEncryptedKeyPair encrypted) {
            return Optional.of(decrypt(encrypted));
        }
        if (entry instanceof PKCS8EncryptedPrivateKeyInfo encrypted) {
            return Optional.of(decrypt(encrypted));
        }
        return Optional.empty(); // EC PARAMETERS and certificates may stand in the same file
    }

    private PrivateKeyInfo decrypt(PEMEncryptedKeyPair encrypted) {
        byte[] octets = password().utf8();
        // RFC 1423's derivation takes octets; BouncyCastle's own takes one from the low half of each char.
        char[] chars = new char[octets.length];
        for (int i = 0; i < octets.length; i++) {
            chars[i] = (char) (octets[i] & 0xff);
        }
        try {
            return encrypted.decryptKeyPair(new BcPEMDecryptorProvider(chars)).getPrivateKeyInfo();
        } catch (IOException | RuntimeException e) {
            throw wrongPassword(e);
        } finally {
            Arrays.fill(octets, (byte) 0);
            Arrays.fill(chars, '\0');
        }
    }

    private PrivateKeyInfo decrypt(PKCS8EncryptedPrivateKeyInfo encrypted) {
        char[] chars = password().chars();
        try {
            return encrypted.decryptPrivateKeyInfo(new JceOpenSSLPKCS8DecryptorProviderBuilder()
                    .setProvider(BouncyCastle.whole())
                    .build(chars));
        } catch (PKCSException | OperatorCreationException | RuntimeException e) {
            throw wrongPassword(e);
        } finally {
            Arrays.fill(chars, '\0');
        }
    }

    private Secret password() {
        return password.orElseThrow(() ->
                SigningKeyException.misconfigured("the key file " + file + " is encrypted and no password was given"));
    }

    private SigningKeyException wrongPassword(Exception cause) {
        return SigningKeyException.misconfigured("the password does not open the key file " + file, cause);
    }

    private PrivateKey decode(PrivateKeyInfo info) throws PEMException {
        try {
            ASN1ObjectIdentifier oid = info.getPrivateKeyAlgorithm().getAlgorithm();
            byte[] encoded = info.getEncoded();
            try {
                return KeyFactory.getInstance(algorithm(oid), BouncyCastle.PROVIDER)
                        .generatePrivate(new PKCS8EncodedKeySpec(encoded));
            } finally {
                Arrays.fill(encoded, (byte) 0);
            }
        } catch (GeneralSecurityException | IOException e) {
            throw SigningKeyException.misconfigured("the key in " + file + " cannot be used", e);
        }
    }

    private String algorithm(ASN1ObjectIdentifier oid) {
        if (oid.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
            return "EC";
        }
        if (oid.equals(PKCSObjectIdentifiers.rsaEncryption)) {
            return "RSA";
        }
        if (oid.equals(EdECObjectIdentifiers.id_Ed25519)) {
            return "Ed25519";
        }
        throw SigningKeyException.misconfigured(
                "the key in " + file + " is of type " + oid + "; EC, RSA and Ed25519 are supported");
    }
}
