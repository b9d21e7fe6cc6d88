package io.chancery.core.crypto;

import io.chancery.core.der.Der;
import java.io.IOException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * How an issuer's key signs: the AlgorithmIdentifier that stands in the certificate (RFC 5758, 4055, 8410), and how such a
 * signature is made and verified. RSASSA-PSS has the parameters of RFC 5756 s. 2: one hash for message and mask, a salt as long
 * as it.
 */
public enum SignatureScheme {
    ECDSA_SHA256("ECDSA-SHA256", "SHA256withECDSA", X9ObjectIdentifiers.ecdsa_with_SHA256),
    ECDSA_SHA384("ECDSA-SHA384", "SHA384withECDSA", X9ObjectIdentifiers.ecdsa_with_SHA384),
    ECDSA_SHA512("ECDSA-SHA512", "SHA512withECDSA", X9ObjectIdentifiers.ecdsa_with_SHA512),
    RSA_SHA256("SHA256-RSA", "SHA256withRSA", PKCSObjectIdentifiers.sha256WithRSAEncryption),
    RSA_SHA384("SHA384-RSA", "SHA384withRSA", PKCSObjectIdentifiers.sha384WithRSAEncryption),
    RSA_SHA512("SHA512-RSA", "SHA512withRSA", PKCSObjectIdentifiers.sha512WithRSAEncryption),
    RSA_PSS_SHA256("SHA256-RSAPSS", "SHA-256", NISTObjectIdentifiers.id_sha256, 32),
    RSA_PSS_SHA384("SHA384-RSAPSS", "SHA-384", NISTObjectIdentifiers.id_sha384, 48),
    RSA_PSS_SHA512("SHA512-RSAPSS", "SHA-512", NISTObjectIdentifiers.id_sha512, 64),
    ED25519("Ed25519", "Ed25519", EdECObjectIdentifiers.id_Ed25519);

    private final String text;

    @SuppressWarnings("ImmutableEnumChecker") // a record of texts
    private final SignatureCheck check;

    @SuppressWarnings("ImmutableEnumChecker") // nothing changes an AlgorithmIdentifier that was made here
    private final AlgorithmIdentifier identifier;

    @SuppressWarnings("ImmutableEnumChecker") // it is
    private final Der der;

    SignatureScheme(String text, String jcaName, ASN1ObjectIdentifier oid) {
        this.text = text;
        this.check = SignatureCheck.named(jcaName);
        this.identifier =
                jcaName.endsWith("RSA") ? new AlgorithmIdentifier(oid, DERNull.INSTANCE) : new AlgorithmIdentifier(oid);
        this.der = encoded(identifier);
    }

    SignatureScheme(String text, String hashName, ASN1ObjectIdentifier hash, int salt) {
        this.text = text;
        this.check = SignatureCheck.pss(hashName);
        AlgorithmIdentifier digest = new AlgorithmIdentifier(hash, DERNull.INSTANCE);
        this.identifier = new AlgorithmIdentifier(
                PKCSObjectIdentifiers.id_RSASSA_PSS,
                new RSASSAPSSparams(
                        digest,
                        new AlgorithmIdentifier(PKCSObjectIdentifiers.id_mgf1, digest),
                        new ASN1Integer(salt),
                        RSASSAPSSparams.DEFAULT_TRAILER_FIELD));
        this.der = encoded(identifier);
    }

    private static Der encoded(AlgorithmIdentifier identifier) {
        try {
            return Der.of(identifier.getEncoded(ASN1Encoding.DER));
        } catch (IOException e) {
            throw new IllegalStateException("an algorithm identifier always encodes", e);
        }
    }

    /**
     * The scheme that step-ca chooses for an issuer: that of the issuer's own certificate where key and certificate are RSA's,
     * else the one of {@link #defaultFor(PublicKey)}.
     *
     * @throws IllegalArgumentException when no scheme is for such a key
     */
    public static SignatureScheme defaultFor(X509Certificate issuer) {
        SignatureScheme ofKey = defaultFor(issuer.getPublicKey());
        return ofKey == RSA_SHA256
                ? of(issuer)
                        .filter(scheme -> scheme.fits(issuer.getPublicKey()))
                        .orElse(ofKey)
                : ofKey;
    }

    /** The scheme that Go's crypto/x509 chooses for the key: the hash follows the curve. */
    public static SignatureScheme defaultFor(PublicKey key) {
        if (key instanceof ECPublicKey ec) {
            int bits = ec.getParams().getCurve().getField().getFieldSize();
            return bits <= 256 ? ECDSA_SHA256 : bits <= 384 ? ECDSA_SHA384 : ECDSA_SHA512;
        }
        if (key instanceof RSAPublicKey) {
            return isForPssAlone(key) ? RSA_PSS_SHA256 : RSA_SHA256;
        }
        if (key.getAlgorithm().equals("Ed25519") || key.getAlgorithm().equals("EdDSA")) {
            return ED25519;
        }
        throw new IllegalArgumentException("no signature scheme for keys of type " + key.getAlgorithm());
    }

