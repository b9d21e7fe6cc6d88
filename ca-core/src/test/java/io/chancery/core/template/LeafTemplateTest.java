package io.chancery.core.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LeafTemplateTest {
    private static boolean seemsToMakeCas(String template) {
        return LeafTemplate.of(Map.of("template", template), TemplateSources.NONE)
                .orElseThrow()
                .seemsToMakeCas();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"subject\":{{ toJson .Subject }},\"basicConstraints\":{\"isCA\": true,\"maxPathLen\":0}}",
                "{\"basicConstraints\":{\"maxPathLen\":0,\n \"isca\"\n:\ttrue }}",
                "{\"keyUsage\": [\"certSign\", \"crlSign\"]}",
                "{\"keyUsage\":[\"digitalSignature\"{{ if .Token }},\n\"crlSign\"{{ end }}]}",
                "{\"keyUsage\": \"cert_sign\"}"
            })
    void one_with_the_flag_or_a_key_usage_of_a_CA_is_recognised(String template) {
        assertThat(seemsToMakeCas(template)).isTrue();
        assertThat(seemsToMakeCas(Base64.getEncoder().encodeToString(template.getBytes(StandardCharsets.UTF_8))))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"basicConstraints\":{\"isCA\": false,\"maxPathLen\":0},\"keyUsage\":[\"digitalSignature\"]}",
                "{\"subject\":{{ toJson .Subject }},\"keyUsage\":[\"keyEncipherment\"],"
                        + "\"extKeyUsage\":[\"serverAuth\"],\"dnsNames\":[\"certSign\"]}",
                "{\"subject\":\"isCA: true\",\"basicConstraints\":{\"isCA\":{{ toJson .Insecure.User.ca }}}}"
            })
    void one_for_usual_certificates_is_not_taken_for_one_that_makes_CAs(String template) {
        assertThat(seemsToMakeCas(template)).isFalse();
    }

    @Test
    void what_the_request_asks_for_makes_no_CA() {
        assertThat(LeafTemplate.OF_REQUEST.seemsToMakeCas()).isFalse();
    }
}
