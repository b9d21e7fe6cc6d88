package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.certificate.PresentedCertificate;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.oidc.OpenIdProviders;
import io.chancery.core.provisioner.X5cProvisioner;
import io.chancery.node.step.Authority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class LoadedConfigTest {
    @TempDir
    private Path folder;

    @Test
    void an_issuer_that_is_given_up_is_so_for_renewals_for_tokens_of_certificates_and_for_servers_that_are_called()
            throws Exception {
        IssuerPlace place = new IssuerPlace(folder);
        place.make("first");
        X509Certificate former = place.certificate("former", "Root");
        Der below = Der.of(place.certificate("below", "former").getEncoded());
        Der above = Der.of(former.getEncoded());
        KeyId key = KeyId.of(former.getPublicKey());
        for (boolean given : List.of(false, true)) {
            Authority authority = authority(place, given ? Map.of("abandonedIssuers", List.of(key.value())) : Map.of());
            X5cProvisioner machines =
                    (X5cProvisioner) authority.provisioners().named("machines").orElseThrow();
            List<Der> path = machines.chain().path(PresentedCertificate.parse(below), List.of(above), Instant.now());
            assertThat(path.isEmpty()).isEqualTo(given);
            if (given) {
                assertThatThrownBy(() -> authority.renewal().shown(List.of(below, above)))
                        .isInstanceOf(CaException.class);
            } else {
                assertThat(authority.renewal().shown(List.of(below, above))).isNotNull();
            }
            assertThat(authority.abandoned().has(former)).isEqualTo(given);
        }
    }

    @Test
    void a_reload_does_not_take_a_key_that_the_next_start_could_not_open() throws Exception {
        IssuerPlace place = new IssuerPlace(folder);
        place.make("first");
        place.make("other");
        place.encrypt("other", "secret");
        Map<String, Object> entry = place.entry("other");
        assertThatThrownBy(() -> place.load("first", List.of(entry)))
                .hasMessageContainingAll("#/issuers/0/key: ", "is encrypted, and its entry has no passwordFile");
        Files.writeString(folder.resolve("password"), "secret");
        entry.put("passwordFile", folder.resolve("password").toString());
        assertThat(place.load("first", List.of(entry)).issuers().all()).hasSize(2);
    }

    /** With a provisioner of the root's certificates. */
    private Authority authority(IssuerPlace place, Map<String, Object> chancery) throws Exception {
        Path file = place.configure("first", chancery);
        Map<String, Object> caJson = new HashMap<>(JSONObjectUtils.parse(Files.readString(file)));
        String roots = Base64.getEncoder().encodeToString(Files.readAllBytes(folder.resolve("root.crt")));
        caJson.put(
                "authority",
                Map.of("provisioners", List.of(Map.of("type", "X5C", "name", "machines", "roots", roots))));
        Files.writeString(file, JSONObjectUtils.toJSONString(caJson));
        return LoadedConfig.forReload(file, false, Ca.Role.all, IssuerPlace.SURROUNDINGS, line -> {})
                .forApi(any -> true, OpenIdProviders.NONE)
                .authority();
    }
}
