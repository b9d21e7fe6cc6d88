package io.chancery.cluster.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageCodec;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Vert.x sends with a message: the name of its codec, and the message behind its length. Neither ever changes. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SignerCodecsTest {
    private static final Map<Class<?>, MessageCodec<Object, Object>> REGISTERED = registered();

    @SuppressWarnings("unchecked")
    private static Map<Class<?>, MessageCodec<Object, Object>> registered() {
        Map<Class<?>, MessageCodec<Object, Object>> all = new HashMap<>();
        EventBus bus = (EventBus) Proxy.newProxyInstance(
                EventBus.class.getClassLoader(), new Class<?>[] {EventBus.class}, (proxy, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("registerDefaultCodec");
                    all.put((Class<?>) arguments[0], (MessageCodec<Object, Object>) arguments[1]);
                    return proxy;
                });
        SignerCodecs.register(bus);
        return all;
    }

    @Test
    void the_codec_of_each_message_has_the_name_that_other_nodes_know_it_by() {
        Map<Class<?>, String> names = new HashMap<>();
        REGISTERED.forEach((type, codec) -> names.put(type, codec.name()));
        assertThat(names)
                .isEqualTo(Map.of(
                        SignCertificate.class, "chancery.sign-certificate",
                        SignCrl.class, "chancery.sign-crl",
                        SignerProbe.class, "chancery.signer-probe",
                        SignReply.Signed.class, "chancery.signed",
                        SignReply.Declined.class, "chancery.declined",
                        SignReply.Refused.class, "chancery.refused",
                        SignReply.State.class, "chancery.state"));
        assertThat(REGISTERED.values())
                .as("sent with their names")
                .extracting(MessageCodec::systemCodecID)
                .containsOnly((byte) -1);
    }

    @ParameterizedTest
    @MethodSource({"io.chancery.cluster.bus.SignerWireTest#messages", "io.chancery.cluster.bus.SignerWireTest#replies"})
    void a_message_stands_behind_its_length_of_four_octets_and_is_read_wherever_it_stands(String name, Object message)
            throws Exception {
        MessageCodec<Object, Object> codec = REGISTERED.get(message.getClass());
        Buffer bytes = Buffer.buffer("before it");
        int position = bytes.length();
        codec.encodeToWire(bytes, message);
        String golden = SignerWireTest.golden(name);
        assertThat(HexFormat.of().formatHex(bytes.getBytes(position, bytes.length())))
                .isEqualTo("%08x".formatted(golden.length() / 2) + golden);
        assertThat(codec.decodeFromWire(position, bytes.appendString("behind it")))
                .isEqualTo(message);
    }

    @Test
    void a_length_that_is_cut_off_negative_or_beyond_the_end_is_refused() {
        for (String hex : new String[] {"", "000000", "00000000", "ffffffff", "80000000", "7fffffff", "0000000301"}) {
            Buffer bytes = Buffer.buffer(HexFormat.of().parseHex(hex));
            REGISTERED
                    .values()
                    .forEach(codec -> assertThatThrownBy(() -> codec.decodeFromWire(0, bytes))
                            .as("%s by %s", hex, codec.name())
                            .isInstanceOf(IllegalArgumentException.class));
        }
    }
}
