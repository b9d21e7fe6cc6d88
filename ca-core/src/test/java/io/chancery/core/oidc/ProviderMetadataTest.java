package io.chancery.core.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ProviderMetadataTest {
    private static final OpenIdEndpoint SECURE = OpenIdEndpoint.of("https://idp.example", "");

    @ParameterizedTest
    @CsvSource({
        "https://idp.example, https://idp.example/.well-known/openid-configuration",
        "https://idp.example/, https://idp.example/.well-known/openid-configuration",
        "http://idp.example:8080/realms/x, http://idp.example:8080/realms/x/.well-known/openid-configuration",
        "https://idp.example/realms/x//, https://idp.example/realms/x/.well-known/openid-configuration",
        "https://idp.example/.well-known/openid-configuration, https://idp.example/.well-known/openid-configuration",
        "https://idp.example/a?p=1#f, https://idp.example/a/.well-known/openid-configuration?p=1",
        "https://idp.example:065535, https://idp.example:065535/.well-known/openid-configuration",
        "HTTPS://[::1]/a, https://[::1]/a/.well-known/openid-configuration"
    })
    void the_discovery_document_is_under_the_well_known_path(String endpoint, String url) {
        assertThat(OpenIdEndpoint.of(endpoint, "").url()).isEqualTo(url);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "idp.example",
                "ftp://idp.example",
                "https://",
                "file:///etc/passwd",
                "https://u:p@idp.example",
                "https://idp.example:65536/",
                "https://idp.example:99999999999/",
                "http://[::1]:0"
            })
    void an_endpoint_that_is_no_web_address_is_refused(String endpoint) {
        assertThatThrownBy(() -> OpenIdEndpoint.of(endpoint, "")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void issuer_and_place_of_the_keys_are_read() {
        assertThat(ProviderMetadata.parse(
                        "{\"issuer\":\"https://idp.example\",\"jwks_uri\":\"https://keys.example/k\",\"x\":1}", SECURE))
                .isEqualTo(new ProviderMetadata("https://idp.example", "https://keys.example/k"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{}",
                "{\"issuer\":\"https://idp.example\"}",
                "{\"issuer\":\"\",\"jwks_uri\":\"https://keys.example\"}",
                "{\"issuer\":5,\"jwks_uri\":\"https://keys.example\"}",
                "{\"issuer\":\"https://idp.example\",\"jwks_uri\":\"file:///etc/passwd\"}",
                "{\"issuer\":\"https://idp.example\",\"jwks_uri\":\"http://keys.example\"}"
            })
    void a_document_that_lacks_them_or_sends_to_an_unsafe_place_is_refused(String json) {
        assertThatThrownBy(() -> ProviderMetadata.parse(json, SECURE)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keys_may_be_as_unsafe_as_the_document_itself() {
        assertThat(ProviderMetadata.parse(
                                "{\"issuer\":\"i\",\"jwks_uri\":\"http://keys.example\"}",
                                OpenIdEndpoint.of("http://idp.example", ""))
                        .jwksUri())
                .isEqualTo("http://keys.example");
    }
}
