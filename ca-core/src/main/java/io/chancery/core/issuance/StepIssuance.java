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
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.name.CertificateNames;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.oidc.WantedKey;
import io.chancery.core.policy.NamePolicies;
import io.chancery.core.profile.KeyStrength;
import io.chancery.core.profile.LeafValidity;
import io.chancery.core.profile.NameGrant;
import io.chancery.core.provisioner.Entitlement;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.provisioner.TokenCheck;
import io.chancery.core.provisioner.TokenProvisioner;
import io.chancery.core.template.CertificateText;
import io.chancery.core.template.LeafTemplate;
import io.chancery.core.template.SubjectDefaults;
import io.chancery.core.template.TemplatedCertificate;
import io.chancery.core.time.TimeOrDuration;
import io.chancery.core.token.Audiences;
import io.chancery.core.token.OneTimeToken;
import io.chancery.core.webhook.Webhook;
import io.chancery.core.webhook.WebhookCall;
import io.chancery.core.webhook.WebhookDescription;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.jspecify.annotations.Nullable;

/** Issuance as step-ca's {@code /sign} has it, over one configuration. */
public final class StepIssuance implements Issuance {
    /** How far clocks may differ: step's minute. */
    public static final Duration LEEWAY = TokenCheck.LEEWAY;

    private final Provisioners provisioners;
    private final Audiences audiences;
    private final Issuers issuers;
    private final Duration backdate;
    private final PublicKeys keys;
    private final NamePolicies policies;
    private final Shape shape;

    /**
     * With no policy about names.
     *
     * @param issuers one of which is chosen for each certificate, each with the constraints of every CA certificate above
     *     its leaves
     * @param backdate how far before now a certificate begins when nothing else is asked for
     */
    public StepIssuance(
            Provisioners provisioners, Audiences audiences, Issuers issuers, Duration backdate, PublicKeys keys) {
        this.provisioners = provisioners;
        this.audiences = audiences;
        this.issuers = issuers;
        this.backdate = backdate;
        this.keys = keys;
        this.policies = NamePolicies.NONE;
        this.shape = new Shape(Optional.empty(), SubjectDefaults.NONE);
    }

    /** How certificates are made and must not be, whoever asks. */
    private record Shape(Optional<KeyLimits> limits, SubjectDefaults subjects) {}

    private StepIssuance(StepIssuance other, NamePolicies policies, Shape shape) {
        this.provisioners = other.provisioners;
        this.audiences = other.audiences;
        this.issuers = other.issuers;
        this.backdate = other.backdate;
        this.keys = other.keys;
        this.policies = policies;
        this.shape = shape;
    }

    /** The same, with these policies about names. */
    public StepIssuance withPolicies(NamePolicies names) {
        return new StepIssuance(this, names, shape);
    }

    /** The same, within these limits of what the issuers' keys sign; without any, signers alone look at that. */
    public StepIssuance within(KeyLimits ofKeys) {
        return new StepIssuance(this, policies, new Shape(Optional.of(ofKeys), shape.subjects()));
    }

    /** The same, with this in every subject that does not say. */
    public StepIssuance withSubjects(SubjectDefaults defaults) {
        return new StepIssuance(this, policies, new Shape(shape.limits(), defaults));
    }

    @Override
    public VerifiedRequest verify(SignCommand command, Instant now) {
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
        return new VerifiedRequest(
                command, csr, token, provisioner, entitlement, provisioners.webhooks(provisioner.name()), Map.of());
    }

    @Override
    public UnapprovedIssuance prepare(VerifiedRequest verified, Instant now, SerialNumber serial) {
        SignCommand command = verified.command();
        CertificateRequest csr = verified.csr();
        TokenProvisioner provisioner = verified.provisioner();
        Entitlement entitlement = verified.entitlement();
        NameGrant names = entitlement.names();
        Optional<TemplatedCertificate> templated = template(provisioner, entitlement, csr)
                .map(t -> t.apply(verified.forTemplates(), shape.subjects(), now));
        Issuer chosen = issuers.choose(provisioner.name(), csr.keyInfo(), now);
        IssuerCertificate issuer = chosen.certificate();
        LeafValidity validity = validity(issuer.bounds(), command, templated, provisioner, entitlement, now);
        X500Name subject = templated
                .map(TemplatedCertificate::subject)
                .orElseGet(() -> shape.subjects().subject(names.subject()));
        checkNames(
                provisioner,
                chosen.constraints(),
                CertificateNames.of(
                        subject,
                        templated.map(TemplatedCertificate::names).orElse(names.names()),
                        templated.map(TemplatedCertificate::extensions).orElse(List.of())));
        shape.limits().ifPresent(of -> templated.ifPresent(content -> checkLimits(of, content, issuer)));
        Optional<DERSequence> extension = extension(provisioner);
        PreparedCertificate certificate = templated.isPresent()
                ? LeafCertificate.prepare(issuer, serial, templated.get(), validity, csr.keyInfo(), extension)
                : LeafCertificate.prepare(issuer, serial, subject, names.names(), validity, csr.keyInfo(), extension);
        return new UnapprovedIssuance(prepared(verified, certificate), approvals(verified, templated, validity, now));
    }

