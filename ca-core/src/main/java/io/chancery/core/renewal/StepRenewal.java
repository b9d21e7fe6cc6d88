package io.chancery.core.renewal;

import io.chancery.core.certificate.PresentedCertificate;
import io.chancery.core.certificate.RenewedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.chain.AbandonedIssuers;
import io.chancery.core.chain.ClientCertificate;
import io.chancery.core.chain.ClientChain;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.csr.CertificateRequest;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.Grant;
import io.chancery.core.issuance.KeyLimits;
import io.chancery.core.issuance.PreparedIssuance;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.name.CertificateNames;
import io.chancery.core.profile.Claims;
import io.chancery.core.profile.KeyStrength;
import io.chancery.core.profile.LeafValidity;
import io.chancery.core.provisioner.Provisioner;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.time.GoTime;
import io.chancery.core.token.Audiences;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * Renewal as step-ca's {@code /renew} and {@code /rekey} have it (wire contract s. 3.4 and 3.5), over one configuration:
 * the same names, the same length, by whoever holds the key of a certificate that is not revoked. Immutable, safe for any
 * thread, no I/O.
 */
public final class StepRenewal {
    private final Provisioners provisioners;
    private final Audiences audiences;
    private final Issuers issuers;
    private final Duration backdate;
    private final PublicKeys keys;
    private final ClientChain chain;
    private final Optional<KeyLimits> limits;

    /**
     * @param roots this CA's own: any certificate that leads to one may be renewed
     * @param issuers who signs the new one; the caller vouches that each leads to a root
     * @param backdate how far before now a certificate begins
     */
    public StepRenewal(
            Provisioners provisioners,
            Audiences audiences,
            List<X509Certificate> roots,
            Issuers issuers,
            Duration backdate,
            PublicKeys keys) {
        this(
                provisioners,
                audiences,
                issuers,
                backdate,
                keys,
                new ClientChain(roots, issuers.published(issuers.standing()), keys),
                Optional.empty());
    }

    private StepRenewal(
            Provisioners provisioners,
            Audiences audiences,
            Issuers issuers,
            Duration backdate,
            PublicKeys keys,
            ClientChain chain,
            Optional<KeyLimits> limits) {
        this.provisioners = provisioners;
        this.audiences = audiences;
        this.issuers = issuers;
        this.backdate = backdate;
        this.keys = keys;
        this.chain = chain;
        this.limits = limits;
    }

    /** The same, that renews nothing of these issuers. */
    public StepRenewal withoutIssuers(AbandonedIssuers abandoned) {
        return new StepRenewal(provisioners, audiences, issuers, backdate, keys, chain.without(abandoned), limits);
    }

    /** The same, within these limits of what the issuers' keys sign; without any, signers alone look at that. */
    public StepRenewal within(KeyLimits ofKeys) {
        return new StepRenewal(provisioners, audiences, issuers, backdate, keys, chain, Optional.of(ofKeys));
    }

    /**
     * As {@link #shown}, where an intermediate of the present configuration has signed the certificate; empty when more
     * must be looked at. One verification.
     *
     * @throws CaException MALFORMED
     */
    public Optional<ClientCertificate> shownAtOnce(List<Der> sent) {
        PresentedCertificate leaf = PresentedCertificate.parse(sent.get(0));
        return chain.leadsAtOnce(leaf, whenValid(leaf)) ? Optional.of(known(leaf)) : Optional.empty();
    }

    /**
     * The certificate that a client showed over TLS, where it has proved that it holds the key. May take some milliseconds.
     *
     * @param sent DER as the client sent it, its own first
     * @throws CaException MALFORMED; RENEWAL_REFUSED when it leads to no root of this CA
     */
    public ClientCertificate shown(List<Der> sent) {
        // TLS has looked at it before; this does not rest on how a port was configured.
        return shownAtOnce(sent)
                .or(() -> led(PresentedCertificate.parse(sent.get(0)), sent.subList(1, sent.size())))
                .orElseThrow(() -> CaException.hidden(
                        ErrorCode.RENEWAL_REFUSED, "the client's certificate leads to no root of this CA"));
    }

