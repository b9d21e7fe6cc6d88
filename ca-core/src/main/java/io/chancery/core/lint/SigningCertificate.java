package io.chancery.core.lint;

import io.chancery.core.der.Der;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;

/** What rules ask of the certificate whose key will sign; read once an issuer. Immutable. */
public final class SigningCertificate {
    private static final int KEY_CERT_SIGN = 5; // X509Certificate.getKeyUsage

    private final Der subject;
    private final Der key;
    private final Optional<Der> keyId;
    private final Instant notBefore;
    private final Instant notAfter;
    private final boolean ca;
    private final PathRoom room;
    private final List<X500Name> authorities;
    private final boolean mayCertify;

    private SigningCertificate(
            X509Certificate certificate, Collection<X509Certificate> above, Collection<X509Certificate> beside) {
        this.subject = Der.of(certificate.getSubjectX500Principal().getEncoded());
        this.key = Der.of(certificate.getPublicKey().getEncoded());
        byte[] id = certificate.getExtensionValue(Extension.subjectKeyIdentifier.getId());
        this.keyId = Optional.ofNullable(id)
                .map(value -> Der.of(SubjectKeyIdentifier.getInstance(
                                ASN1OctetString.getInstance(value).getOctets())
                        .getKeyIdentifier()));
        this.notBefore = certificate.getNotBefore().toInstant();
        this.notAfter = certificate.getNotAfter().toInstant();
        this.ca = certificate.getBasicConstraints() >= 0;
        this.room = PathRoom.of(certificate, above);
        this.authorities = Stream.of(List.of(certificate), above, beside)
                .flatMap(Collection::stream)
                .map(each -> X500Name.getInstance(each.getSubjectX500Principal().getEncoded()))
                .distinct()
                .toList();
        boolean[] usage = certificate.getKeyUsage();
        this.mayCertify = usage == null || usage[KEY_CERT_SIGN];
    }

    /** IllegalArgumentException when it has a subject key identifier that is none. */
    public static SigningCertificate of(X509Certificate certificate) {
        return of(certificate, List.of(), List.of());
    }

    /**
     * As {@link #of(X509Certificate)}, below some and beside others.
     *
     * @param above certificates of CAs among which those above it are, in any order; its own may be there, too
     * @param beside of other CAs, whose path lengths are none of its concern
     */
    public static SigningCertificate of(
            X509Certificate certificate, Collection<X509Certificate> above, Collection<X509Certificate> beside) {
        return new SigningCertificate(certificate, above, beside);
    }

    /** DER of its subject. */
    Der subject() {
        return subject;
    }

    /** DER of SubjectPublicKeyInfo. */
    Der key() {
        return key;
    }

    /** Its subject key identifier; empty where it has none. */
    public Optional<Der> keyId() {
        return keyId;
    }

    Instant notBefore() {
        return notBefore;
    }

    Instant notAfter() {
        return notAfter;
    }

    boolean isCa() {
        return ca;
    }

    /** How many CA certificates may stand between it and a leaf, by its own word and that of each CA above it. */
    public PathRoom room() {
        return room;
    }

    /** Whether it is the name (RFC 5280 s. 7.1) of this CA or of one above or beside it: clients look for lists by it. */
    public boolean isNameOfAuthority(X500Name name) {
        return authorities.contains(name);
    }

    boolean mayCertify() {
        return mayCertify;
    }
}
