package io.chancery.node.revocation;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.crl.CrlEntries;
import io.chancery.core.crl.SignedCrl;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The list that a node serves, in a file of its own: so one that starts while the store is away has a list to serve. No
 * list waits for it, and none fails with it. What is read back was in anybody's hands, and is verified. Any thread.
 */
public final class KeptList {
    private static final Logger LOG = LoggerFactory.getLogger(KeptList.class);
    private static final FileAttribute<?> OWNER_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final long PATIENCE_SECONDS = 10;
    /** What stands around the entries is far smaller than this. */
    private static final int AROUND = 64 * 1024;
    /** The store counts on from it. */
    private static final int NUMBER_BITS = 62;

    private final Vertx vertx;
    private final Place place;
    private final IssuerCertificate issuer;
    private final PublicKeys keys;
    private final Path file;
    private Optional<CrlShelf.Listed> next = Optional.empty();
    private boolean writing;
    /** Used by the one who writes, or could not, alone. */
    private volatile String failure = "";

    /**
     * @param folder this node's own
     * @param clock by which a list has ended
     */
    public record Place(Path folder, InstantSource clock) {}

    KeptList(Vertx vertx, Place place, IssuerCertificate issuer, PublicKeys keys) {
        this.vertx = vertx;
        this.place = place;
        this.issuer = issuer;
        this.keys = keys;
        this.file = place.folder().resolve("list-" + issuer.hash().hex() + ".crl");
    }

    /** The one that was kept, if it can be served: whole, this issuer's, and not ended. Never fails, within 10 s. */
    Future<Optional<CrlShelf.Listed>> load() {
        return vertx.executeBlocking(this::read, false)
                .timeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .recover(cause -> {
                    LOG.atWarn()
                            .addKeyValue("file", file)
                            .addKeyValue("reason", cause.getMessage())
                            .log("the kept list of revoked certificates is not served");
                    return Future.succeededFuture(Optional.empty());
                });
    }

    private Optional<CrlShelf.Listed> read() throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        if (Files.size(file) > CrlEntries.MAX_OCTETS + AROUND) {
            throw new IOException("it is larger than any list");
        }
        byte[] der = Files.readAllBytes(file);
        SignedCrl.Published list = SignedCrl.read(issuer, der, keys);
        if (list.number().bitLength() > NUMBER_BITS) {
            throw new IOException("its number is none that this CA gives");
        }
        if (!place.clock().instant().isBefore(list.nextUpdate())) {
            LOG.atInfo()
                    .addKeyValue("nextUpdate", list.nextUpdate())
                    .log("the kept list of revoked certificates has ended");
            return Optional.empty();
        }
        LOG.atInfo().addKeyValue("number", list.number()).log("the kept list of revoked certificates is served");
        return Optional.of(CrlShelf.listed(list.number(), list.thisUpdate(), list.nextUpdate(), Der.of(der)));
    }

    /** Writes it for the next start, in place of the one before; of several that come meanwhile the last alone. */
    void keep(CrlShelf.Listed list) {
        synchronized (this) {
            next = Optional.of(list);
            if (writing) {
                return;
            }
            writing = true;
        }
        Future<Boolean> unused = vertx.executeBlocking(this::writeAll, false).onFailure(this::neverWritten);
    }

    /** Where no thread took it: the next list finds nobody writing, and is written. */
    private void neverWritten(Throwable cause) {
        synchronized (this) {
            writing = false;
        }
        failed(cause);
    }

    private boolean writeAll() {
        for (Optional<CrlShelf.Listed> list = take(); list.isPresent(); list = take()) {
            try {
                write(list.get().der().getBytes());
                failure = "";
            } catch (IOException | RuntimeException e) {
                failed(e);
            }
        }
        return true;
    }

    private synchronized Optional<CrlShelf.Listed> take() {
        Optional<CrlShelf.Listed> taken = next;
        next = Optional.empty();
        writing = taken.isPresent();
        return taken;
    }

    /** Once for each reason: on a full disk every list fails alike. */
    private void failed(Throwable cause) {
        String why = cause.getClass().getSimpleName() + ": " + cause.getMessage();
        if (!why.equals(failure)) {
            failure = why;
            LOG.atWarn()
                    .addKeyValue("reason", why)
                    .log("the list of revoked certificates is served, but not kept for the next start");
        }
    }

    /** Whole or not at all, also after a power cut: a store that fails with it is what the file is for. */
    private void write(byte[] der) throws IOException {
        Path unused = Files.createDirectories(place.folder());
        Path coming = file.resolveSibling(file.getFileName() + ".new");
        boolean unusedLeft = Files.deleteIfExists(coming); // by a process that was killed
        try {
            try (FileChannel out = FileChannel.open(
                    coming, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ALONE)) {
                ByteBuffer octets = ByteBuffer.wrap(der);
                while (octets.hasRemaining()) {
                    int unusedCount = out.write(octets);
                }
                out.force(true);
            }
            Path unusedMoved = Files.move(coming, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            boolean unusedGone = Files.deleteIfExists(coming);
        }
    }
}