    private ClientCertificate known(PresentedCertificate leaf) {
        return ClientCertificate.underKnown(leaf, issuers.of(leaf.der()).isPresent());
    }

    private Optional<ClientCertificate> led(PresentedCertificate leaf, List<Der> others) {
        List<X509Certificate> ours = issuers.all().stream()
                .map(each -> each.certificate().certificate())
                .toList();
        return chain.led(leaf, others, whenValid(leaf), ours);
    }

    /**
     * The token that a client sent in place of showing its certificate: its signature and chain are good, its claims not
     * looked at yet. May take some milliseconds.
     *
     * @throws CaException RENEW_TOKEN_INVALID, RENEW_TOKEN_FOREIGN
     */
    public RenewToken token(String text) {
        RenewToken token = RenewToken.parse(text, this::byItself);
        token.checkSignature(keys);
        return token;
    }

    private ClientCertificate byItself(PresentedCertificate leaf, List<Der> others) {
        Optional<ClientCertificate> found = !ClientChain.maySign(leaf)
                ? Optional.empty()
                : chain.leadsByItself(leaf, others, whenValid(leaf)) ? Optional.of(known(leaf)) : led(leaf, others);
        return found.orElseThrow(
                () -> RenewToken.invalid("its certificate leads to no root of this CA, or is not for clients"));
    }

    /** A minute before it ends: an expired one is judged by its provisioner, not by its chain. */
    private static Instant whenValid(PresentedCertificate leaf) {
        return leaf.notAfter().minus(Duration.ofMinutes(1)).isBefore(leaf.notBefore())
                ? leaf.notBefore()
                : leaf.notAfter().minus(Duration.ofMinutes(1));
    }

    /**
     * What is to be renewed, and by what right.
     *
     * @param token empty when the certificate was shown over TLS
     * @param recorded provisioner that the store knows the certificate by, asked for when it names none itself
     * @param request for another key, its signature verified; empty to keep the key
     */
    public record Command(
            ClientCertificate certificate,
            Optional<RenewToken> token,
            Optional<String> recorded,
            Optional<CertificateRequest> request) {}

    /**
     * Checks that the certificate may be renewed, but for its revocation, and fixes every byte to be signed.
     *
     * @throws CaException RENEWAL_REFUSED, RENEW_TOKEN_INVALID, RENEW_TOKEN_FOREIGN, FORBIDDEN, BAD_KEY, MALFORMED
     */
    public PreparedIssuance prepare(Command command, Instant now, SerialNumber serial) {
        PresentedCertificate old = command.certificate().leaf();
        checkKind(command.certificate());
        Optional<Provisioner> provisioner = provisioner(command);
        provisioner.ifPresent(known -> command.token().ifPresent(token -> token.check(known, audiences, now)));
        checkTime(command.certificate(), provisioner.map(Provisioner::claims), now);
        Optional<SubjectPublicKeyInfo> newKey = command.request().map(CertificateRequest::keyInfo);
        boolean ours = command.certificate().issuedHere();
        // What another CA has signed says of itself what it likes, also by whose leave it was made: signed by us it
        // would be
        // believed, so that must get nobody a certificate of an issuer that is kept for some.
        String named = provisioner.map(Provisioner::name).orElse("");
        boolean believed = ours || !issuers.isKeptFor(named);
        String name = believed ? named : "";
        Issuer issuer = issuers.choose(name, newKey.orElse(old.keyInfo()), now);
        issuer.constraints().check(CertificateNames.of(old.certificate().getSubject(), old.names(), old.extensions()));
        limits.ifPresent(of -> of.check(old.extensions(), issuer.certificate()));
        command.request().ifPresent(request -> KeyStrength.check(request.key()));
        return new PreparedIssuance(
                Grant.ofRenewal(
                        name,
                        command.token().map(token -> token.use(name)),
                        old.serial(),
                        command.certificate().above()),
                RenewedCertificate.prepare(
                        issuer.certificate(),
                        serial,
                        old,
                        believed,
                        validity(issuer, ours ? lasted(old) : shorter(lasted(old), provisioner), now),
                        newKey),
                Sha256.digest(command.request()
                        .map(CertificateRequest::der)
                        .orElse(old.der())
                        .bytes()));
    }