    private static void checkLimits(KeyLimits limits, TemplatedCertificate content, IssuerCertificate issuer) {
        try {
            limits.check(content.extensions(), issuer);
        } catch (IllegalArgumentException e) {
            throw CaException.of(
                    ErrorCode.TEMPLATE_FAILED, "error applying certificate template", String.valueOf(e.getMessage()));
        }
    }

    private static List<WebhookCall> approvals(
            VerifiedRequest verified, Optional<TemplatedCertificate> templated, LeafValidity validity, Instant now) {
        List<Webhook> asked = verified.of(Webhook.Kind.AUTHORIZING);
        if (asked.isEmpty()) {
            return List.of();
        }
        SubjectPublicKeyInfo key = verified.csr().keyInfo();
        NameGrant names = verified.entitlement().names();
        Map<String, @Nullable Object> text = templated
                .map(CertificateText::of)
                .orElseGet(() -> CertificateText.ofLeaf(names.subject(), names.names(), key));
        Map<String, @Nullable Object> told =
                verified.told(WebhookDescription.CERTIFICATE, WebhookDescription.of(text, validity, key));
        return asked.stream()
                .map(each -> each.call(verified.forTemplates(), told, now))
                .toList();
    }

    /** In step-ca's order. */
    private void checkNames(TokenProvisioner provisioner, NameConstraints constraints, CertificateNames names) {
        NamePolicies.Names judged = NamePolicies.Names.of(names.subject(), names.common());
        policies.checkOfProvisioner(provisioner.name(), judged);
        constraints.check(names);
        policies.checkOfAuthority(judged);
    }

    private LeafValidity validity(
            LeafValidity.Bounds bounds,
            SignCommand command,
            Optional<TemplatedCertificate> templated,
            TokenProvisioner provisioner,
            Entitlement entitlement,
            Instant now) {
        Optional<TimeOrDuration> notBefore = command.notBefore()
                .or(() -> templated.flatMap(t -> t.notBefore().map(TimeOrDuration.At::new)));
        Optional<TimeOrDuration> notAfter =
                command.notAfter().or(() -> templated.flatMap(t -> t.notAfter().map(TimeOrDuration.At::new)));
        Optional<LeafValidity> authorising = entitlement.authorisingValidity();
        authorising.ifPresent(within -> LeafValidity.checkWithin(within, notBefore, notAfter, now));
        return LeafValidity.of(
                notBefore,
                notAfter,
                provisioner.claims(),
                backdate,
                now,
                authorising.map(within -> bounds.endingBy(within.notAfter())).orElse(bounds));
    }

    private static Optional<LeafTemplate> template(
            TokenProvisioner provisioner, Entitlement entitlement, CertificateRequest csr) {
        if (provisioner.template().isPresent() || entitlement.names().rule() != NameGrant.Rule.REQUESTED) {
            return provisioner.template();
        }
        if (csr.namesNobody()) {
            throw CaException.of(
                    ErrorCode.MALFORMED, "certificate request has neither a subject nor subject alternative names");
        }
        return Optional.of(LeafTemplate.OF_REQUEST);
    }

    private static Optional<DERSequence> extension(TokenProvisioner provisioner) {
        return provisioner.claims().disableSmallstepExtensions()
                ? Optional.empty()
                : Optional.of(StepProvisionerExtension.of(
                        provisioner.type().number(), provisioner.name(), provisioner.credentialId()));
    }

    private static PreparedIssuance prepared(VerifiedRequest verified, PreparedCertificate certificate) {
        Grant grant = Grant.ofToken(
                verified.provisioner().name(),
                verified.tokenUse(),
                verified.entitlement().authorisingSerials());
        return new PreparedIssuance(grant, certificate, verified.requestHash());
    }

    @Override
    public Optional<WantedKey> wantedKey(SignCommand command) {
        return provisioners.wantedKey(command.ott(), audiences);
    }

    @Override
    public boolean mayTakeLong(SignCommand command) {
        return provisioners.certificateMayTakeLong(command.ott(), audiences);
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
