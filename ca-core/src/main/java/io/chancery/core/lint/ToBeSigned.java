package io.chancery.core.lint;

import io.chancery.core.der.Der;
import io.chancery.core.der.DerTime;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.jspecify.annotations.Nullable;

/**
 * TBSCertificate (RFC 5280 s. 4.1) as it lies there, read member by member: BouncyCastle's own class stops at what some
 * rule here has to name, such as an extension that stands twice. One thread, one use.
 */
final class ToBeSigned {
    private static final int VERSION_TAG = 0;
    private static final int ISSUER_UID_TAG = 1;
    private static final int SUBJECT_UID_TAG = 2;
    private static final int EXTENSIONS_TAG = 3;

    private final Optional<SigningCertificate> signer;
    private final int version;
    private final ASN1Integer serial;
    private final AlgorithmIdentifier signature;
    private final X500Name issuer;
    private final ASN1Sequence validity;
    private final X500Name subject;
    private final SubjectKey key;
    private final List<Extension> extensions = new ArrayList<>();
    private final Map<ASN1ObjectIdentifier, Optional<ASN1Primitive>> values = new HashMap<>();
    private boolean uniqueIdentifiers;

    private ToBeSigned(ASN1Sequence members, Optional<SigningCertificate> signer) {
        this.signer = signer;
        boolean versioned =
                members.getObjectAt(0) instanceof ASN1TaggedObject tagged && tagged.hasContextTag(VERSION_TAG);
        int at = versioned ? 1 : 0;
        this.version = versioned
                ? ASN1Integer.getInstance((ASN1TaggedObject) members.getObjectAt(0), true)
                                .intValueExact()
                        + 1
                : 1;
        this.serial = ASN1Integer.getInstance(members.getObjectAt(at));
        this.signature = AlgorithmIdentifier.getInstance(members.getObjectAt(at + 1));
        this.issuer = X500Name.getInstance(members.getObjectAt(at + 2));
        this.validity = ASN1Sequence.getInstance(members.getObjectAt(at + 3));
        this.subject = X500Name.getInstance(members.getObjectAt(at + 4));
        this.key = new SubjectKey(SubjectPublicKeyInfo.getInstance(members.getObjectAt(at + 5)));
        for (int i = at + 6; i < members.size(); i++) {
            readTagged(ASN1TaggedObject.getInstance(members.getObjectAt(i)));
        }
    }

    private void readTagged(ASN1TaggedObject member) {
        if (member.hasContextTag(ISSUER_UID_TAG) || member.hasContextTag(SUBJECT_UID_TAG)) {
            uniqueIdentifiers = true;
        } else if (member.hasContextTag(EXTENSIONS_TAG) && extensions.isEmpty()) {
            for (ASN1Encodable each : ASN1Sequence.getInstance(member, true)) {
                extensions.add(Extension.getInstance(each));
            }
        } else {
            throw new IllegalArgumentException("a member that RFC 5280 does not have");
        }
    }

    /** IllegalArgumentException, saying why, when the bytes are not the DER of one. */
    static ToBeSigned read(Der tbs, Optional<SigningCertificate> signer) {
        byte[] bytes = tbs.bytes();
        try {
            ASN1Sequence members = ASN1Sequence.getInstance(ASN1Primitive.fromByteArray(bytes));
            if (!Arrays.equals(bytes, members.getEncoded(ASN1Encoding.DER))) {
                throw new IllegalArgumentException("not DER");
            }
            return new ToBeSigned(members, signer);
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException("no TBSCertificate: " + e.getMessage(), e);
        }
    }

    /** Empty for a root. */
    Optional<SigningCertificate> signer() {
        return signer;
    }

    int version() {
        return version;
    }

    ASN1Integer serial() {
        return serial;
    }

    AlgorithmIdentifier signature() {
        return signature;
    }

    X500Name issuer() {
        return issuer;
    }

    X500Name subject() {
        return subject;
    }

    SubjectKey key() {
        return key;
    }

    boolean hasUniqueIdentifiers() {
        return uniqueIdentifiers;
    }

    /** UTCTime or GeneralizedTime, as encoded. */
    ASN1Primitive start() {
        return validity.getObjectAt(0).toASN1Primitive();
    }

    /** As {@link #start}. */
    ASN1Primitive end() {
        return validity.getObjectAt(1).toASN1Primitive();
    }

    Instant notBefore() {
        return DerTime.lenient(start());
    }

    Instant notAfter() {
        return DerTime.lenient(end());
    }

    /** Every one, in order, also one that stands twice. */
    List<Extension> extensions() {
        return extensions;
    }

    Optional<Extension> extension(ASN1ObjectIdentifier oid) {
        for (Extension each : extensions) {
            if (each.getExtnId().equals(oid)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** The extension's value; IllegalArgumentException when it is none of that form. */
    <T> Optional<T> value(ASN1ObjectIdentifier oid, Function<Object, @Nullable T> form) {
        return values.computeIfAbsent(oid, it -> extension(it).map(ToBeSigned::parsed))
                .map(form);
    }

    static ASN1Primitive parsed(Extension extension) {
        try {
            return ASN1Primitive.fromByteArray(extension.getExtnValue().getOctets());
        } catch (IOException e) {
            throw new IllegalArgumentException("no DER", e);
        }
    }

    List<GeneralName> names() {
        return value(Extension.subjectAlternativeName, GeneralNames::getInstance)
                .map(names -> Arrays.asList(names.getNames()))
                .orElse(List.of());
    }

    boolean isCa() {
        return value(Extension.basicConstraints, BasicConstraints::getInstance)
                .map(BasicConstraints::isCA)
                .orElse(false);
    }
}
