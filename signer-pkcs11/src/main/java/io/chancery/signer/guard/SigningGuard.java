package io.chancery.signer.guard;

import static io.chancery.signer.guard.RuleBroken.unless;

import io.chancery.cluster.bus.SignReply;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.LeafCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.config.ChanceryConfig.KeyRules;
import io.chancery.core.crypto.BouncyCastle;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.der.DerTime;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;

/**
 * The signer's own look at what it is asked to sign. It parses the bytes itself and believes nothing of the sender:
 * what this lets through is what a node that is not ours could get signed. Immutable, safe for any thread, some tens of
 * microseconds a certificate.
 */
public final class SigningGuard {
    private static final PublicKeys KEYS = new PublicKeys(BouncyCastle.PROVIDER);
    private static final int EXTENSIONS_TAG = 3; // RFC 5280 s. 4.1
    private static final int MIN_SERIAL_BITS = 64;

    private final IssuerCertificate issuer;
    private final KeyRules rules;
    private final byte[] issuerSubject;
    private final byte[] issuerKey;
    private final ExtensionChecks extensions;
    private final Sha256 rulesHash;

    /** IllegalArgumentException when the issuer's certificate has extensions that cannot be read. */
    public SigningGuard(IssuerCertificate issuer, KeyRules rules) {
        this.issuer = issuer;
        this.rules = rules;
        PublicKey key = issuer.certificate().getPublicKey();
        this.issuerSubject = issuer.certificate().getSubjectX500Principal().getEncoded();
        this.issuerKey = key.getEncoded();
        this.extensions = new ExtensionChecks(issuer, rules);
        this.rulesHash = Sha256.digest(canonical(rules).getBytes(StandardCharsets.UTF_8));
    }

    /** SHA-256 over the rules as text. Says nothing of the issuer: signers with the same rules agree on it. */
    public Sha256 rulesHash() {
        return rulesHash;
    }

    private static String canonical(KeyRules rules) {
        StringBuilder text = new StringBuilder("chancery key rules v1\n");
        for (SigningRule rule : SigningRule.values()) {
            text.append(rule.text()).append('\n');
        }
        return text.append("maxValidity=")
                .append(rules.maxValidity()
                        .map(Duration::toSeconds)
                        .map(String::valueOf)
                        .orElse("issuer"))
                .append("\nallowCa=")
                .append(rules.allowCa())
                .append("\nmaxPathLength=")
                .append(rules.maxPathLength())
                .append("\nallowOcspSigning=")
                .append(rules.allowOcspSigning())
                .append('\n')
                .toString();
    }

    /** Empty when the bytes may be signed under the serial; else the first rule they break. */
    public Optional<SignReply.Refused> check(SerialNumber serial, Der tbs) {
        try {
            check(read(tbs), serial);
            return Optional.empty();
        } catch (RuleBroken e) {
            return Optional.of(new SignReply.Refused(e.rule().text(), String.valueOf(e.getMessage())));
        } catch (RuntimeException e) {
            // The parser's, on bytes that nobody has thought of: nothing has been signed.
            return Optional.of(new SignReply.Refused(SigningRule.DER.text(), "unreadable: " + e));
        }
    }

    private static TBSCertificate read(Der tbs) throws RuleBroken {
        unless(tbs.length() <= LeafCertificate.MAX_TBS_OCTETS, SigningRule.DER, "more than 64 KiB");
        byte[] bytes = tbs.bytes();
        try {
            ASN1Primitive sequence = ASN1Primitive.fromByteArray(bytes);
            unless(sequence instanceof ASN1Sequence, SigningRule.DER, "not a SEQUENCE");
            // The parser would pass over a second block of them.
            unless(extensionBlocks((ASN1Sequence) sequence) <= 1, SigningRule.DER, "more than one block of extensions");
            TBSCertificate certificate = TBSCertificate.getInstance(sequence);
            unless(
                    Arrays.equals(bytes, sequence.getEncoded(ASN1Encoding.DER)),
                    SigningRule.DER,
                    "does not encode to the same octets again");
            return certificate;
        } catch (IOException | RuntimeException e) {
            throw new RuleBroken(SigningRule.DER, "not a TBSCertificate: " + e.getMessage());
        }
    }

