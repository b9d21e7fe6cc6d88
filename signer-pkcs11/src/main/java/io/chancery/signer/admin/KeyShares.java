package io.chancery.signer.admin;

import io.chancery.core.der.Sha256;
import io.chancery.signer.hsm.HsmException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.threshold.ShamirSecretSplitter;
import org.bouncycastle.crypto.threshold.ShamirSplitSecret;
import org.bouncycastle.crypto.threshold.ShamirSplitSecretShare;

/**
 * A key made outside a token so that it can be backed up at all: encrypted under a random AES key (GCM), which is split
 * by Shamir's scheme into shares of which so many give it back. Neither the backup alone nor too few shares tell
 * anything; the backup may lie anywhere.
 */
public final class KeyShares {
    private static final String BACKUP = "chancery key backup 1";
    private static final String SHARE = "chancery key share 1";
    private static final int AES_OCTETS = 32;
    private static final int NONCE_OCTETS = 12;
    private static final int TAG_BITS = 128;
    private static final int MOST = 20;

    private KeyShares() {}

    /**
     * @param needed so many shares give the key back; at least 2, or one person could take it alone
     */
    public record Split(int needed, int count) {
        public Split {
            if (needed < 2 || count < needed || count > MOST) {
                throw new IllegalArgumentException(
                        "shares are M of N with 2 <= M <= N <= " + MOST + ", not " + needed + " of " + count);
            }
        }

        /** As {@code 2 of 3} or {@code 2of3}; IllegalArgumentException. */
        public static Split parse(String text) {
            String[] parts = text.split("of", -1);
            if (parts.length != 2
                    || !parts[0].strip().matches("[0-9]{1,2}")
                    || !parts[1].strip().matches("[0-9]{1,2}")) {
                throw new IllegalArgumentException("shares are written as \"2 of 3\", not \"" + text + "\"");
            }
            return new Split(Integer.parseInt(parts[0].strip()), Integer.parseInt(parts[1].strip()));
        }

        @Override
        public String toString() {
            return needed + " of " + count;
        }
    }

    /**
     * A key with its backup. The private key is for {@link KeyImport}, and then nobody's.
     *
     * @param backup a file's text
     * @param shares one file's text for each keeper
     */
    public record Made(PrivateKey key, PublicKey publicKey, String backup, List<String> shares) {
        public Made {
            shares = List.copyOf(shares);
        }
    }

    /** What a backup gave back. */
    public record Restored(PrivateKey key, PublicKey publicKey) {}

