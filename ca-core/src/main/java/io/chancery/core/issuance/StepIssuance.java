package io.chancery.core.issuance;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.LeafCertificate;
import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.certificate.StepProvisionerExtension;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.csr.CertificateRequest;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.profile.KeyStrength;
import io.chancery.core.profile.LeafValidity;
import io.chancery.core.profile.RequestedNames;
import io.chancery.core.provisioner.JwkProvisioner;
import io.chancery.core.provisioner.ProvisionerTokens;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.template.TemplateRequest;
import io.chancery.core.template.TemplatedCertificate;
import io.chancery.core.time.TimeOrDuration;
import io.chancery.core.token.Audiences;
import io.chancery.core.token.OneTimeToken;
import io.chancery.core.token.TokenClaims;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.DERSequence;

/** Issuance as step-ca's {@code /sign} has it, over one configuration. */
public final class StepIssuance implements Issuance {
    /** How far clocks may differ: step's minute. */
    public static final Duration LEEWAY = ProvisionerTokens.LEEWAY;

    private final Provisioners provisioners;
    private final Audiences audiences;
    private final IssuerCertificate issuer;
    private final NameConstraints constraints;
    private final Duration backdate;
    private final PublicKeys keys;

    /**
     * @param constraints of every CA certificate above the leaf, the issuer's own included
     * @param backdate how far before now a certificate begins when nothing else is asked for
     */
    public StepIssuance(
            Provisioners provisioners,
            Audiences audiences,
            IssuerCertificate issuer,
            NameConstraints constraints,
            Duration backdate,
            PublicKeys keys) {
        this.provisioners = provisioners;
        this.audiences = audiences;
        this.issuer = issuer;
        this.constraints = constraints;
        this.backdate = backdate;
        this.keys = keys;
    }

    @Override
    public PreparedIssuance prepare(SignCommand command, Instant now, SerialNumber serial) {
        CertificateRequest csr = CertificateRequest.read(command.csr(), keys);
        if (command.ott().isEmpty()) {
            throw CaException.of(ErrorCode.MALFORMED, "missing ott"); // after the CSR's signature, as step-ca has it
        }
        OneTimeToken token = OneTimeToken.parse(command.ott());
        JwkProvisioner provisioner =
                ProvisionerTokens.verify(token, provisioners, audiences, audiences::allowSign, keys, now);
        TokenClaims claims = token.claims();
        checkFingerprint(claims, csr);
        RequestedNames.checkCommonName(claims, csr);
        KeyStrength.check(csr.key());
        List<SubjectAltName> names = RequestedNames.check(claims, csr);
        Optional<TemplatedCertificate> templated = provisioner
                .template()
                .map(template -> template.apply(
                        new TemplateRequest(
                                claims.subject(), claims.sans(), token.payload(), csr, command.templateData()),
                        now));
        LeafValidity validity = LeafValidity.of(
                command.notBefore()
                        .or(() -> templated.flatMap(t -> t.notBefore().map(TimeOrDuration.At::new))),
                command.notAfter().or(() -> templated.flatMap(t -> t.notAfter().map(TimeOrDuration.At::new))),
                provisioner.claims(),
                backdate,
                now,
                LeafValidity.of(issuer.certificate()));
        constraints.check(templated.map(TemplatedCertificate::names).orElse(names));
        Optional<DERSequence> extension = provisioner.claims().disableSmallstepExtensions()
                ? Optional.empty()
                : Optional.of(StepProvisionerExtension.of(
                        provisioner.type().number(), provisioner.name(), provisioner.keyId()));
        PreparedCertificate certificate = templated.isPresent()
                ? LeafCertificate.prepare(issuer, serial, templated.get(), validity, csr.keyInfo(), extension)
                : LeafCertificate.prepare(issuer, serial, claims.subject(), names, validity, csr.keyInfo(), extension);
        return new PreparedIssuance(
                Grant.ofToken(new TokenUse(token.useKey(), claims.issuedAt(), claims.expiresAt(), provisioner.name())),
                certificate,
                Sha256.digest(csr.der().bytes()));
    }

    @Override
    public boolean mayTakeLong() {
        return provisioners.haveTemplates();
    }

    private static void checkFingerprint(TokenClaims claims, CertificateRequest csr) {
        claims.csrFingerprint().ifPresent(wanted -> {
            if (!MessageDigest.isEqual(
                    fingerprint(wanted), Sha256.digest(csr.der().bytes()).value())) {
                throw CaException.of(
                        ErrorCode.FORBIDDEN, "certificate request fingerprint does not match \"" + wanted + "\"");
            }
        });
    }

    private static byte[] fingerprint(String text) {
        try {
            if (text.indexOf('=') < 0) { // Java would take padding, which RFC 7515 s. 2 leaves out
                return Base64.getUrlDecoder().decode(text);
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw CaException.of(ErrorCode.FORBIDDEN, "error decoding fingerprint");
    }
}