    /** Whose claims govern: by the extension's name, else by the store's; none for one that names none, shown over TLS. */
    private Optional<Provisioner> provisioner(Command command) {
        Optional<String> name =
                command.certificate().leaf().provisioner().or(command::recorded).filter(n -> !n.isEmpty());
        if (name.isEmpty()) {
            if (command.token().isPresent()) {
                throw refused("no provisioner is known of the certificate");
            }
            return Optional.empty();
        }
        return Optional.of(provisioners
                .named(name.get())
                .orElseThrow(() -> refused("its provisioner " + name.get() + " is no longer there")));
    }

    /**
     * Every extension is copied, so what another CA has signed must not come to speak for one of ours: the holder of a CA
     * below one would get out of the limits of its certificate.
     */
    private static void checkKind(ClientCertificate old) {
        if (old.leaf().isCa()) {
            throw refused("it is a CA's certificate");
        }
        if (!old.issuedHere() && signsForItsIssuer(old.leaf())) {
            throw refused("it signs revocation data for its issuer, which is none of this CA's");
        }
    }

    private static boolean signsForItsIssuer(PresentedCertificate leaf) {
        return leaf.purposes()
                        .filter(purposes -> purposes.hasKeyPurposeId(KeyPurposeId.id_kp_OCSPSigning))
                        .isPresent()
                || leaf.keyUsage()
                        .filter(usage -> usage.hasUsages(KeyUsage.cRLSign) || usage.hasUsages(KeyUsage.keyCertSign))
                        .isPresent();
    }

    private static void checkTime(ClientCertificate certificate, Optional<Claims> claims, Instant now) {
        PresentedCertificate old = certificate.leaf();
        if (claims.map(Claims::disableRenewal).orElse(false)) {
            throw refused("its provisioner has renewal disabled");
        }
        if (now.isBefore(old.notBefore())) {
            throw refused("not valid yet");
        }
        boolean late = now.isAfter(old.notAfter());
        if (late && !claims.map(Claims::allowRenewalAfterExpiry).orElse(false)) {
            throw CaException.of(
                    ErrorCode.RENEWAL_REFUSED,
                    "The request lacked necessary authorization to be completed: certificate expired on "
                            + GoTime.print(old.notAfter()));
        }
        // Whoever has the key of a CA that has ended can make certificates of any time before its end. Nobody has
        // that of ours.
        if (!certificate.issuedHere() && now.isAfter(certificate.aboveEnds())) {
            throw refused("a CA above it, which is none of the configuration, has ended");
        }
    }

    private static CaException refused(String why) {
        return CaException.hidden(ErrorCode.RENEWAL_REFUSED, "not renewed: " + why);
    }

    /** Backdate included. */
    private static Duration lasted(PresentedCertificate old) {
        return Duration.between(old.notBefore(), old.notAfter());
    }

    /** Of two lengths: the one, or what a new certificate may have. */
    private Duration shorter(Duration length, Optional<Provisioner> provisioner) {
        Duration most = provisioner
                .map(Provisioner::claims)
                .orElse(provisioners.authorityClaims())
                .maxTls()
                .plus(backdate);
        return length.compareTo(most) > 0 ? most : length;
    }

    /** So long, backdate included; cut where the issuer begins and ends, and to what its key signs. */
    private LeafValidity validity(Issuer issuer, Duration length, Instant now) {
        LeafValidity.Bounds bounds = issuer.certificate().bounds();
        Instant second = now.truncatedTo(ChronoUnit.SECONDS);
        Instant start = LeafValidity.later(
                second.minus(backdate).truncatedTo(ChronoUnit.SECONDS),
                bounds.issuer().notBefore());
        LeafValidity validity = new LeafValidity(start, bounds.cut(start, start.plus(length)));
        if (!validity.notAfter().isAfter(second)) {
            throw CaException.of(
                    ErrorCode.FORBIDDEN,
                    "the renewed certificate would end before it is signed; na=" + GoTime.print(validity.notAfter()));
        }
        return validity;
    }
}
