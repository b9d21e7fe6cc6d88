package io.chancery.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who is believed when a connection says on whose behalf it comes. */
@ExtendWith(VertxExtension.class)
@Timeout(60)
@DisplayNameGeneration(ReplaceUnderscores.class)
class ProxyPortTest {
    private static final String CLIENT = "203.0.113.9";
    private static final String REQUEST = "GET /ok HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    /** Version 2: its signature, then command, family, and the length of what follows. */
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

    private static final String LOCAL = octets(SIGNATURE + "20" + "00" + "0000");

    private static String header(String client) throws Exception {
        String address = HexFormat.of().formatHex(InetAddress.getByName(client).getAddress());
        return octets(SIGNATURE + "21" + "11" + "000c" + address + "7f000001" + "c350" + "01bb");
    }

    private static String octets(String hex) {
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
    }

    @Test
    void a_named_proxy_says_who_the_client_is(Vertx vertx) throws Exception {
        RunningApi running = RunningApi.forProxiesOn(vertx, "10.0.0.1", "127.0.0.0/8");
        assertThat(running.answerTo(header(CLIENT) + REQUEST)).startsWith("HTTP/1.1 200 ");
        assertThat(running.nextAnswered().client().address()).isEqualTo(CLIENT);
    }

    @Test
    void one_that_speaks_version_1_does_too(Vertx vertx) throws Exception {
        RunningApi running = RunningApi.forProxiesOn(vertx, "127.0.0.1");
        assertThat(running.answerTo("PROXY TCP6 fd00::9 fd00::1 50000 443\r\n" + REQUEST))
                .startsWith("HTTP/1.1 200 ");
        assertThat(running.nextAnswered().client().address()).isEqualTo("fd00:0:0:0:0:0:0:9");
    }

    @Test
    void one_that_comes_for_itself_is_the_client(Vertx vertx) throws Exception {
        RunningApi running = RunningApi.forProxiesOn(vertx, "127.0.0.1");
        assertThat(running.answerTo(LOCAL + REQUEST)).startsWith("HTTP/1.1 200 ");
        assertThat(running.nextAnswered().client().address()).isEqualTo("127.0.0.1");
    }

    @Test
    void without_a_header_it_is_hung_up_on(Vertx vertx) throws Exception {
        RunningApi running = RunningApi.forProxiesOn(vertx, "127.0.0.1");
        assertThat(running.answerTo(REQUEST)).isIn("", "(reset)");
        assertThat(running.answered).isEmpty();
    }

    @Test
    void from_elsewhere_no_header_is_believed_and_no_request_answered(Vertx vertx) throws Exception {
        RunningApi running = RunningApi.forProxiesOn(vertx, "10.0.0.1", "fd00::/8");
        assertThat(running.answerTo(header("10.0.0.1") + REQUEST)).isIn("", "(reset)");
        assertThat(running.answered).isEmpty();
    }

    @Test
    void the_port_that_everybody_uses_takes_no_header(Vertx vertx) throws Exception {
        RunningApi running = RunningApi.patientOn(vertx);
        assertThat(running.answerTo(header(CLIENT) + REQUEST)).doesNotContain(" 200 ");
        assertThat(running.answerTo("PROXY TCP4 203.0.113.9 127.0.0.1 50000 443\r\n" + REQUEST))
                .doesNotContain(" 200 ");
    }

    @Test
    void headers_of_a_request_name_no_client(Vertx vertx) throws Exception {
        RunningApi running = RunningApi.patientOn(vertx);
        String forwarded = REQUEST.replace(
                "\r\n\r\n", "\r\nX-Forwarded-For: " + CLIENT + "\r\nForwarded: for=" + CLIENT + "\r\n\r\n");
        assertThat(running.answerTo(forwarded)).startsWith("HTTP/1.1 200 ");
        assertThat(running.nextAnswered().client().address()).isEqualTo("127.0.0.1");
    }
}
