package io.chancery.cluster.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.certificate.KeyId;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The bytes on the bus. Those of version 1 never change: nodes of neighbouring versions must talk. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SignerWireTest {
    private static final Sha256 ISSUER = Sha256.digest("issuer".getBytes(StandardCharsets.UTF_8));
    private static final Sha256 RULES = Sha256.digest("rules".getBytes(StandardCharsets.UTF_8));
    private static final KeyId KEY = new KeyId("00112233445566778899aabbccddeeff");
    private static final NodeId NODE = new NodeId("n1");

    static Stream<Arguments> messages() {
        return Stream.of(
                Arguments.of(
                        "sign-certificate",
                        new SignCertificate(
                                new SerialNumber(new BigInteger("d44190f7b518fd5ebe1b6c65554967ac", 16)),
                                KEY,
                                9_876,
                                Der.of(new byte[] {0x30, 0x03, 0x02, 0x01, 0x05}),
                                ISSUER,
                                RULES,
                                NODE)),
                Arguments.of(
                        "sign-crl",
                        new SignCrl(
                                new BigInteger("1795669698646"),
                                KEY,
                                9_876,
                                Der.of(new byte[] {0x30, 0x03, 0x02, 0x01, 0x05}),
                                ISSUER,
                                NODE)),
                Arguments.of("signer-probe", new SignerProbe(KEY, 10_000, NODE)));
    }

    static Stream<Arguments> replies() {
        return Stream.concat(
                Arrays.stream(SignReply.Reason.values())
                        .map(reason -> Arguments.of(
                                "declined-"
                                        + reason.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                                new SignReply.Declined(reason, "12 ms left"))),
                Stream.of(
                        Arguments.of("signed", new SignReply.Signed(Der.of(new byte[] {0x30, 0x00}), RULES)),
                        Arguments.of("refused", new SignReply.Refused("ca-flag", "a CA certificate")),
                        Arguments.of("state", new SignReply.State(true, ISSUER, RULES, "well")),
                        Arguments.of("state-ill", new SignReply.State(false, ISSUER, RULES, "ill"))));
    }

    static String golden(String name) throws IOException {
        try (InputStream file = SignerWireTest.class.getResourceAsStream("/wire/v1/" + name + ".hex")) {
            if (file == null) {
                return "no golden bytes";
            }
            return new String(file.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", "");
        }
    }

    private static String hex(Buffer buffer) {
        return HexFormat.of().formatHex(buffer.getBytes());
    }

    @ParameterizedTest
    @MethodSource("messages")
    void a_message_has_its_golden_bytes_and_is_read_back(String name, SignerMessage message) throws Exception {
        Buffer bytes = Buffer.buffer();
        SignerWire.write(bytes, message);
        assertThat(hex(bytes)).isEqualTo(golden(name));
        assertThat(SignerWire.readMessage(bytes, 0, bytes.length())).isEqualTo(message);
    }

    @ParameterizedTest
    @MethodSource("replies")
    void a_reply_has_its_golden_bytes_and_is_read_back(String name, SignReply reply) throws Exception {
        Buffer bytes = Buffer.buffer();
        SignerWire.write(bytes, reply);
        assertThat(hex(bytes)).isEqualTo(golden(name));
        assertThat(SignerWire.readReply(bytes, 0, bytes.length())).isEqualTo(reply);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void a_message_that_is_cut_off_followed_or_of_another_version_is_refused(String name, SignerMessage message) {
        Buffer bytes = Buffer.buffer();
        SignerWire.write(bytes, message);
        for (int length = 0; length < bytes.length(); length++) {
            Buffer cut = bytes.getBuffer(0, length);
            assertThatThrownBy(() -> SignerWire.readMessage(cut, 0, cut.length()))
                    .as("%s cut to %d octets", name, length)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        Buffer longer = bytes.copy().appendByte((byte) 0);
        assertThatThrownBy(() -> SignerWire.readMessage(longer, 0, longer.length()))
                .isInstanceOf(IllegalArgumentException.class);
        Buffer other = bytes.copy().setByte(0, (byte) 2);
        assertThatThrownBy(() -> SignerWire.readMessage(other, 0, other.length()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("version 2");
    }

    @Test
    void bytes_of_any_kind_are_read_or_refused_and_nothing_else() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Buffer good = Buffer.buffer();
        SignerWire.write(
                good, (SignerMessage) messages().findFirst().orElseThrow().get()[1]);
        for (int i = 0; i < 20_000; i++) {
            Buffer bytes = good.copy();
            for (int change = random.nextInt(4); change >= 0; change--) {
                bytes.setByte(random.nextInt(bytes.length()), (byte) random.nextInt());
            }
            try {
                assertThat(SignerWire.readMessage(bytes, 0, bytes.length())).isNotNull();
            } catch (IllegalArgumentException refused) {
                assertThat(refused).as("seed %d", seed).isNotNull();
            }
        }
    }

    @Test
    void a_long_detail_is_shortened_so_that_it_can_be_read() {
        Buffer bytes = Buffer.buffer();
        SignerWire.write(bytes, new SignReply.Refused("rule", "é".repeat(10_000)));
        assertThat(SignerWire.readReply(bytes, 0, bytes.length())).isInstanceOf(SignReply.Refused.class);
    }
}
