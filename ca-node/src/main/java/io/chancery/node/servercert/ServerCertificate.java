package io.chancery.node.servercert;

import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.certificate.ServerCertificateProfile;
import io.chancery.core.der.Der;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.pem.PemBlock;
import io.chancery.node.crypto.CryptoProviders;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's own certificate: kept while it fits, issued by this CA itself when it does not, renewed from two thirds of
 * its life, and made anew when its names change. It tries again for as long as store or signer are away.
 *
 * <p>May be called on any thread; its work is done on one event loop and on worker threads.
 */
public final class ServerCertificate {
    private static final Logger LOG = LoggerFactory.getLogger(ServerCertificate.class);
    private static final long FIRST_RETRY_MILLIS = 1_000;
    private static final long LONGEST_RETRY_MILLIS = 30_000;
    private static final long CHECK_MILLIS = 30_000;

    private final Vertx vertx;
    private final Context context;
    private final Settings settings;
    private final Issuing issuer;
    private final Supplier<SerialNumber> serials;
    private final long checkMillis;
    private final ServerCertificateFiles files;
    private final Promise<ServerIdentity> first = Promise.promise();
    private volatile Names names;
    private volatile @Nullable ServerIdentity current;
    private volatile String lastFailure = "";
    private volatile boolean stopped;
    private boolean issuing;
    private long retryMillis = FIRST_RETRY_MILLIS;
    private long timer = -1;

    /**
     * What it must answer for.
     *
     * @param dnsNames names and addresses
     */
    public record Names(String commonName, List<String> dnsNames) {
        public Names {
            dnsNames = List.copyOf(dnsNames);
        }
    }

    /**
     * @param issuers those in force at this moment
     * @param folder where certificate and key are kept
     */
    public record Settings(Supplier<Issuers> issuers, Path folder, InstantSource clock, SecureRandom random) {}

    /** Records and signs what is prepared, within a time of its own; the flow of every certificate. */
    @FunctionalInterface
    public interface Issuing {
        Future<Der> issue(PreparedCertificate certificate);
    }

    public ServerCertificate(
            Vertx vertx, Settings settings, Names names, Issuing issuer, Supplier<SerialNumber> serials) {
        this(vertx, settings, names, issuer, serials, CHECK_MILLIS);
    }

