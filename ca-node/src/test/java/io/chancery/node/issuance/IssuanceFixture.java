package io.chancery.node.issuance;

import io.chancery.core.certificate.CaCertificate;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.LeafCertificate;
import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.issuer.IssuingRule;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.profile.LeafValidity;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** An issuer with its key at hand, and certificates that wait for its signature. */
public final class IssuanceFixture {
    public static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    private final KeyPair key;
    private final PublicKey subject;
    private final IssuerCertificate issuer;
    private final AtomicLong serials = new AtomicLong(1_000);

    private IssuanceFixture(KeyPair key, PublicKey subject, IssuerCertificate issuer) {
        this.key = key;
        this.subject = subject;
        this.issuer = issuer;
    }

    public static IssuanceFixture create() throws Exception {
        return create("CA");
    }

    /** An issuer of that name. */
    public static IssuanceFixture create(String name) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair key = generator.generateKeyPair();
        CaCertificate.Root plan = new CaCertificate.Root(
                name,
                key.getPublic(),
                BigInteger.TEN.shiftLeft(100),
                NOW.minusSeconds(60),
                NOW.plus(Duration.ofDays(365)),
                0);
        return new IssuanceFixture(
                key,
                generator.generateKeyPair().getPublic(),
                IssuerCertificate.of(CaCertificate.make(plan, tbs -> signature(key, tbs))));
    }

    public IssuerCertificate issuer() {
        return issuer;
    }

    /** This one alone. */
    public Issuers issuers() {
        return Issuers.only(issuer, NameConstraints.of(List.of(issuer.certificate())));
    }

    /** Another one that signs everything, and this one as a former one. */
    public Issuers afterIt(IssuanceFixture next) {
        Issuer now = new Issuer(
                "next",
                next.issuer,
                List.of(next.issuer.certificate()),
                NameConstraints.of(List.of()),
                Optional.empty(),
                Optional.of(IssuingRule.ALL));
        return Issuers.of(List.of(now), issuers().standing(), key -> true);
    }

    /** Another one at each call. */
    public PreparedCertificate certificate() {
        return certificate(NOW);
    }

    PreparedCertificate certificate(Instant notBefore) {
        return LeafCertificate.prepare(
                issuer,
                new SerialNumber(BigInteger.ONE.shiftLeft(100).add(BigInteger.valueOf(serials.incrementAndGet()))),
                "a.example",
                List.of(SubjectAltName.guess("a.example")),
                new LeafValidity(notBefore, NOW.plusSeconds(600)),
                SubjectPublicKeyInfo.getInstance(subject.getEncoded()),
                Optional.empty());
    }

    /** One whose ledger and signers answer nothing of use. */
    public IssuanceFlow flow() {
        return flow(new RecordingReplayFilter(new ArrayList<>()));
    }

    /** As {@link #flow()}, with this grid. */
    public IssuanceFlow flow(RecordingReplayFilter grid) {
        RecordingLedger ledger = new RecordingLedger();
        return new IssuanceFlow(
                this::issuers,
                new IssuanceFlow.Ports(ledger, grid, new ScriptedSigners(ledger), Optional::empty),
                new PublicKeys(new BouncyCastleProvider()),
                () -> NOW,
                new SecureRandom());
    }

    public Der sign(Der tbs) {
        try {
            return Der.of(signature(key, tbs));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    boolean verifies(Der certificate) throws GeneralSecurityException {
        CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(certificate.bytes()))
                .verify(key.getPublic());
        return true;
    }

    private static byte[] signature(KeyPair key, Der tbs) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(key.getPrivate());
        signature.update(tbs.bytes());
        return signature.sign();
    }
}
