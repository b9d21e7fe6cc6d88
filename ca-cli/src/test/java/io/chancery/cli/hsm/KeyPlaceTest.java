package io.chancery.cli.hsm;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.cli.ProcessEnd;
import io.chancery.cli.Surroundings;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class KeyPlaceTest {
    @TempDir
    private Path folder;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Surroundings surroundings = new Surroundings(
            new PrintStream(PrintStream.nullOutputStream(), true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            Instant::now,
            new SecureRandom(),
            new ProcessEnd());

    private static KeyPlace place(String... options) {
        KeyPlace place = new KeyPlace();
        CommandLine.ParseResult unused = new CommandLine(place).parseArgs(options);
        return place;
    }

    @Test
    void a_PIN_in_the_command_line_is_warned_of_once_however_often_the_URI_is_asked_for() throws Exception {
        KeyPlace place = place("--kms", "pkcs11:token=t;object=k?pin-value=1234");
        for (int i = 0; i < 3; i++) {
            assertThat(place.uri(surroundings).object()).contains("k");
        }
        assertThat(err.toString(StandardCharsets.UTF_8))
                .containsOnlyOnce("warning:")
                .doesNotContain("1234");
    }

    @Test
    void where_the_issuers_certificate_is_still_to_come_no_signature_algorithm_is_known() throws Exception {
        Map<String, Object> ca = Map.of(
                "root",
                "root.crt",
                "crt",
                folder.resolve("none.crt").toString(),
                "key",
                "pkcs11:token=t;object=k",
                "address",
                ":0",
                "db",
                Map.of("type", "badgerv2", "dataSource", folder.resolve("db").toString()));
        Path caJson = Files.writeString(folder.resolve("ca.json"), JSONObjectUtils.toJSONString(ca));
        KeyPlace place = place("--config", caJson.toString());
        assertThat(place.scheme(surroundings)).isEmpty();
    }
}