    /** Makes a key and its backup, in memory alone. */
    public static Made make(KeyAlgorithm algorithm, Split split, SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm.isRsa() ? "RSA" : "EC");
            if (algorithm.isRsa()) {
                generator.initialize(algorithm.bits(), random);
            } else {
                generator.initialize(new ECGenParameterSpec("secp" + algorithm.bits() + "r1"), random);
            }
            KeyPair pair = generator.generateKeyPair();
            ShamirSplitSecret secret = ShamirSecretSplitter.getInstance(
                            ShamirSecretSplitter.Algorithm.AES, AES_OCTETS, random)
                    .split(split.needed(), split.count());
            byte[] aes = secret.getSecret();
            byte[] plain = pair.getPrivate().getEncoded();
            try {
                String name = Sha256.digest(pair.getPublic().getEncoded()).hex().substring(0, 16);
                return new Made(
                        pair.getPrivate(),
                        pair.getPublic(),
                        backup(name, split, pair.getPublic(), aes, plain, random),
                        shares(name, split, secret));
            } finally {
                Arrays.fill(aes, (byte) 0);
                Arrays.fill(plain, (byte) 0);
            }
        } catch (GeneralSecurityException | IOException e) {
            throw HsmException.of("the key and its shares cannot be made", e);
        }
    }

    private static String backup(String name, Split split, PublicKey key, byte[] aes, byte[] plain, SecureRandom random)
            throws GeneralSecurityException {
        byte[] nonce = new byte[NONCE_OCTETS];
        random.nextBytes(nonce);
        HexFormat hex = HexFormat.of();
        String head = BACKUP + "\nkey: " + name + "\nshares: " + split + "\npublic: " + hex.formatHex(key.getEncoded())
                + "\n";
        Cipher cipher = cipher(Cipher.ENCRYPT_MODE, aes, nonce, head);
        return head + "nonce: " + hex.formatHex(nonce) + "\nencrypted: " + hex.formatHex(cipher.doFinal(plain)) + "\n";
    }

    private static Cipher cipher(int mode, byte[] aes, byte[] nonce, String head) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(aes, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(head.getBytes(StandardCharsets.US_ASCII));
        return cipher;
    }

    private static List<String> shares(String name, Split split, ShamirSplitSecret secret) throws IOException {
        List<String> texts = new ArrayList<>();
        ShamirSplitSecretShare[] parts = secret.getSecretShares();
        for (int i = 0; i < parts.length; i++) {
            String value = HexFormat.of().formatHex(parts[i].getEncoded());
            String number = String.valueOf(i + 1);
            texts.add(SHARE + "\nkey: " + name + "\nshare: " + number + "\nshares: " + split + "\nvalue: "
                    + value.replaceAll("(.{8})(?=.)", "$1 ") + "\ncheck: " + check(name, number, value) + "\n");
        }
        return texts;
    }

    /** Finds slips of the pen in a share that was copied by hand. */
    private static String check(String name, String number, String value) {
        return Sha256.digest((name + "/" + number + "/" + value).getBytes(StandardCharsets.US_ASCII))
                .hex()
                .substring(0, 8);
    }

    /**
     * Gives the key back.
     *
     * @throws HsmException MISCONFIGURED when shares are too few, another key's or damaged
     */
    public static Restored restore(String backup, List<String> shares) {
        Map<String, String> fields = fields(backup, BACKUP, "backup");
        String name = field(fields, "key", "backup");
        Split split = Split.parse(field(fields, "shares", "backup"));
        Map<Integer, byte[]> parts = new TreeMap<>();
        for (String share : shares) {
            addShare(name, share, parts);
        }
        if (parts.size() < split.needed()) {
            throw HsmException.misconfigured(
                    "the key needs " + split + " shares; " + parts.size() + " different one(s) were given");
        }
        byte[] aes = new byte[0];
        byte[] plain = new byte[0];
        try {
            List<ShamirSplitSecretShare> used = new ArrayList<>();
            parts.forEach((number, value) -> {
                if (used.size() < split.needed()) {
                    used.add(new ShamirSplitSecretShare(value, number));
                }
            });
            aes = ShamirSplitSecret.getInstance(
                            ShamirSecretSplitter.Algorithm.AES, used.toArray(ShamirSplitSecretShare[]::new))
                    .getSecret();
            HexFormat hex = HexFormat.of();
            String head = backup.substring(0, backup.indexOf("nonce: "));
            plain = cipher(Cipher.DECRYPT_MODE, aes, hex.parseHex(field(fields, "nonce", "backup")), head)
                    .doFinal(hex.parseHex(field(fields, "encrypted", "backup")));
            PublicKey publicKey = publicKey(hex.parseHex(field(fields, "public", "backup")));
            return new Restored(
                    KeyFactory.getInstance(publicKey.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(plain)),
                    publicKey);
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            throw HsmException.misconfigured("these shares do not open this backup; one of them may be damaged");
        } finally {
            Arrays.fill(aes, (byte) 0);
            Arrays.fill(plain, (byte) 0);
        }
    }

    private static PublicKey publicKey(byte[] encoded) throws GeneralSecurityException {
        try {
            return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(encoded));
        }
    }

    private static void addShare(String name, String text, Map<Integer, byte[]> into) {
        Map<String, String> fields = fields(text, SHARE, "share");
        String number = field(fields, "share", "share");
        String value = field(fields, "value", "share").replace(" ", "");
        if (!field(fields, "key", "share").equals(name)) {
            throw HsmException.misconfigured("share " + number + " is one of another key's");
        }
        if (!field(fields, "check", "share").equals(check(name, number, value)) || !number.matches("[1-9][0-9]?")) {
            throw HsmException.misconfigured("share " + number + " is damaged: its check does not fit its value");
        }
        into.put(Integer.parseInt(number), HexFormat.of().parseHex(value));
    }

    private static Map<String, String> fields(String text, String first, String what) {
        List<String> lines = text.lines().toList();
        if (lines.isEmpty() || !lines.get(0).equals(first)) {
            throw HsmException.misconfigured("this is no " + what + ": its first line is not \"" + first + "\"");
        }
        Map<String, String> fields = new TreeMap<>();
        for (String line : lines.subList(1, lines.size())) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        }
        return fields;
    }

    private static String field(Map<String, String> fields, String name, String what) {
        String value = fields.get(name);
        if (value == null) {
            throw HsmException.misconfigured("the " + what + " has no line \"" + name + ":\"");
        }
        return value;
    }
}
