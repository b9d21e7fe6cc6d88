package io.chancery.node.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rows are what Go's {@code http.ProxyFromEnvironment} answers. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class OutboundProxiesTest {
    private static OutboundProxies with(String noProxy) {
        return OutboundProxies.of(Map.of("HTTPS_PROXY", "http://proxy.example:3128", "NO_PROXY", noProxy));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "a.example; a.example; 443",
                "a.example; b.a.example; 443",
                "A.Example; a.eXample; 443",
                ".a.example; b.a.example; 443",
                "*.a.example; b.a.example; 443",
                "a.example:8443; a.example; 8443",
                "x, a.example ,y; a.example; 443",
                "10.0.0.7; 10.0.0.7; 443",
                "10.0.0.7:8443; 10.0.0.7; 8443",
                "10.1.2.3/8; 10.9.9.9; 443",
                "fd00::/8; fd00::7; 443",
                "[fd00::7]:443; fd00::7; 443",
                "fd00::7; fd00:0::7; 443",
                "x,*; anything.example; 443",
                "x; localhost; 443",
                "x; 127.0.0.1; 443",
                "x; 127.9.9.9; 443",
                "x; ::1; 443",
                "x; ::ffff:127.0.0.1; 443"
            })
    void called_directly_is(String noProxy, String host, int port) {
        assertThat(with(noProxy).to(true, host, port)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "''; a.example; 443",
                "a.example; ba.example; 443",
                "a.example; example; 443",
                ".a.example; a.example; 443",
                "*.a.example; a.example; 443",
                "a.example:8443; a.example; 443",
                "10.0.0.7:8443; 10.0.0.7; 443",
                "10.1.2.3/8; 11.0.0.1; 443",
                "0.7; 10.0.0.7; 443",
                ":443; a.example; 443",
                "a.example/8; a.example; 443",
                "*a; a; 443",
                "x; localhost.example; 443",
                "x; 128.0.0.1; 443"
            })
    void called_through_the_proxy_is(String noProxy, String host, int port) {
        assertThat(with(noProxy).to(true, host, port)).hasValueSatisfying(proxy -> {
            assertThat(proxy.getHost()).isEqualTo("proxy.example");
            assertThat(proxy.getPort()).isEqualTo(3128);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "http://proxy.example:3128, HTTP, proxy.example, 3128",
        "http://proxy.example/, HTTP, proxy.example, 80",
        "HTTP://[fd00::7]:3128, HTTP, fd00::7, 3128",
        "proxy.example:3128, HTTP, proxy.example, 3128",
        "10.0.0.7, HTTP, 10.0.0.7, 80",
        "socks5://proxy.example, SOCKS5, proxy.example, 1080",
        "socks5h://proxy.example:9, SOCKS5, proxy.example, 9"
    })
    void a_proxy_is_a_url_or_its_place_alone(String value, ProxyType type, String host, int port) {
        OutboundProxies proxies = OutboundProxies.of(Map.of("HTTP_PROXY", value));
        ProxyOptions proxy = proxies.to(false, "a.example", 80).orElseThrow();
        assertThat(proxy.getType()).isEqualTo(type);
        assertThat(proxy.getHost()).isEqualTo(host);
        assertThat(proxy.getPort()).isEqualTo(port);
        assertThat(proxies.to(true, "a.example", 443)).as("by HTTPS").isEmpty();
        assertThat(proxies.unusable()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://proxy.example:3128",
                "ftp://proxy.example",
                "http://",
                "http://%zz",
                "p:99999",
                "p:123456"
            })
    void what_is_no_proxy_that_can_be_used_is_named_by_its_variable_alone(String value) {
        OutboundProxies proxies = OutboundProxies.of(Map.of("HTTPS_PROXY", value));
        assertThat(proxies.unusable()).containsExactly("HTTPS_PROXY");
        assertThat(proxies.to(true, "a.example", 443)).isEmpty();
    }

    @Test
    void names_in_upper_case_come_first_and_empty_values_are_none() {
        OutboundProxies proxies = OutboundProxies.of(Map.of(
                "https_proxy", "http://lower:1", "HTTPS_PROXY", "http://upper:2", "http_proxy", "", "HTTP_PROXY", ""));
        assertThat(proxies.places()).isEqualTo(Map.of("HTTPS_PROXY", "upper:2"));
        assertThat(proxies.unusable()).isEmpty();
    }

    @Test
    void a_user_is_shown_to_the_proxy_and_to_nobody_else() {
        OutboundProxies proxies =
                OutboundProxies.of(Map.of("HTTPS_PROXY", "http://u%3Aser:p%40s+s@proxy.example:3128"));
        ProxyOptions proxy = proxies.to(true, "a.example", 443).orElseThrow();
        assertThat(proxy.getUsername()).isEqualTo("u:ser");
        assertThat(proxy.getPassword()).isEqualTo("p@s+s");
        assertThat(proxies.places().toString() + proxies + proxies.unusable()).doesNotContain("s+s");
    }
}
