package io.chancery.node.revocation;

import io.chancery.cluster.bus.SignReply;
import io.chancery.core.certificate.CaCertificate;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.SigningClient;
import io.vertx.core.Future;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/** Signs lists with a key in memory, or answers as it is told. */
public final class ListSigner implements SigningClient {
    /** Where no list can be kept. */
    public static final KeptList.Place NOWHERE = new KeptList.Place(Path.of("/dev/null/lists"), InstantSource.system());

    public final IssuerCertificate issuer;
    final List<BigInteger> asked = Collections.synchronizedList(new ArrayList<>());
    public volatile Function<Der, Future<Outcome>> answer = this::signed;
    private final KeyPair key;

    public ListSigner(Instant start) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256); // left to itself, a newer JDK takes 384
        key = generator.generateKeyPair();
        CaCertificate.Root plan = new CaCertificate.Root(
                "CA",
                key.getPublic(),
                BigInteger.TEN.shiftLeft(100),
                start.minus(Duration.ofDays(1)),
                start.plus(Duration.ofDays(1)),
                0);
        issuer = IssuerCertificate.of(
                CaCertificate.make(plan, tbs -> signature(tbs).bytes()));
    }

    private Der signature(Der tbs) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(key.getPrivate());
        signature.update(tbs.bytes());
        return Der.of(signature.sign());
    }

    public Future<Outcome> signed(Der tbs) {
        try {
            return Future.succeededFuture(new Outcome.Signed(new SignReply.Signed(signature(tbs), Sha256.digest())));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Future<Outcome> sign(IssuerCertificate of, SerialNumber serial, Der tbs, Deadline deadline) {
        throw new AssertionError("nothing here makes certificates");
    }

    @Override
    public Future<Outcome> signList(IssuerCertificate of, BigInteger number, Der tbs, Deadline deadline) {
        asked.add(number);
        return answer.apply(tbs);
    }
}
