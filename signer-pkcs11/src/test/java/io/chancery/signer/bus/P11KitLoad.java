package io.chancery.signer.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.signers.NoOtherNodes;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.der.Der;
import io.chancery.signer.admin.KeyAlgorithm;
import io.chancery.signer.key.KeyNeighbours;
import io.chancery.signer.key.KeySettings;
import io.chancery.signer.key.LibraryFaults;
import io.chancery.signer.key.SigningKey;
import io.chancery.signer.key.SigningKeyException;
import io.chancery.signer.key.SigningKeys;
import io.chancery.signer.key.TokenFixture;
import io.chancery.softhsm.P11KitServer;
import io.chancery.softhsm.SoftHsmToken;
import io.chancery.testing.Answers;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/** A signer that is asked all the time, and its HSM in processes of its own. One in each JVM. */
final class P11KitLoad implements AutoCloseable {
    private static final Duration IDLE_HEALS = Duration.ofSeconds(15);

    private final Vertx vertx = Vertx.vertx();
    private final Semaphore freshProcessHelps = new Semaphore(0);
    private final P11KitServer server;
    private final HealingLoad load;
    /** Of another issuer, as the next one or the last: nobody asks it, and it must not stand in the way. */
    private final SigningKey idle;

    private P11KitLoad(SoftHsmToken token, Path folder) throws Exception {
        IssuerCertificate issuer = TokenFixture.issuer(token, "ca", KeyAlgorithm.EC_P256);
        server = P11KitServer.start(token, token.modulePath(), System.getenv("P11_KIT_SERVER_ADDRESS"));
        idle = keep(token, "idle", TokenFixture.issuer(token, "idle", KeyAlgorithm.EC_P256), folder);
        load = HealingLoad.start(vertx, issuer, folder, helps -> keep(token, "ca", issuer, folder));
    }

    private SigningKey keep(SoftHsmToken token, String label, IssuerCertificate of, Path folder) {
        return SigningKeys.keep(
                new KeySettings(
                        P11KitServer.uri(token, label), Optional.empty(), Optional.empty(), Optional.empty(), of, 4),
                new KeyNeighbours(folder, new SecureRandom(), new NoOtherNodes(), freshProcessHelps::release));
    }

    static P11KitLoad start(SoftHsmToken token, Path folder) throws Exception {
        return new P11KitLoad(token, folder);
    }

    P11KitServer server() {
        return server;
    }

    HealingLoad load() {
        return load;
    }

    /** Whether the signer has found since that a fresh process could sign and this one cannot. */
    boolean askedForAFreshProcess() {
        return freshProcessHelps.tryAcquire();
    }

    /** After {@link HealingLoad#stop()}. */
    void mustHaveHealed() throws Exception {
        assertThat(idleSigns().length()).isPositive();
        idle.close();
        load.mustHaveHealed(freshProcessHelps, LibraryFaults.of(P11KitServer.clientLibrary()));
    }

    /** One call waits for the healing of a lost key for less long than that may take after several kills in a row. */
    private Der idleSigns() {
        long end = System.nanoTime() + IDLE_HEALS.toNanos();
        while (true) {
            try {
                return idle.sign(idle.scheme(), Der.of(new byte[] {1}), Duration.ofSeconds(2));
            } catch (SigningKeyException away) {
                if (System.nanoTime() - end > 0) {
                    throw away;
                }
            }
        }
    }

    @Override
    public void close() throws Exception {
        idle.close();
        Answers.of(vertx.close());
        server.close();
    }
}
