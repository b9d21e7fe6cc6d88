package io.chancery.node.store;

import io.chancery.core.certificate.CaCertificate;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.core.issuance.Grant;
import io.chancery.core.issuance.PreparedIssuance;
import io.chancery.core.issuance.TokenUse;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.name.NameConstraints;
import io.chancery.node.issuance.IssuanceLedger.Claim;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Claims for tests of the ledger: real in all that the ledger reads. */
final class LedgerFixture {
    private final IssuerCertificate issuer;
    /** The serial of the issuer's own certificate. */
    static final BigInteger OWN_SERIAL = BigInteger.TEN.shiftLeft(100);

    private final BigInteger base;
    private final AtomicLong serials = new AtomicLong();
    private final Instant start;

    private LedgerFixture(IssuerCertificate issuer, BigInteger base, Instant start) {
        this.issuer = issuer;
        this.base = base;
        this.start = start;
    }

    static LedgerFixture create(Instant start) throws Exception {
        return create("CA", BigInteger.valueOf(1000), start);
    }

    /** Another issuer; its serials begin above a number. */
    static LedgerFixture create(String name, long above, Instant start) throws Exception {
        return create(name, BigInteger.valueOf(above), start);
    }

    static LedgerFixture create(String name, BigInteger above, Instant start) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256); // newer JDKs would make P-384 keys
        KeyPair key = generator.generateKeyPair();
        CaCertificate.Root plan =
                new CaCertificate.Root(name, key.getPublic(), OWN_SERIAL, start, start.plus(Duration.ofDays(1)), 0);
        return new LedgerFixture(
                IssuerCertificate.of(CaCertificate.make(plan, tbs -> {
                    Signature signature = Signature.getInstance("SHA256withECDSA");
                    signature.initSign(key.getPrivate());
                    signature.update(tbs.bytes());
                    return signature.sign();
                })),
                above,
                start);
    }

    IssuerCertificate issuer() {
        return issuer;
    }

    /** As it stands in a configuration. */
    Issuer named(String name) {
        return new Issuer(name, issuer, List.of(), NameConstraints.of(List.of()), Optional.empty(), Optional.empty());
    }

    PreparedCertificate certificate() {
        SerialNumber serial = new SerialNumber(base.add(BigInteger.valueOf(serials.incrementAndGet())));
        return new PreparedCertificate(
                serial,
                issuer,
                bytes("tbs of " + serial),
                "a.example",
                List.of("A.example", "b.example"),
                start,
                start.plus(Duration.ofHours(1)));
    }

    Claim claim(String token) {
        return claim(token, Optional.of(start), Optional.of(start.plusSeconds(300)), Optional.empty());
    }

    Claim repeatable(String token, String key) {
        return claim(token, Optional.of(start), Optional.of(start.plusSeconds(300)), Optional.of(key));
    }

    Claim claim(String token, Optional<Instant> issued, Optional<Instant> expires, Optional<String> repeatKey) {
        return claim(
                new PreparedIssuance(
                        Grant.ofToken(new TokenUse(key(token), issued, expires, "admin")),
                        certificate(),
                        Sha256.digest()),
                repeatKey.map(LedgerFixture::key),
                "request-" + serials.get());
    }

    /** Asked for at the moment at which the certificate begins. */
    static Claim claim(PreparedIssuance issuance, Optional<Sha256> repeatKey, String requestId) {
        return new Claim(issuance, repeatKey, requestId, issuance.certificate().notBefore());
    }

    static Sha256 key(String text) {
        return Sha256.digest(text.getBytes(StandardCharsets.UTF_8));
    }

    static Der bytes(String text) {
        return Der.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
