package io.chancery.cli.hsm;

import io.chancery.cli.WholeFiles;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Lets a configuration file point to a key on a token: whole or not at all, with owner and permissions as they were. */
final class ConfigRewrite {
    private final Path file;

    ConfigRewrite(Path file) {
        this.file = file.toAbsolutePath();
    }

    /** A copy beside it, named by the time. */
    Path keepOld(Instant now) throws IOException {
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString().replace(":", "");
        Path kept = file.resolveSibling(file.getFileName() + ".before-hsm." + time);
        return Files.copy(file, kept, StandardCopyOption.COPY_ATTRIBUTES);
    }

    /**
     * @param own whether it is chancery.json, whose members for this are others than ca.json's
     * @param token which token; what it says of a key is left out
     * @return the key and its token, as the CA will read them
     */
    Pkcs11Uri pointToToken(boolean own, Pkcs11Uri token, String label, String idHex) throws IOException {
        JsonObject config;
        try {
            config = new JsonObject(Files.readString(file, StandardCharsets.UTF_8));
        } catch (DecodeException e) {
            throw new IOException(file + " is no JSON object", e);
        }
        String uri = token.ofToken().forConfiguration();
        String key = "pkcs11:id=" + idHex + ";object=" + Pkcs11Uri.encoded(label);
        JsonObject kms = config.getJsonObject("kms", new JsonObject()).put("uri", uri);
        if (own) {
            config.put("kms", kms.put("key", key));
        } else {
            config.put("kms", kms.put("type", "pkcs11")).put("key", key);
        }
        replace(config.encodePrettily() + "\n");
        return Pkcs11Uri.parse(key).withDefaults(token.ofToken());
    }

    /** In one step, and on the disk before it takes the old one's place. */
    private void replace(String text) throws IOException {
        Path beside = WholeFiles.beside(file);
        try {
            // A copy first: so it has the old one's owner and permissions, whoever runs this.
            Path unused =
                    Files.copy(file, beside, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
            write(Files.setOwner(beside, Files.getOwner(file)), text);
            WholeFiles.take(beside, file);
        } catch (IOException | RuntimeException e) {
            try {
                boolean unused = Files.deleteIfExists(beside);
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
    }

    private static void write(Path owned, String text) throws IOException {
        try (FileChannel channel =
                FileChannel.open(owned, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer octets = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (octets.hasRemaining()) {
                int unusedCount = channel.write(octets);
            }
            channel.force(true);
        }
    }

    Path file() {
        return file;
    }

    /** The old file again; the copy is gone then. */
    void putBack(Path kept) throws IOException {
        WholeFiles.take(kept, file);
    }
}