    private static int extensionBlocks(ASN1Sequence members) {
        int blocks = 0;
        for (ASN1Encodable member : members) {
            if (member instanceof ASN1TaggedObject tagged && tagged.hasContextTag(EXTENSIONS_TAG)) {
                blocks++;
            }
        }
        return blocks;
    }

    private void check(TBSCertificate certificate, SerialNumber serial) throws RuleBroken {
        unless(
                certificate.getVersionNumber() == 3,
                SigningRule.VERSION,
                () -> "version " + certificate.getVersionNumber());
        checkSerial(certificate.getSerialNumber(), serial);
        checkAlgorithm(certificate.getSignature());
        unless(
                Arrays.equals(encoded(certificate.getIssuer()), issuerSubject),
                SigningRule.ISSUER,
                () -> "issuer " + certificate.getIssuer());
        unless(
                certificate.getIssuerUniqueId() == null && certificate.getSubjectUniqueId() == null,
                SigningRule.VERSION,
                "unique identifiers (RFC 5280 s. 4.1.2.8 forbids them)");
        checkValidity(certificate.getStartDate(), certificate.getEndDate());
        checkPublicKey(certificate.getSubjectPublicKeyInfo());
        extensions.check(certificate.getExtensions(), certificate.getSubject());
    }

    /** Any that the key can, and written as RFC 4055 and 5758 have it: templates and other nodes' settings choose among them. */
    private void checkAlgorithm(AlgorithmIdentifier found) throws RuleBroken {
        PublicKey key = issuer.certificate().getPublicKey();
        unless(
                SignatureScheme.ofDer(Der.of(encoded(found)))
                        .filter(scheme -> scheme.fits(key))
                        .isPresent(),
                SigningRule.ALGORITHM,
                () -> "signature algorithm " + found.getAlgorithm() + " where the key signs with "
                        + SignatureScheme.namesFor(key));
    }

    private static void checkSerial(ASN1Integer found, SerialNumber asked) throws RuleBroken {
        BigInteger value = found.getPositiveValue();
        // RFC 5280 s. 4.1.2.2: positive, at most 20 octets. SerialNumber holds both for the message's own.
        unless(found.getValue().signum() > 0, SigningRule.SERIAL, "not positive");
        unless(value.equals(asked.value()), SigningRule.SERIAL, "not the serial number of the message");
        unless(
                value.bitLength() >= MIN_SERIAL_BITS,
                SigningRule.SERIAL,
                () -> "only " + value.bitLength() + " bits long");
    }

    private void checkValidity(Time start, Time end) throws RuleBroken {
        Instant notBefore = instant(start);
        Instant notAfter = instant(end);
        unless(notBefore.isBefore(notAfter), SigningRule.VALIDITY, () -> "ends at " + notAfter + ", before it begins");
        Instant issuerStart = issuer.certificate().getNotBefore().toInstant();
        Instant issuerEnd = issuer.certificate().getNotAfter().toInstant();
        unless(!notBefore.isBefore(issuerStart), SigningRule.VALIDITY, () -> "begins before the issuer: " + notBefore);
        unless(!notAfter.isAfter(issuerEnd), SigningRule.VALIDITY, () -> "ends after the issuer: " + notAfter);
        if (rules.maxValidity().isPresent()) {
            Duration length = Duration.between(notBefore, notAfter);
            unless(
                    length.compareTo(rules.maxValidity().get()) <= 0,
                    SigningRule.MAX_VALIDITY,
                    () -> "valid for " + length + ", at most "
                            + rules.maxValidity().get() + " is allowed");
        }
    }

    private static Instant instant(Time time) throws RuleBroken {
        try {
            return DerTime.lenient(time.toASN1Primitive());
        } catch (RuntimeException e) {
            throw new RuleBroken(SigningRule.VALIDITY, "unreadable time");
        }
    }

    private void checkPublicKey(SubjectPublicKeyInfo key) throws RuleBroken {
        try {
            PublicKey unused = KEYS.decode(key);
        } catch (CaException e) {
            throw new RuleBroken(SigningRule.PUBLIC_KEY, "unreadable: " + e.getMessage());
        }
        unless(!Arrays.equals(encoded(key), issuerKey), SigningRule.PUBLIC_KEY, "the issuer's own key");
    }

    private static byte[] encoded(org.bouncycastle.asn1.ASN1Object value) throws RuleBroken {
        try {
            return value.getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new RuleBroken(SigningRule.DER, "does not encode: " + e.getMessage());
        }
    }
}