    /** @param checkMillis how long after a look that found it good the next one comes */
    ServerCertificate(
            Vertx vertx,
            Settings settings,
            Names names,
            Issuing issuer,
            Supplier<SerialNumber> serials,
            long checkMillis) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.settings = settings;
        this.names = names;
        this.issuer = issuer;
        this.serials = serials;
        this.checkMillis = checkMillis;
        this.files = new ServerCertificateFiles(settings.folder());
    }

    /** Why there is none, or empty. Never waits. */
    public Optional<String> missing() {
        if (current != null) {
            return Optional.empty();
        }
        String why = lastFailure;
        return Optional.of(why.isEmpty() ? "the server has no certificate yet" : "no server certificate: " + why);
    }

    /** The one that is served, when there is one, with the chain that its issuer has now. */
    public Optional<ServerIdentity> current() {
        return Optional.ofNullable(current).map(this::withChain);
    }

    /**
     * Succeeds with the first usable certificate, however long that takes, and tells of each later one.
     *
     * @param renewed called on an event loop
     */
    public Future<ServerIdentity> start(Consumer<ServerIdentity> renewed) {
        vertx.executeBlocking(
                        () -> files.load(
                                settings.issuers().get(),
                                names,
                                settings.clock().instant()),
                        false)
                .onComplete(loaded -> context.runOnContext(now -> {
                    if (loaded.succeeded() && loaded.result().isPresent()) {
                        take(withChain(loaded.result().get()), renewed);
                    }
                    check(renewed);
                }));
        return first.future();
    }

    /**
     * Whether an issuer may sign for these names.
     *
     * @throws io.chancery.core.error.CaException FORBIDDEN when its chain's name constraints forbid one
     */
    public static void check(Names next, Issuer issuer) {
        issuer.constraints().check(ServerCertificateProfile.names(next.dnsNames()));
    }

    /** From now on for these names: issues a certificate for them unless it has one, and serves the old one until then. */
    public void use(Names next, Consumer<ServerIdentity> renewed) {
        names = next;
        context.runOnContext(now -> check(renewed));
    }

    public void stop() {
        stopped = true;
        context.runOnContext(now -> {
            boolean unused = vertx.cancelTimer(timer);
        });
    }

    /** Issues one if it is time to, and comes again: soon when there is none or it does not fit, else later. */
    private void check(Consumer<ServerIdentity> renewed) {
        if (stopped || issuing) {
            return;
        }
        boolean unused = vertx.cancelTimer(timer);
        if (!needed()) {
            timer = vertx.setTimer(checkMillis, tick -> check(renewed));
            return;
        }
        issuing = true;
        issue().onComplete(done -> context.runOnContext(now -> {
            issuing = false;
            if (done.succeeded()) {
                take(done.result(), renewed);
                // The names may have changed meanwhile. Not at once: under an issuer that is about to end, one is
                // due anew as soon as it is issued.
                timer = vertx.setTimer(FIRST_RETRY_MILLIS, tick -> check(renewed));
            } else {
                failed(done.cause());
                // Each try leaves a row in the store, so they come less and less often.
                timer = vertx.setTimer(retryMillis, tick -> check(renewed));
                retryMillis = Math.min(2 * retryMillis, LONGEST_RETRY_MILLIS);
            }
        }));
    }

    /** For a test that moves the clock: what the timer does. */
    void checkNow(Consumer<ServerIdentity> renewed) {
        context.runOnContext(now -> check(renewed));
    }

    private boolean needed() {
        ServerIdentity held = current;
        if (held == null) {
            return true;
        }
        Instant now = settings.clock().instant();
        Optional<Issuer> issuer = settings.issuers().get().of(encoded(held.certificate()));
        return issuer.isEmpty()
                || ServerCertificateFiles.due(held.certificate(), names, now)
                || ServerCertificateFiles.isAhead(held.certificate(), issuer.get(), now);
    }

    private void take(ServerIdentity identity, Consumer<ServerIdentity> renewed) {
        boolean another = current != null;
        current = identity;
        lastFailure = "";
        retryMillis = FIRST_RETRY_MILLIS;
        if (another) {
            renewed.accept(identity);
        }
        boolean unused = first.tryComplete(identity);
    }

    private void failed(Throwable cause) {
        String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        boolean another = !why.equals(lastFailure);
        lastFailure = why;
        if (another) {
            LOG.atWarn()
                    .addKeyValue("reason", why)
                    .log(
                            current == null
                                    ? "the API port stays closed: no server certificate yet"
                                    : "the server certificate is not renewed yet; the old one is served");
        }
    }

    private Future<ServerIdentity> issue() {
        Names wanted = names;
        return vertx.executeBlocking(this::newKey, false).compose(pair -> {
            Instant now = settings.clock().instant();
            Issuer signing = settings.issuers().get().ofServer(now);
            PreparedCertificate prepared = ServerCertificateProfile.prepare(
                    signing.certificate(),
                    serials.get(),
                    wanted.commonName(),
                    wanted.dnsNames(),
                    signing.constraints(),
                    pair.getPublic(),
                    now);
            return issuer.issue(prepared).compose(der -> vertx.executeBlocking(() -> keep(der, pair), false));
        });
    }

    private KeyPair newKey() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", CryptoProviders.platformEc());
        generator.initialize(new ECGenParameterSpec("secp256r1"), settings.random());
        return generator.generateKeyPair();
    }

    /** Kept for the next start; one that cannot be kept is served all the same. */
    private ServerIdentity keep(Der leaf, KeyPair pair) throws GeneralSecurityException {
        String leafPem = pem("CERTIFICATE", leaf);
        String key = pem("PRIVATE KEY", Der.of(pair.getPrivate().getEncoded()));
        ServerIdentity identity =
                withChain(new ServerIdentity(ServerCertificateFiles.certificate(leafPem), leafPem, key));
        try {
            files.save(identity);
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("reason", e.getMessage())
                    .log("the server certificate could not be kept; the next start needs another one");
        }
        return identity;
    }

    /**
     * With its issuer's chain in this configuration: what stands above may have been renewed since the leaf was kept. As it
     * is when its issuer is gone, until another one takes its place.
     */
    private ServerIdentity withChain(ServerIdentity identity) {
        Der leaf = encoded(identity.certificate());
        Optional<Issuer> by = settings.issuers().get().of(leaf);
        if (by.isEmpty()) {
            return identity;
        }
        StringBuilder chain = new StringBuilder(pem("CERTIFICATE", leaf));
        by.get().chain().forEach(certificate -> chain.append(pem("CERTIFICATE", encoded(certificate))));
        return new ServerIdentity(identity.certificate(), chain.toString(), identity.keyPem());
    }

    private static Der encoded(X509Certificate certificate) {
        try {
            return Der.of(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate of our own cannot be encoded", e);
        }
    }

    private static String pem(String type, Der der) {
        return new PemBlock(type, Map.of(), der).encode();
    }
}
