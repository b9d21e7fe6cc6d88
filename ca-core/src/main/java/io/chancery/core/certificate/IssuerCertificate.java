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
import java.util.Optional;

/**
 * The issuer as everybody may know it: its certificate, the id of its key, and how that key signs. Holds no private key.
 * API node and signer each build one from the same file, and {@link #hash()} tells whether they did.
 */
public final class IssuerCertificate {
    private final X509Certificate certificate;
    private final Der der;
    private final KeyId keyId;
    private final Sha256 hash;
    private final SignatureScheme scheme;
    private final IssuerUrls urls;
    private final Lint lint;
    private final SigningCertificate signing;
    private final LeafValidity.Bounds bounds;

    private IssuerCertificate(
            X509Certificate certificate,
            Der der,
            SignatureScheme scheme,
            IssuerUrls urls,
            Lint lint,
            Optional<Duration> longest) {
        this.bounds = new LeafValidity.Bounds(LeafValidity.of(certificate), longest);
        this.urls = urls;
        this.lint = lint;
        this.signing = SigningCertificate.of(certificate);
        this.certificate = certificate;
        this.der = der;
        this.keyId = KeyId.of(certificate.getPublicKey());
        this.hash = Sha256.digest(der.bytes());
        this.scheme = scheme;
    }

    /** Signs as step-ca would; IllegalArgumentException when the certificate's key is of a type that cannot sign certificates. */
    public static IssuerCertificate of(X509Certificate certificate) {
        return of(certificate, SignatureScheme.defaultFor(certificate));
    }

    /** As {@link #of(X509Certificate)} with the scheme chosen, which must fit the key. */
    public static IssuerCertificate of(X509Certificate certificate, SignatureScheme scheme) {
        try {
            return new IssuerCertificate(
                    certificate,
                    Der.of(certificate.getEncoded()),
                    scheme,
                    IssuerUrls.NONE,
                    Lint.STANDARD,
                    Optional.empty());
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("the issuer's certificate cannot be encoded", e);
        }
    }

    /** The same issuer, whose new certificates say where more is had. */
    public IssuerCertificate withUrls(IssuerUrls newUrls) {
        return new IssuerCertificate(certificate, der, scheme, newUrls, lint, bounds.longest());
    }

    /** The same issuer, whose new certificates are held against other rules than the standard ones. */
    public IssuerCertificate withLint(Lint newLint) {
        return new IssuerCertificate(certificate, der, scheme, urls, newLint, bounds.longest());
    }

    /** The same issuer, whose certificates are no longer than that, their backdate included. */
    public IssuerCertificate withLongest(Optional<Duration> ofCertificates) {
        return new IssuerCertificate(certificate, der, scheme, urls, lint, ofCertificates);
    }

    /** Within which its certificates lie. */
    public LeafValidity.Bounds bounds() {
        return bounds;
    }

    /** The same issuer, whose key signs otherwise: IllegalArgumentException when it cannot. */
    public IssuerCertificate withScheme(SignatureScheme newScheme) {
        SignatureScheme fitting = newScheme.fitting(certificate.getPublicKey());
        return fitting == scheme
                ? this
                : new IssuerCertificate(certificate, der, fitting, urls, lint, bounds.longest());
    }

    /** What every certificate is held against before it is recorded and signed. */
    public Lint lint() {
        return lint;
    }

    SigningCertificate signing() {
        return signing;
    }

    public IssuerUrls urls() {
        return urls;
    }

    public X509Certificate certificate() {
        return certificate;
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
