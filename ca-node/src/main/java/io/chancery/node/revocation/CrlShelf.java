package io.chancery.node.revocation;

import io.chancery.core.der.Der;
import io.vertx.core.buffer.Buffer;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/** The list in force as this node serves it, from memory. Any thread. */
public final class CrlShelf {
    private static final byte[] LINE_END = {'\n'};
    private static final int LINE = 64;

    private volatile Optional<Listed> current = Optional.empty();

    /**
     * A list, ready to be sent.
     *
     * @param der and its text as PEM; not to be changed
     */
    public record Listed(BigInteger number, Instant thisUpdate, Instant nextUpdate, Buffer der, Buffer pem) {}

    /** The newest that this node knows; empty before the first. */
    public Optional<Listed> current() {
        return current;
    }

    /** Takes the time of encoding it; for a worker thread. */
    static Listed listed(BigInteger number, Instant thisUpdate, Instant nextUpdate, Der der) {
        byte[] bytes = der.bytes();
        Buffer pem = Buffer.buffer()
                .appendString("-----BEGIN X509 CRL-----\n") // the label that step-ca and OpenSSL write
                .appendBytes(Base64.getMimeEncoder(LINE, LINE_END).encode(bytes))
                .appendBytes("\n-----END X509 CRL-----\n".getBytes(StandardCharsets.US_ASCII));
        return new Listed(number, thisUpdate, nextUpdate, Buffer.buffer(bytes), pem);
    }

    /** Puts a list in place of one with a lower number; answers whether it has. */
    synchronized boolean put(Listed next) {
        boolean newer = current.isEmpty() || current.get().number().compareTo(next.number()) < 0;
        if (newer) {
            current = Optional.of(next);
        }
        return newer;
    }

    /** Of the list that is there; zero before the first. */
    BigInteger number() {
        return current.map(Listed::number).orElse(BigInteger.ZERO);
    }
}
