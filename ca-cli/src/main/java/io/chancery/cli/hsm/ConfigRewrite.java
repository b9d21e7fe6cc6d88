package io.chancery.cli.hsm;

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
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Lets a configuration file point to a key on a token: whole or not at all, with owner and permissions as they were. */
final class ConfigRewrite {
    private static final List<String> OF_THE_KEY = List.of("object", "id", "type");

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
     * @param kms the token's URI; what it says of the key is left out
     */
    void pointToToken(boolean own, String kms, String label, String idHex) throws IOException {
        JsonObject config;
        try {
            config = new JsonObject(Files.readString(file, StandardCharsets.UTF_8));
        } catch (DecodeException e) {
            throw new IOException(file + " is no JSON object", e);
        }
        String token = withoutKey(kms);
        String key = "pkcs11:id=" + idHex + ";object=" + encoded(label);
        if (own) {
            JsonObject members = config.getJsonObject("kms", new JsonObject());
            config.put("kms", members.put("uri", token).put("key", key));
        } else {
            JsonObject members = config.getJsonObject("kms", new JsonObject());
            config.put("kms", members.put("type", "pkcs11").put("uri", token)).put("key", key);
        }
        replace(config.encodePrettily() + "\n");
    }

    /** In one step, and on the disk before it takes the old one's place. */
    private void replace(String text) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        // A copy first: so it has the old one's owner and permissions, whoever runs this.
        Path unused = Files.copy(file, beside, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        Path owned = Files.setOwner(beside, Files.getOwner(file));
        try (FileChannel channel =
                FileChannel.open(owned, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer octets = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (octets.hasRemaining()) {
                int unusedCount = channel.write(octets);
            }
            channel.force(true);
        }
        Path unusedToo = Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The old file again; the copy is gone then. */
    void putBack(Path kept) throws IOException {
        Path unused = Files.move(kept, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Of a URI, what says which token: the key is named apart, as step-ca has it. */
    static String withoutKey(String kms) {
        int question = kms.indexOf('?');
        String path = question < 0 ? kms : kms.substring(0, question);
        String query = question < 0 ? "" : kms.substring(question + 1);
        String kept = "pkcs11:" + filtered(path.substring("pkcs11:".length()), ";");
        String keptQuery = filtered(query, "&");
        return keptQuery.isEmpty() ? kept : kept + "?" + keptQuery;
    }

    private static String filtered(String attributes, String separator) {
        return Arrays.stream(attributes.split("[;&]", -1))
                .filter(each -> !each.isEmpty() && OF_THE_KEY.stream().noneMatch(name -> each.startsWith(name + "=")))
                .collect(Collectors.joining(separator));
    }

    private static String encoded(String label) {
        return java.net.URLEncoder.encode(label, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
