package io.chancery.core.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.json.Json;
import io.chancery.core.template.TemplateSources;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WebhookReaderTest {
    private static List<Webhook> read(String json) {
        return new WebhookReader(Map.of(), TemplateSources.NONE).read(Json.parse(json));
    }

    private static String hook(String name, String kind, String more) {
        return "{\"id\":\"i\",\"name\":\"" + name + "\",\"url\":\"https://h.example:8443/{{ .Token.sub }}\",\"kind\":\""
                + kind + "\"" + more + "}";
    }

    @Test
    void those_for_certificates_are_kept_in_the_order_of_the_file() {
        List<Webhook> read = read("[" + hook("b", "AUTHORIZING", "") + ","
                + hook("a", "enriching", ",\"certType\":\"ALL\"")
                + "," + hook("ssh", "ENRICHING", ",\"certType\":\"SSH\"") + "," + hook("n", "NOTIFYING", "") + ","
                + hook("s", "SCEPCHALLENGE", "") + "," + hook("x", "ENRICHING", ",\"certType\":\"X509\"") + "]");
        assertThat(read).extracting(Webhook::name).containsExactly("b", "a", "x");
        assertThat(read)
                .extracting(Webhook::kind)
                .containsExactly(Webhook.Kind.AUTHORIZING, Webhook.Kind.ENRICHING, Webhook.Kind.ENRICHING);
        assertThat(read.get(0).origin()).isEqualTo("https://h.example:8443");
    }

    @Test
    void the_server_s_certificate_is_shown_unless_it_is_said_otherwise() {
        assertThat(read("[" + hook("a", "ENRICHING", "") + ","
                        + hook("b", "ENRICHING", ",\"disableTLSClientAuth\":true") + "]"))
                .extracting(Webhook::clientCertificate)
                .containsExactly(true, false);
    }

    @Test
    void no_list_is_no_webhook() {
        assertThat(read("null")).isEmpty();
        assertThat(read("[]")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|options/webhooks:",
                "[7]|options/webhooks/0:",
                "[{\"kind\":\"ENRICHING\",\"url\":\"https://h/\"}]|options/webhooks/0/name:",
                "[{\"name\":\"a\",\"kind\":\"ENRICHING\"}]|options/webhooks/0/url:",
                "[{\"name\":\"a\",\"kind\":\"ENRICHING\",\"url\":\"http://h/\"}]|options/webhooks/0/url:",
                "[{\"name\":\"a\",\"kind\":\"ENRICHING\",\"url\":\"https://u:p@h/\"}]|options/webhooks/0/url:",
                "[{\"name\":\"a\",\"kind\":\"ENRICHING\",\"url\":\"https:///x\"}]|options/webhooks/0/url:",
                "[{\"name\":\"a\",\"kind\":\"ENRICHING\",\"url\":\"https://:443/x\"}]|options/webhooks/0/url:",
                "[{\"name\":\"a\",\"kind\":\"ENRICHING\",\"url\":\"https://h:65536/x\"}]|options/webhooks/0/url:",
                "[{\"name\":\"a\",\"kind\":\"ENRICHING\",\"url\":\"https://h:9999999999/x\"}]|options/webhooks/0/url:",
                "[{\"name\":\"a\",\"kind\":\"ENRICHING\",\"url\":\"https://h:0/x\"}]|options/webhooks/0/url:",
                "[{\"name\":\"a\",\"kind\":\"ENRICHING\",\"url\":\"https://{{ .Token.sub }}/\"}]|options/webhooks/0/url:",
                "[{\"name\":\"a\",\"kind\":\"ENRICHING\",\"url\":\"https://h/{{ .Foo\"}]|options/webhooks/0/url, line 1",
                "[{\"name\":\"a\",\"kind\":\"OTHER\",\"url\":\"https://h/\"}]|options/webhooks/0/kind:",
                "[{\"name\":\"a\",\"url\":\"https://h/\"}]|options/webhooks/0/kind:",
                "[{\"name\":\"a\",\"kind\":\"ENRICHING\",\"url\":\"https://h/\",\"certType\":\"x509\"}]|options/webhooks/0/certType:",
                "[{\"name\":\"a\",\"kind\":\"ENRICHING\",\"url\":\"https://h/\",\"disableTLSClientAuth\":1}]|options/webhooks/0/disableTLSClientAuth:"
            })
    void what_cannot_be_used_is_named(String json, String place) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(place);
    }

    @ParameterizedTest
    @ValueSource(strings = {"secret", "bearerToken", "basicAuth", "Password", "x"})
    void a_secret_may_not_stand_here_whether_the_webhook_is_asked_or_not(String member) {
        for (String certificates : List.of("X509", "SSH")) {
            String more = ",\"certType\":\"" + certificates + "\",\"" + member + "\":\"s3cret\"";
            assertThatThrownBy(() -> read("[" + hook("a", "ENRICHING", "") + "," + hook("b", "ENRICHING", more) + "]"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(
                            "options/webhooks/1/" + member + ": a member that is not known; allowed: id, ")
                    .message()
                    .doesNotContain("s3cret");
        }
        assertThat(
                        read(
                                "[{\"NAME\":\"a\",\"Kind\":\"ENRICHING\",\"URL\":\"https://h/\",\"DisableTLSClientAuth\":true}]"))
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\r\\nX: y", "\\u0000", "\\u007f"})
    void an_id_that_cannot_stand_in_a_header_is_refused(String id) {
        assertThatThrownBy(() ->
                        read("[{\"id\":\"a" + id + "\",\"name\":\"a\",\"kind\":\"ENRICHING\",\"url\":\"https://h/\"}]"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("options/webhooks/0/id: ");
    }

    @Test
    void two_of_one_name_are_refused() {
        assertThatThrownBy(() -> read("[" + hook("a", "ENRICHING", "") + "," + hook("a", "AUTHORIZING", "") + "]"))
                .hasMessageStartingWith("options/webhooks/1/name:");
    }

    @ParameterizedTest
    @CsvSource({
        "https://h,h,443",
        "https://h:65535,h,65535",
        "https://[::1]:8443,::1,8443",
        "https://[::1],::1,443",
        "https://10.0.0.1:1,10.0.0.1,1"
    })
    void host_and_port_are_those_of_the_url(String origin, String host, int port) {
        Webhook webhook = read("[{\"name\":\"a\",\"kind\":\"ENRICHING\",\"url\":\"" + origin + "/x\"}]")
                .get(0);
        assertThat(webhook.host()).isEqualTo(host);
        assertThat(webhook.port()).isEqualTo(port);
    }
}
