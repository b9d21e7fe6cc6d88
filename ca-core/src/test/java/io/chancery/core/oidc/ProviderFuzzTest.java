package io.chancery.core.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.chancery.core.TestKeys;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;

/** Whatever a provider, or somebody in its place, answers. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ProviderFuzzTest {
    private static final OpenIdEndpoint SECURE = OpenIdEndpoint.of("https://idp.example", "");

    @FuzzTest(maxDuration = "10m")
    void any_discovery_document_names_keys_at_https_or_is_refused_in_words(byte[] data) {
        try {
            ProviderMetadata metadata = ProviderMetadata.parse(new String(data, StandardCharsets.UTF_8), SECURE);
            assertThat(metadata.jwksUri()).startsWith("https://");
            assertThat(metadata.issuer()).isNotEmpty();
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @FuzzTest(maxDuration = "10m")
    void any_key_set_has_keys_or_is_refused_in_words(byte[] data) {
        try {
            assertThat(KeySet.parse(new String(data, StandardCharsets.UTF_8), TestKeys.KEYS)
                            .size())
                    .isBetween(1, KeySet.MOST);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}
