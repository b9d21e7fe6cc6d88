package io.chancery.core.issuance;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.LeafCertificate;
import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.PresentedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.certificate.StepProvisionerExtension;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.csr.CertificateRequest;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.profile.KeyStrength;
import io.chancery.core.profile.LeafValidity;
import io.chancery.core.profile.NameGrant;
import io.chancery.core.provisioner.Entitlement;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.provisioner.TokenCheck;
import io.chancery.core.provisioner.TokenProvisioner;
import io.chancery.core.template.LeafTemplate;
import io.chancery.core.template.TemplateRequest;
import io.chancery.core.template.TemplatedCertificate;
import io.chancery.core.time.TimeOrDuration;
import io.chancery.core.token.Audiences;
import io.chancery.core.token.OneTimeToken;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import org.bouncycastle.asn1.DERSequence;

/** Issuance as step-ca's {@code /sign} has it, over one configuration. */
public final class StepIssuance implements Issuance {
    /** How far clocks may differ: step's minute. */
    public static final Duration LEEWAY = TokenCheck.LEEWAY;

    private final Provisioners provisioners;
    private final Audiences audiences;
    private final Issuers issuers;
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
        this(provisioners, audiences, Issuers.only(issuer, constraints), backdate, keys);
    }

    /**
     * As above with several issuers, one of which is chosen for each certificate.
     *
     * @param issuers each with the constraints of every CA certificate above its leaves
     */
    public StepIssuance(
            Provisioners provisioners, Audiences audiences, Issuers issuers, Duration backdate, PublicKeys keys) {
        this.provisioners = provisioners;
        this.audiences = audiences;
        this.issuers = issuers;
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
        TokenProvisioner provisioner = provisioners.find(token, audiences);
        Entitlement entitlement =
                provisioner.verify(token, new TokenCheck(TokenCheck.Purpose.SIGN, audiences, keys, now));
        checkFingerprint(entitlement, csr);
        entitlement.names().checkCommonName(csr);
        KeyStrength.check(csr.key());
        entitlement.names().checkNames(csr);
        Optional<TemplatedCertificate> templated =
                template(provisioner, entitlement).map(t -> t.apply(request(command, token, entitlement, csr), now));
        Issuer chosen = issuers.choose(provisioner.name(), csr.keyInfo(), now);
        IssuerCertificate issuer = chosen.certificate();
        LeafValidity validity = LeafValidity.of(
                command.notBefore()
                        .or(() -> templated.flatMap(t -> t.notBefore().map(TimeOrDuration.At::new))),
                command.notAfter().or(() -> templated.flatMap(t -> t.notAfter().map(TimeOrDuration.At::new))),
                provisioner.claims(),
                backdate,
                now,
                LeafValidity.of(issuer.certificate()));
        NameGrant names = entitlement.names();
        chosen.constraints().check(templated.map(TemplatedCertificate::names).orElse(names.names()));
        Optional<DERSequence> extension = extension(provisioner);
        PreparedCertificate certificate = templated.isPresent()
                ? LeafCertificate.prepare(issuer, serial, templated.get(), validity, csr.keyInfo(), extension)
                : LeafCertificate.prepare(
                        issuer, serial, names.subject(), names.names(), validity, csr.keyInfo(), extension);
        return prepared(provisioner, token, entitlement, csr, certificate);
    }

    private static Optional<LeafTemplate> template(TokenProvisioner provisioner, Entitlement entitlement) {
        return provisioner
                .template()
                .or(() -> entitlement.names().rule() == NameGrant.Rule.REQUESTED
                        ? Optional.of(LeafTemplate.OF_REQUEST)
                        : Optional.empty());
    }

    private static TemplateRequest request(
            SignCommand command, OneTimeToken token, Entitlement entitlement, CertificateRequest csr) {
        return new TemplateRequest(
                entitlement.names().subject(),
                entitlement.names().names(),
                entitlement.authorizedBy().stream()
                        .map(PresentedCertificate::der)
                        .toList(),
                token.payload(),
                csr,
                command.templateData());
    }

    private static Optional<DERSequence> extension(TokenProvisioner provisioner) {
        return provisioner.claims().disableSmallstepExtensions()
                ? Optional.empty()
                : Optional.of(StepProvisionerExtension.of(
                        provisioner.type().number(), provisioner.name(), provisioner.credentialId()));
    }

    private static PreparedIssuance prepared(
            TokenProvisioner provisioner,
            OneTimeToken token,
            Entitlement entitlement,
            CertificateRequest csr,
            PreparedCertificate certificate) {
        Sha256 requestHash = Sha256.digest(csr.der().bytes());
        return entitlement
                .useKey()
                .map(key -> TokenUse.of(token, key, provisioner.name()))
                .map(use -> new PreparedIssuance(Grant.ofToken(use), certificate, requestHash))
                .orElseGet(() -> new PreparedIssuance(
                        Grant.ofReusableToken(provisioner.name()),
                        certificate,
                        // A repeat is one by the same token, too, though that is not used up.
                        Sha256.digest(token.useKey().value(), requestHash.value())));
    }

    @Override
    public boolean mayTakeLong() {
        return provisioners.mayTakeLong();
    }

    private static void checkFingerprint(Entitlement entitlement, CertificateRequest csr) {
        entitlement.csrFingerprint().ifPresent(wanted -> {
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
