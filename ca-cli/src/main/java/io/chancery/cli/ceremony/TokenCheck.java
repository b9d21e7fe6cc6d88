package io.chancery.cli.ceremony;

import io.chancery.cli.UsageException;
import io.chancery.cli.hsm.PemFiles;
import io.chancery.core.der.Sha256;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.hsm.TokenSlot;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/** Holds what a transcript says of the keys on one token against that token. */
final class TokenCheck {
    private TokenCheck() {}

    /**
     * What is wrong, each with its step; what is on another token is passed over.
     *
     * @param looked gets the name of each authority whose key was looked at
     */
    static List<String> problems(Path file, TokenSession session, List<String> looked)
            throws IOException, UsageException {
        JsonObject transcript = new JsonObject(Files.readString(file, StandardCharsets.UTF_8));
        List<String> problems = new ArrayList<>();
        for (Object each : transcript.getJsonArray("steps")) {
            JsonObject step = (JsonObject) each;
            JsonObject result = step.getJsonObject("result");
            if (isOn(session.token().slot(), result)) {
                looked.add(result.getString("authority"));
                try {
                    key(step.getInteger("number"), result, file, session, problems);
                } catch (HsmException e) {
                    problems.add("step " + step.getInteger("number") + ": " + e.getMessage());
                }
            }
        }
        return problems;
    }

    /** By its label, too, where that was recorded: libraries for TPMs give all tokens the same serial number. */
    private static boolean isOn(TokenSlot slot, JsonObject result) {
        return slot.serial().equals(result.getString("tokenSerial"))
                && slot.label().equals(result.getString("tokenLabel", slot.label()));
    }

    private static void key(int number, JsonObject result, Path file, TokenSession session, List<String> problems)
            throws UsageException {
        String place = "step " + number + ": the key of " + result.getString("authority");
        ManagedKey key = session.key(Pkcs11Uri.parse("pkcs11:id=" + result.getString("id")));
        if (!Sha256.digest(key.publicKey().getEncoded()).hex().equals(result.getString("publicKeySha256"))) {
            problems.add(place + " is another one now");
        }
        if (!new JsonObject(new LinkedHashMap<>(key.attributes().asMap())).equals(result.getJsonObject("attributes"))) {
            problems.add(
                    place + " has other attributes now: " + key.attributes().text());
        }
        Path certificate = file.toAbsolutePath().resolveSibling(result.getString("authority") + ".crt");
        if (Files.exists(certificate) && !key.certificates().contains(PemFiles.certificate(certificate))) {
            problems.add(place + " does not have its certificate beside it on the token");
        }
    }
}
