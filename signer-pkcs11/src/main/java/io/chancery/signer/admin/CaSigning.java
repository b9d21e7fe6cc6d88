package io.chancery.signer.admin;

import io.chancery.core.certificate.CaCertificate;
import io.chancery.core.certificate.CaTemplate;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.signer.hsm.HsmException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.pkcs.CertificationRequestInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/** CA certificates and requests signed by keys on a token, each held against RFC 5280 before the token is asked. */
public final class CaSigning {
    private CaSigning() {}

    /**
     * Checks what is to be signed, signs, and verifies.
     *
     * @param issuer the signing key's certificate; empty for a self-signed one
     * @throws HsmException MISCONFIGURED with every rule that it would break, or when the key is not the issuer's
     */
    public static X509Certificate certificate(CaTemplate template, ManagedKey key, Optional<X509Certificate> issuer) {
        if (!Arrays.equals(key.publicKey().getEncoded(), template.issuer().key().getEncoded())) {
            throw HsmException.misconfigured("the key " + key.label() + " is not that of the issuer "
                    + template.issuer().name());
        }
        try {
            return CaCertificate.make(
                    template, issuer, tbs -> key.sign(template.scheme(), tbs).bytes());
        } catch (IllegalArgumentException e) {
            throw HsmException.misconfigured(String.valueOf(e.getMessage()));
        } catch (IOException | GeneralSecurityException e) {
            throw HsmException.of("the certificate of " + template.subject() + " cannot be made", e);
        }
    }

    /** A PKCS#10 request (RFC 2986) for the key, signed by it; HsmException MISCONFIGURED when it cannot sign so. */
    public static Der request(ManagedKey key, X500Name subject, SignatureScheme scheme) {
        try {
            Der info = Der.of(new CertificationRequestInfo(
                            subject,
                            SubjectPublicKeyInfo.getInstance(key.publicKey().getEncoded()),
                            new DERSet())
                    .getEncoded("DER"));
            ASN1EncodableVector request = new ASN1EncodableVector();
            request.add(ASN1Primitive.fromByteArray(info.bytes()));
            request.add(scheme.identifier());
            request.add(new DERBitString(key.sign(scheme, info).bytes()));
            return Der.of(new DERSequence(request).getEncoded("DER"));
        } catch (IOException e) {
            throw HsmException.of("the request of " + subject + " cannot be made", e);
        }
    }
}
