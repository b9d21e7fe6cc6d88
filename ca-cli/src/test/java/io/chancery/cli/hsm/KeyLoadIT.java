package io.chancery.cli.hsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cli.ProcessEnd;
import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.start.ConfigFiles;
import io.chancery.core.certificate.CaCertificate;
import io.chancery.core.secret.Secret;
import io.chancery.signer.admin.HsmModule;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.key.RefusedPins;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import io.chancery.testing.MutableInstantSource;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/** From a key file to the token, and what becomes of it when it breaks off. */
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class KeyLoadIT {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static SoftHsmToken token;
    private static KeyPair pair;
    private static X509Certificate certificate;

    @TempDir
    private Path folder;

    private Path caJson;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private final Surroundings surroundings = new Surroundings(
            new PrintStream(PrintStream.nullOutputStream(), true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            new MutableInstantSource(NOW),
            new SecureRandom(),
            new ProcessEnd());

    private static KeyPair newPair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        return generator.generateKeyPair();
    }

    @BeforeAll
    static void key(SoftHsmToken given) throws Exception {
        token = given;
        pair = newPair();
        certificate = certificate("Issuing");
    }

    /** Of the pair. */
    private static X509Certificate certificate(String name) throws Exception {
        return CaCertificate.make(
                new CaCertificate.Root(
                        name, pair.getPublic(), BigInteger.TEN.shiftLeft(100), NOW, NOW.plusSeconds(86_400), 0),
                tbs -> {
                    Signature signature = Signature.getInstance("SHA256withECDSA");
                    signature.initSign(pair.getPrivate());
                    signature.update(tbs.bytes());
                    return signature.sign();
                });
    }

    @BeforeEach
    void configuration() throws Exception {
        Files.writeString(folder.resolve("crt.pem"), PemFiles.pem(certificate));
        Files.writeString(
                folder.resolve("key.pem"),
                PemFiles.pem(
                        "PRIVATE KEY",
                        io.chancery.core.der.Der.of(pair.getPrivate().getEncoded())));
        caJson = folder.resolve("ca.json");
        Files.writeString(
                caJson,
                new JsonObject()
                        .put("root", folder.resolve("crt.pem").toString())
                        .put("crt", folder.resolve("crt.pem").toString())
                        .put("key", folder.resolve("key.pem").toString())
                        .put("address", "127.0.0.1:0")
                        .put("dnsNames", new io.vertx.core.json.JsonArray().add("localhost"))
                        .put(
                                "db",
                                new JsonObject()
                                        .put("type", "sqlite")
                                        .put("dataSource", folder.resolve("db").toString()))
                        .put("authority", new JsonObject().put("provisioners", new io.vertx.core.json.JsonArray()))
                        .encodePrettily());
        Files.setPosixFilePermissions(caJson, PosixFilePermissions.fromString("rw-r-----"));
    }

    private Path load(String label, KeyLoad.Observer observer) throws Exception {
        Pkcs11Uri uri = Pkcs11Uri.parse(token.uri(label));
        ConfigFiles files = ConfigFiles.read(caJson, false, surroundings.err());
        try (Secret pin = uri.pin().orElseThrow()) {
            return new KeyLoad(files, caJson, uri, surroundings, observer).run(pair.getPrivate(), certificate, pin);
        }
    }

    private Map<String, String> content() throws Exception {
        Map<String, String> all = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.put(folder.relativize(file).toString(), Files.readString(file));
            }
        }
        return all;
    }

    private long objects(String label) {
        Pkcs11Uri uri = Pkcs11Uri.parse(token.uri(label));
        try (TokenSession session = TokenSession.open(uri, uri.pin())) {
            return session.objects().stream()
                    .filter(it -> it.label().equals(label))
                    .count();
        }
    }

    @ParameterizedTest
    @EnumSource(KeyLoad.Step.class)
    void what_breaks_off_after_any_step_leaves_files_and_token_as_they_were(KeyLoad.Step step) throws Exception {
        Map<String, String> before = content();
        String label = "broken-" + step.name();
        assertThatThrownBy(() -> load(label, done -> {
                    if (done == step) {
                        throw new IllegalStateException("broken off after " + done);
                    }
                }))
                .hasMessageContaining("broken off after " + step);
        Map<String, String> after = content();
        after.keySet().removeIf(name -> name.startsWith("ca.json.before-hsm")); // a copy does no harm
        assertThat(after).isEqualTo(before);
        assertThat(objects(label)).isZero();
    }

    @Test
    void a_PIN_that_the_node_knows_as_refused_is_not_tried() throws Exception {
        Path data = Files.createDirectories(folder.resolve("db"));
        Pkcs11Uri uri = Pkcs11Uri.parse(token.uri("refused"));
        String identity = HsmModule.open(uri.modulePath()).token(uri).slot().identity();
        assertThat(RefusedPins.in(data, new SecureRandom()).refusedToCommand(identity, uri.pin()))
                .isTrue();
        assertThatThrownBy(() -> load("refused", step -> {}))
                .hasMessageContaining("not tried: the token has refused this PIN before");
        assertThat(objects("refused")).isZero();
    }

    @Test
    void the_configuration_points_to_the_token_with_the_old_file_and_its_permissions_kept() throws Exception {
        String before = Files.readString(caJson);
        Path kept = load("moved", step -> {});
        assertThat(kept).hasContent(before);
        JsonObject ca = new JsonObject(Files.readString(caJson));
        assertThat(ca.getString("key")).startsWith("pkcs11:id=").endsWith(";object=moved");
        assertThat(ca.getJsonObject("kms").getString("type")).isEqualTo("pkcs11");
        assertThat(ca.getJsonObject("kms").getString("uri"))
                .contains("token=" + token.label(), "pin-source=")
                .doesNotContain("object=");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(caJson)))
                .isEqualTo("rw-r-----");
        assertThat(objects("moved")).isEqualTo(3);
    }

    @Test
    void where_chancery_json_names_the_key_it_is_the_one_that_changes() throws Exception {
        Path own = folder.resolve("chancery.json");
        Files.writeString(own, "{\"kms\":{\"key\":\"key.pem\"},\"management\":{\"address\":\"127.0.0.1:0\"}}");
        String before = Files.readString(caJson);
        Path kept = load("own", step -> {});
        assertThat(kept.getFileName().toString()).startsWith("chancery.json.before-hsm");
        assertThat(caJson).hasContent(before);
        JsonObject kms = new JsonObject(Files.readString(own)).getJsonObject("kms");
        assertThat(kms.getString("key")).endsWith(";object=own");
        assertThat(kms.getString("uri")).contains("token=" + token.label());
    }

    @Test
    void another_certificates_key_file_is_not_taken() throws Exception {
        KeyPair right = pair;
        pair = newPair();
        try {
            Map<String, String> before = content();
            assertThatThrownBy(() -> load("other", step -> {})).hasMessageContaining("another key");
            assertThat(content()).isEqualTo(before);
            assertThat(objects("other")).isZero();
        } finally {
            pair = right;
        }
    }

    private int typed(String... options) throws Exception {
        LoadCommand command = new LoadCommand(surroundings);
        List<String> words = new ArrayList<>(List.of("--config", caJson.toString()));
        words.addAll(List.of(options));
        CommandLine.ParseResult unused = new CommandLine(command).parseArgs(words.toArray(String[]::new));
        return command.call();
    }

    private int imported(String uri, Path crt) throws Exception {
        ImportCommand command = new ImportCommand(surroundings);
        CommandLine.ParseResult unused = new CommandLine(command)
                .parseArgs(
                        "--kms",
                        uri,
                        "--cert",
                        crt.toString(),
                        folder.resolve("key.pem").toString());
        return command.call();
    }

    @Test
    void a_key_is_imported_with_its_certificate_or_not_at_all() throws Exception {
        KeyPair right = pair;
        pair = newPair();
        Path anothers = Files.writeString(folder.resolve("anothers.pem"), PemFiles.pem(certificate("Another")));
        pair = right;
        assertThatThrownBy(() -> imported(token.uri("alone"), anothers)).hasMessageContaining("is another key's");
        assertThat(objects("alone")).isZero();

        // One that stands where its own is to be written.
        Path there = Files.write(folder.resolve("der"), certificate("There").getEncoded());
        String unused = token.pkcs11Tool(
                "--write-object", there.toString(), "--type", "cert", "--id", "070707", "--label", "there");
        String uri = token.uri("alone").replace("?", ";id=070707?");
        assertThatThrownBy(() -> imported(uri, folder.resolve("crt.pem")))
                .hasMessageContaining("has a certificate already");
        assertThat(objects("alone")).isZero();
        assertThat(objects("there")).isEqualTo(1);
        assertThat(imported(token.uri("alone"), folder.resolve("crt.pem"))).isZero();
        assertThat(objects("alone")).isEqualTo(3);
    }

    @Test
    void what_cannot_be_put_back_keeps_the_key_that_the_configuration_names() throws Exception {
        assertThatThrownBy(() -> load("kept", done -> {
                    if (done == KeyLoad.Step.CONFIGURATION_REPLACED) {
                        try (Stream<Path> all = Files.list(folder)) {
                            for (Path file : all.filter(it -> it.toString().contains("before-hsm"))
                                    .toList()) {
                                Files.delete(file);
                            }
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                        throw new IllegalStateException("broken off");
                    }
                }))
                .hasMessage("broken off")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        assertThat(caJson).content().contains("object=kept");
        assertThat(objects("kept")).isEqualTo(3);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("mv " + caJson + ".before-hsm.", " " + caJson)
                .doesNotContain("is as it was");
    }

    @Test
    void a_uri_that_the_old_configuration_completes_is_written_whole() throws Exception {
        JsonObject ca = new JsonObject(Files.readString(caJson));
        String common = Pkcs11Uri.parse(token.uri("x")).ofToken().forConfiguration();
        Files.writeString(
                caJson,
                ca.put("kms", new JsonObject().put("type", "pkcs11").put("uri", common))
                        .encode());
        assertThat(typed("--kms", "pkcs11:object=partial"))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        JsonObject after = new JsonObject(Files.readString(caJson));
        assertThat(after.getString("key")).endsWith(";object=partial");
        assertThat(after.getJsonObject("kms").getString("uri")).isEqualTo(common);
    }

    @Test
    void the_pin_that_is_tried_is_the_one_that_the_ca_will_read() throws Exception {
        Map<String, String> before = content();
        String right = "file:" + token.pinFile();
        String bare = Pkcs11Uri.parse(token.uri("pin")).withoutPin().forConfiguration();
        assertThatThrownBy(() -> typed("--kms", bare + "?pin-source=" + folder.resolve("none"), "--pin", right))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("leave out --pin");
        assertThatThrownBy(() -> typed("--kms", bare + "?pin-source=pin"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("the whole path");
        assertThatThrownBy(() -> typed("--kms", bare))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("add pin-source=FILE");
        assertThatThrownBy(() -> typed("--kms", bare + "?pin-value=" + token.pin()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("leave pin-value out")
                .hasMessageContaining("use pin-source=FILE")
                .hasMessageNotContaining(token.pin());
        assertThat(content()).isEqualTo(before);
        assertThat(objects("pin")).isZero();
    }

    @Test
    void a_key_that_the_CA_takes_from_the_issuers_entry_in_chancery_json_is_not_loaded_past_it() throws Exception {
        JsonObject entry =
                new JsonObject().put("name", "issuing").put("crt", "crt.pem").put("key", "key.pem");
        Files.writeString(
                folder.resolve("chancery.json"),
                new JsonObject()
                        .put("issuers", new io.vertx.core.json.JsonArray().add(entry))
                        .encode());
        Map<String, String> before = content();
        assertThatThrownBy(() -> typed("--kms", token.uri("past")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("chancery.json#/issuers/0/key");
        assertThat(content()).isEqualTo(before);
        assertThat(objects("past")).isZero();

        Files.writeString(
                folder.resolve("chancery.json"),
                new JsonObject()
                        .put(
                                "issuers",
                                new io.vertx.core.json.JsonArray().add(entry.put("key", token.uri("elsewhere"))))
                        .encode());
        KeyPlace place = new KeyPlace();
        CommandLine.ParseResult unused = new CommandLine(place).parseArgs("--config", caJson.toString());
        assertThat(place.uri(surroundings).object())
                .as("what other verbs look at")
                .contains("elsewhere");
    }
}
