package io.chancery.signer.bus;

import io.chancery.cluster.bus.NodeId;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Set;

/**
 * What this signer signed, one line each: time, serial, SHA-256 of the to-be-signed bytes, the node that asked. For
 * comparison with the store. A line is with the operating system before the signature leaves, so it outlives the
 * process; the machine's own death may cost the last seconds. Blocks; safe for any thread.
 */
final class SignatureLog implements AutoCloseable {
    private final FileChannel file;

    private SignatureLog(FileChannel file) {
        this.file = file;
    }

    /** Opens for appending, and makes the file (0600) when there is none. */
    static SignatureLog open(Path path) throws IOException {
        return new SignatureLog(FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))));
    }

    /** UncheckedIOException when the line cannot be written; the signature must not leave then. */
    void append(Instant time, SerialNumber serial, Sha256 tbs, NodeId caller) {
        append(time, serial.toString(), tbs, caller);
    }

    /** As above, of a list of revoked certificates: its number stands where a serial does, behind {@code crl:}. */
    void appendList(Instant time, BigInteger number, Sha256 tbs, NodeId caller) {
        append(time, "crl:" + number, tbs, caller);
    }

    private synchronized void append(Instant time, String what, Sha256 tbs, NodeId caller) {
        String line = time + " " + what + " " + tbs.hex() + " " + caller + "\n";
        ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII));
        try {
            while (bytes.hasRemaining()) {
                int unused = file.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the signature log cannot be written", e);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (file.isOpen()) {
            file.force(true);
            file.close();
        }
    }
}
