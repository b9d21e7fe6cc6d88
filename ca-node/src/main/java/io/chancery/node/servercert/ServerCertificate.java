package io.chancery.node.servercert;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.ServerCertificateProfile;
import io.chancery.core.der.Der;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.pem.PemBlock;
import io.chancery.node.crypto.CryptoProviders;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.IssuanceFlow;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's own certificate: kept while it fits, issued by this CA itself when it does not, and renewed from two
 * thirds of its life. It tries again for as long as store or signer are away.
 */
public final class ServerCertificate {
    private static final Logger LOG = LoggerFactory.getLogger(ServerCertificate.class);
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final long RETRY_MILLIS = 1_000;
    private static final long RENEWAL_CHECK_MILLIS = 30_000;

    private final Vertx vertx;
    private final Settings settings;
    private final IssuanceFlow flow;
    private final ServerCertificateFiles files;
    private volatile Optional<String> missing = Optional.of("the server has no certificate yet");
    private volatile boolean stopped;
    private long timer = -1;

    /**
     * @param dnsNames the names it must answer for
     * @param chain the issuer's certificate first
     * @param folder where certificate and key are kept
     */
    public record Settings(
            IssuerCertificate issuer,
            List<X509Certificate> chain,
            String commonName,
            List<String> dnsNames,
            NameConstraints constraints,
            Path folder,
            InstantSource clock,
            SecureRandom random) {
        public Settings {
            chain = List.copyOf(chain);
            dnsNames = List.copyOf(dnsNames);
        }
    }

    public ServerCertificate(Vertx vertx, Settings settings, IssuanceFlow flow) {
        this.vertx = vertx;
        this.settings = settings;
        this.flow = flow;
        this.files = new ServerCertificateFiles(settings.folder());
    }

    /** Why there is none, or empty. Never waits. */
    public Optional<String> missing() {
        return missing;
    }

    /**
     * Succeeds with the first usable certificate, however long that takes, and tells of each later one.
     *
     * @param renewed called on the caller's context
     */
    public Future<ServerIdentity> start(Consumer<ServerIdentity> renewed) {
        Instant now = settings.clock().instant();
        return vertx.executeBlocking(() -> files.load(settings.issuer(), settings.dnsNames(), now), false)
                .compose(kept -> kept.isPresent() ? Future.succeededFuture(kept.get()) : untilIssued())
                .onSuccess(first -> {
                    missing = Optional.empty();
                    watch(first, renewed);
                });
    }

    public void stop() {
        stopped = true;
        boolean unused = vertx.cancelTimer(timer);
    }

    private void watch(ServerIdentity current, Consumer<ServerIdentity> renewed) {
        timer = vertx.setTimer(RENEWAL_CHECK_MILLIS, tick -> {
            if (!ServerCertificateFiles.due(
                    current.certificate(), settings.clock().instant())) {
                watch(current, renewed);
                return;
            }
            issue().onComplete(done -> {
                if (done.succeeded()) {
                    renewed.accept(done.result());
                    watch(done.result(), renewed);
                } else {
                    LOG.atWarn()
                            .addKeyValue("reason", done.cause().getMessage())
                            .log("the server certificate is not renewed yet");
                    watch(current, renewed);
                }
            });
        });
    }

    private Future<ServerIdentity> untilIssued() {
        return issue().recover(cause -> {
            missing = Optional.of("no server certificate: " + cause.getMessage());
            LOG.atWarn()
                    .addKeyValue("reason", cause.getMessage())
                    .log("the API port stays closed: no server certificate yet");
            return stopped
                    ? Future.failedFuture(cause)
                    : vertx.timer(RETRY_MILLIS).compose(tick -> untilIssued());
        });
    }

    private Future<ServerIdentity> issue() {
        return vertx.executeBlocking(this::newKey, false).compose(pair -> {
            PreparedCertificate prepared = ServerCertificateProfile.prepare(
                    settings.issuer(),
                    flow.serial(),
                    settings.commonName(),
                    settings.dnsNames(),
                    settings.constraints(),
                    pair.getPublic(),
                    settings.clock().instant());
            return flow.issueOwn(prepared, "server-certificate", Deadline.in(DEADLINE))
                    .compose(der -> vertx.executeBlocking(() -> keep(der, pair), false));
        });
    }

    private KeyPair newKey() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", CryptoProviders.platformEc());
        generator.initialize(new ECGenParameterSpec("secp256r1"), settings.random());
        return generator.generateKeyPair();
    }

    private ServerIdentity keep(Der leaf, KeyPair pair) throws GeneralSecurityException, IOException {
        StringBuilder chain = new StringBuilder(pem("CERTIFICATE", leaf));
        for (X509Certificate certificate : settings.chain()) {
            chain.append(pem("CERTIFICATE", Der.of(certificate.getEncoded())));
        }
        String key = pem("PRIVATE KEY", Der.of(pair.getPrivate().getEncoded()));
        ServerIdentity identity =
                new ServerIdentity(ServerCertificateFiles.certificate(chain.toString()), chain.toString(), key);
        files.save(identity);
        return identity;
    }

    private static String pem(String type, Der der) {
        return new PemBlock(type, Map.of(), der).encode();
    }
}