    /** The scheme that the certificate is signed with; empty for one that is not used here. */
    public static Optional<SignatureScheme> of(X509Certificate certificate) {
        byte[] parameters = certificate.getSigAlgParams();
        ASN1ObjectIdentifier oid = new ASN1ObjectIdentifier(certificate.getSigAlgOID());
        try {
            return of(
                    parameters == null
                            ? new AlgorithmIdentifier(oid)
                            : new AlgorithmIdentifier(oid, ASN1Primitive.fromByteArray(parameters)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The scheme that an AlgorithmIdentifier means, as Go reads it: NULL may be left out, parameters of RSASSA-PSS may not. */
    public static Optional<SignatureScheme> of(AlgorithmIdentifier found) {
        return Arrays.stream(values()).filter(scheme -> scheme.isMeantBy(found)).findFirst();
    }

    /** The scheme whose AlgorithmIdentifier has exactly this DER, as certificates and lists made here have it. */
    public static Optional<SignatureScheme> ofDer(Der identifier) {
        return Arrays.stream(values())
                .filter(scheme -> scheme.der.equals(identifier))
                .findFirst();
    }

    private boolean isMeantBy(AlgorithmIdentifier found) {
        if (!identifier.getAlgorithm().equals(found.getAlgorithm())) {
            return false;
        }
        if (check.pssHash().isEmpty()) {
            return isPlain(found);
        }
        try {
            RSASSAPSSparams wanted = RSASSAPSSparams.getInstance(identifier.getParameters());
            RSASSAPSSparams given = RSASSAPSSparams.getInstance(found.getParameters());
            return given != null
                    && isHash(given.getHashAlgorithm(), wanted)
                    && given.getMaskGenAlgorithm().getAlgorithm().equals(PKCSObjectIdentifiers.id_mgf1)
                    && isHash(
                            AlgorithmIdentifier.getInstance(
                                    given.getMaskGenAlgorithm().getParameters()),
                            wanted)
                    && given.getSaltLength().equals(wanted.getSaltLength())
                    && given.getTrailerField().equals(wanted.getTrailerField());
        } catch (RuntimeException e) { // the parser's, on parameters of another kind
            return false;
        }
    }

    private static boolean isHash(AlgorithmIdentifier found, RSASSAPSSparams wanted) {
        return found.getAlgorithm().equals(wanted.getHashAlgorithm().getAlgorithm()) && isPlain(found);
    }

    private static boolean isPlain(AlgorithmIdentifier found) {
        ASN1Encodable parameters = found.getParameters();
        return parameters == null || DERNull.INSTANCE.equals(parameters);
    }

    /** The scheme of this name, in whatever case, as step's templates name it; empty when none is. */
    public static Optional<SignatureScheme> named(String text) {
        return Arrays.stream(values())
                .filter(scheme -> scheme.text.equalsIgnoreCase(text))
                .findFirst();
    }

    /** The names of all that fit the key, for messages. */
    public static String namesFor(PublicKey key) {
        return names(Arrays.stream(values()).filter(scheme -> scheme.fits(key)).toList());
    }

    /** The names of all, for messages. */
    public static String names() {
        return names(List.of(values()));
    }

    private static String names(List<SignatureScheme> schemes) {
        return schemes.stream().map(SignatureScheme::text).collect(Collectors.joining(", "));
    }

    /** Whether a key of this type can sign so. */
    public boolean fits(PublicKey key) {
        return switch (this) {
            case ECDSA_SHA256, ECDSA_SHA384, ECDSA_SHA512 -> key instanceof ECPublicKey;
            case RSA_SHA256, RSA_SHA384, RSA_SHA512 -> key instanceof RSAPublicKey && !isForPssAlone(key);
            case RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512 -> key instanceof RSAPublicKey;
            case ED25519 ->
                key.getAlgorithm().equals("Ed25519") || key.getAlgorithm().equals("EdDSA");
        };
    }

    /** RFC 4055 s. 1.2: what its owner has bound to the one scheme does nothing else. */
    private static boolean isForPssAlone(PublicKey key) {
        return key.getAlgorithm().equals("RSASSA-PSS");
    }

    /** This one; IllegalArgumentException says what would be right when a key of this type cannot sign so. */
    public SignatureScheme fitting(PublicKey key) {
        if (!fits(key)) {
            throw new IllegalArgumentException(
                    text + " does not fit a key of type " + key.getAlgorithm() + ", which signs with " + namesFor(key));
        }
        return this;
    }

    /** Whether it is for keys of RSA. */
    public boolean isRsa() {
        return isPss() || jcaName().endsWith("RSA");
    }

    /** Whether it is one of RSASSA-PSS. */
    public boolean isPss() {
        return check.pssHash().isPresent();
    }

    /** As Go and step's templates name it, such as {@code SHA256-RSAPSS}. */
    public String text() {
        return text;
    }

    /** The name for {@code Signature.getInstance}; one of RSASSA-PSS wants parameters besides, so let {@link #check} make it. */
    public String jcaName() {
        return check.jcaName();
    }

    /** How such a signature is verified, and made. */
    public SignatureCheck check() {
        return check;
    }

    public AlgorithmIdentifier identifier() {
        return identifier;
    }

    /** DER of {@link #identifier()}. */
    public Der der() {
        return der;
    }
}
