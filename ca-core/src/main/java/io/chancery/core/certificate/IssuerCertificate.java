package io.chancery.core.certificate;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.core.lint.Lint;
import io.chancery.core.lint.SigningCertificate;
import io.chancery.core.profile.LeafValidity;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;

/**
 * The issuer as everybody may know it: its certificate, the id of its key, and how that key signs. Holds no private key.
 * API node and signer each build one from the same file, and {@link #hash()} tells whether they did.
 */
public final class IssuerCertificate {
    private final X509Certificate certificate;
    private final X500Name subject;
    private final Der der;
    private final KeyId keyId;
    private final Sha256 hash;
    private final SignatureScheme scheme;
    private final Terms terms;
    private final SigningCertificate signing;
    private final LeafValidity.Bounds bounds;

    private IssuerCertificate(X509Certificate certificate, Der der, SignatureScheme scheme, Terms terms) {
        this.bounds = new LeafValidity.Bounds(LeafValidity.of(certificate), terms.longest());
        this.terms = terms;
        this.signing = SigningCertificate.of(certificate, terms.above(), terms.beside());
        this.certificate = certificate;
        this.subject =
                X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        this.der = der;
        this.keyId = KeyId.of(certificate.getPublicKey());
        this.hash = Sha256.digest(der.bytes());
        this.scheme = scheme;
    }

    /** What a configuration says of an issuer beside its certificate. */
    private record Terms(
            IssuerUrls urls,
            Lint lint,
            Optional<Duration> longest,
            List<X509Certificate> above,
            List<X509Certificate> beside) {}

    /** Signs as step-ca would; IllegalArgumentException when the certificate's key is of a type that cannot sign certificates. */
    public static IssuerCertificate of(X509Certificate certificate) {
        return of(certificate, SignatureScheme.defaultFor(certificate));
    }

    /** As {@link #of(X509Certificate)} with the scheme chosen, which must fit the key. */
    public static IssuerCertificate of(X509Certificate certificate, SignatureScheme scheme) {
        try {
            Terms usual = new Terms(IssuerUrls.NONE, Lint.STANDARD, Optional.empty(), List.of(), List.of());
            return new IssuerCertificate(certificate, Der.of(certificate.getEncoded()), scheme, usual);
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("the issuer's certificate cannot be encoded", e);
        }
    }

    /** The same issuer, whose new certificates say where more is had. */
    public IssuerCertificate withUrls(IssuerUrls newUrls) {
        return with(new Terms(newUrls, terms.lint(), terms.longest(), terms.above(), terms.beside()));
    }

    /** The same issuer, whose new certificates are held against other rules than the standard ones. */
    public IssuerCertificate withLint(Lint newLint) {
        return with(new Terms(terms.urls(), newLint, terms.longest(), terms.above(), terms.beside()));
    }

    /** The same issuer, whose certificates are no longer than that, their backdate included. */
    public IssuerCertificate withLongest(Optional<Duration> ofCertificates) {
        return with(new Terms(terms.urls(), terms.lint(), ofCertificates, terms.above(), terms.beside()));
    }

    /**
     * The same issuer, whose certificates keep the path lengths of the CAs above it as well, and do not speak in the name of
     * one of these.
     *
     * @param others certificates of CAs among which those are, in any order; its own may be there, too
     */
    public IssuerCertificate below(Collection<X509Certificate> others) {
        return with(new Terms(terms.urls(), terms.lint(), terms.longest(), List.copyOf(others), terms.beside()));
    }

    /**
     * The same issuer, whose certificates do not speak in the name of one of these CAs either.
     *
     * @param others certificates of the other issuers and of those above them; its own may be there, too
     */
    public IssuerCertificate beside(Collection<X509Certificate> others) {
        return with(new Terms(terms.urls(), terms.lint(), terms.longest(), terms.above(), List.copyOf(others)));
    }

    private IssuerCertificate with(Terms newTerms) {
        return new IssuerCertificate(certificate, der, scheme, newTerms);
    }

    /** Within which its certificates lie. */
    public LeafValidity.Bounds bounds() {
        return bounds;
    }

    /** The same issuer, whose key signs otherwise: IllegalArgumentException when it cannot. */
    public IssuerCertificate withScheme(SignatureScheme newScheme) {
        SignatureScheme fitting = newScheme.fitting(certificate.getPublicKey());
        return fitting == scheme ? this : new IssuerCertificate(certificate, der, fitting, terms);
    }

    /** What every certificate is held against before it is recorded and signed. */
    public Lint lint() {
        return terms.lint();
    }

    /** What rules ask of it. */
    public SigningCertificate signing() {
        return signing;
    }

    public IssuerUrls urls() {
        return terms.urls();
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /** The name under which it issues. */
    public X500Name subject() {
        return subject;
    }

    public Der der() {
        return der;
    }

    public KeyId keyId() {
        return keyId;
    }

    /** SHA-256 of the certificate's DER: the {@code issuerHash} of the bus messages. */
    public Sha256 hash() {
        return hash;
    }

    /** How its key signs, where a template does not say otherwise. */
    public SignatureScheme scheme() {
        return scheme;
    }
}
