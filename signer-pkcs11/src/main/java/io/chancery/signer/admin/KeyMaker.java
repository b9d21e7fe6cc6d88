package io.chancery.signer.admin;

import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sun.security.pkcs11.wrapper.CK_ATTRIBUTE;
import sun.security.pkcs11.wrapper.CK_MECHANISM;
import sun.security.pkcs11.wrapper.PKCS11Constants;

/** Makes key pairs on a token: sensitive, not extractable, for signing alone. */
public final class KeyMaker {
    private static final BigInteger F4 = BigInteger.valueOf(65537);

    private KeyMaker() {}

    /**
     * Makes a key under the URI's label and id; without an id the token draws one. SoftHSM 2.6 does not bear this
     * beside other work on the same token.
     *
     * @throws HsmException MISCONFIGURED when the URI has no label, or a key with the label or id is there
     */
    public static ManagedKey generate(TokenSession token, Pkcs11Uri uri, KeyAlgorithm algorithm) {
        String label = newLabel(token, uri);
        byte[] id = newId(token, uri);
        CryptokiSession session = token.session();
        long[] pair = session.generatePair(
                new CK_MECHANISM(
                        algorithm.isRsa()
                                ? PKCS11Constants.CKM_RSA_PKCS_KEY_PAIR_GEN
                                : PKCS11Constants.CKM_EC_KEY_PAIR_GEN),
                publicTemplate(algorithm, label, id),
                privateTemplate(label, id).toArray(CK_ATTRIBUTE[]::new));
        return ofHandle(token, pair[1]);
    }

    /** HsmException MISCONFIGURED when the token has no mechanism to make such a key. */
    public static void refuseUnable(TokenSession token, KeyAlgorithm algorithm) {
        missing(
                        token.module()
                                .mechanismsTo(
                                        "generate-pair", token.token().slot().id()),
                        algorithm)
                .ifPresent(mechanism -> {
                    throw HsmException.misconfigured("the token "
                            + token.token().slot().label() + " cannot make a key " + algorithm + ": it lacks "
                            + mechanism + ". Choose another algorithm, or enable the mechanism");
                });
    }

    /** Which mechanism is not among those that make pairs of keys. */
    static Optional<String> missing(List<String> making, KeyAlgorithm algorithm) {
        String needed = algorithm.isRsa() ? "CKM_RSA_PKCS_KEY_PAIR_GEN" : "CKM_EC_KEY_PAIR_GEN";
        return making.contains(needed) ? Optional.empty() : Optional.of(needed);
    }

    static ManagedKey ofHandle(TokenSession token, long handle) {
        return token.keys(Pkcs11Uri.parse("pkcs11:")).stream()
                .filter(key -> key.isHandle(handle))
                .findFirst()
                .orElseThrow(
                        () -> HsmException.misconfigured("the token does not show the key that it has just taken"));
    }

    static String newLabel(TokenSession token, Pkcs11Uri uri) {
        String label = uri.object()
                .orElseThrow(() -> HsmException.misconfigured("pkcs11 URI: object is needed, the new key's label"));
        refuseTaken(token, Pkcs11Uri.parse("pkcs11:object=" + Pkcs11Uri.encoded(label)));
        return label;
    }

    static byte[] newId(TokenSession token, Pkcs11Uri uri) {
        Optional<byte[]> wanted = uri.id().map(id -> id.bytes());
        if (wanted.isEmpty()) {
            return token.session().random();
        }
        refuseTaken(
                token, Pkcs11Uri.parse("pkcs11:id=" + java.util.HexFormat.of().formatHex(wanted.get())));
        return wanted.get();
    }

    private static void refuseTaken(TokenSession token, Pkcs11Uri name) {
        if (!token.keys(name).isEmpty()) {
            throw HsmException.misconfigured("token " + token.token().slot().label() + " has a key " + name
                    + " already; a new key gets a new name");
        }
    }

    private static CK_ATTRIBUTE[] publicTemplate(KeyAlgorithm algorithm, String label, byte[] id) {
        List<CK_ATTRIBUTE> template = new ArrayList<>();
        template.add(new CK_ATTRIBUTE(PKCS11Constants.CKA_TOKEN, true));
        template.add(new CK_ATTRIBUTE(PKCS11Constants.CKA_LABEL, label.getBytes(StandardCharsets.UTF_8)));
        template.add(new CK_ATTRIBUTE(PKCS11Constants.CKA_ID, id));
        template.add(new CK_ATTRIBUTE(PKCS11Constants.CKA_VERIFY, true));
        if (algorithm.isRsa()) {
            template.add(new CK_ATTRIBUTE(PKCS11Constants.CKA_MODULUS_BITS, algorithm.bits()));
            template.add(new CK_ATTRIBUTE(PKCS11Constants.CKA_PUBLIC_EXPONENT, F4));
        } else {
            template.add(new CK_ATTRIBUTE(PKCS11Constants.CKA_EC_PARAMS, encoded(algorithm)));
        }
        return template.toArray(CK_ATTRIBUTE[]::new);
    }

    private static byte[] encoded(KeyAlgorithm algorithm) {
        try {
            return algorithm.curve().getEncoded();
        } catch (IOException e) {
            throw new IllegalStateException("a constant that cannot be encoded", e);
        }
    }

    /** What every private key of ours has, made or imported. */
    static List<CK_ATTRIBUTE> privateTemplate(String label, byte[] id) {
        return new ArrayList<>(List.of(
                new CK_ATTRIBUTE(PKCS11Constants.CKA_TOKEN, true),
                new CK_ATTRIBUTE(PKCS11Constants.CKA_PRIVATE, true),
                new CK_ATTRIBUTE(PKCS11Constants.CKA_LABEL, label.getBytes(StandardCharsets.UTF_8)),
                new CK_ATTRIBUTE(PKCS11Constants.CKA_ID, id),
                new CK_ATTRIBUTE(PKCS11Constants.CKA_SENSITIVE, true),
                new CK_ATTRIBUTE(PKCS11Constants.CKA_EXTRACTABLE, false),
                new CK_ATTRIBUTE(PKCS11Constants.CKA_SIGN, true)));
    }
}
