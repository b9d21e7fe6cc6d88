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
import io.chancery.testing.StrictVertx;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/** A signer that is asked all the time, and its HSM in processes of its own. One in each JVM. */
final class P11KitLoad implements AutoCloseable {
    private static final Duration IDLE_HEALS = Duration.ofSeconds(15);

    private final Vertx vertx = StrictVertx.make();
    private final Semaphore freshProcessHelps = new Semaphore(0);
    private final AtomicLong firstAsked = new AtomicLong();
    private final Hsm hsm;
    private final Path library;
    private final HealingLoad load;
    /** Of another issuer, as the next one or the last: nobody asks it, and it must not stand in the way. */
    private final SigningKey idle;

    private P11KitLoad(Hsm hsm, Path library, Path folder) throws Exception {
        this.hsm = hsm;
        this.library = library;
        idle = keep("idle", hsm.idle(), folder);
        load = HealingLoad.start(vertx, hsm.asked(), folder, helps -> keep("ca", hsm.asked(), folder));
    }

    /** The server, and the issuers whose keys it shows. */
    private record Hsm(SoftHsmToken token, P11KitServer server, IssuerCertificate asked, IssuerCertificate idle) {}

    private SigningKey keep(String label, IssuerCertificate of, Path folder) {
        String uri = P11KitServer.uri(hsm.token(), label)
                .replace(P11KitServer.clientLibrary().toString(), library.toString());
        return SigningKeys.keep(
                new KeySettings(uri, Optional.empty(), Optional.empty(), Optional.empty(), of, 4),
                new KeyNeighbours(folder, new SecureRandom(), new NoOtherNodes(), this::freshProcessHelps));
    }

    private void freshProcessHelps() {
        boolean unused = firstAsked.compareAndSet(0, System.nanoTime());
        freshProcessHelps.release();
    }

    /** When a fresh process was first asked for, by {@link System#nanoTime()}; 0 when none was. */
    long firstAsked() {
        return firstAsked.get();
    }

    static P11KitLoad start(SoftHsmToken token, Path folder) throws Exception {
        IssuerCertificate asked = TokenFixture.issuer(token, "ca", KeyAlgorithm.EC_P256);
        IssuerCertificate idle = TokenFixture.issuer(token, "idle", KeyAlgorithm.EC_P256);
        P11KitServer server = P11KitServer.start(token, token.modulePath(), System.getenv("P11_KIT_SERVER_ADDRESS"));
        return new P11KitLoad(new Hsm(token, server, asked, idle), P11KitServer.clientLibrary(), folder);
    }

    /**
     * Ends this signer, in whose library calls hang, and starts another one with a copy of the library, which has nothing
     * in common with it: so it is in a fresh process.
     *
     * @param fresh a new folder
     */
    P11KitLoad replaced(Path fresh) throws Exception {
        load.stop();
        idle.close();
        Answers.of(vertx.close());
        Path copy = Files.createDirectories(fresh).resolve("p11-kit-client.so");
        return new P11KitLoad(hsm, Files.copy(P11KitServer.clientLibrary(), copy), fresh);
    }

    P11KitServer server() {
        return hsm.server();
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
        load.mustHaveHealed(freshProcessHelps, LibraryFaults.of(library));
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
        hsm.server().close();
    }
}
