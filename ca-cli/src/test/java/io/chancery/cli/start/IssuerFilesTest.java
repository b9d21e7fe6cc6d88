package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cli.UsageException;
import io.chancery.core.crypto.SignatureScheme;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class IssuerFilesTest {
    private static final String URL = "http://ca.example/crl";

    @TempDir
    private Path folder;

    private IssuerPlace place;

    @BeforeEach
    void make() throws Exception {
        place = new IssuerPlace(folder);
        place.make("first");
        place.make("next");
    }

    @Test
    void an_entry_of_ca_json_s_issuer_has_a_chain_that_holds_too() throws Exception {
        X509Certificate upper = place.certificate("upper", "Root");
        X509Certificate lower = place.certificate("lower", "upper");
        place.write("lower.crt", lower, upper);
        place.write("other.crt", lower, place.certificate("stranger", "Root"));
        Map<String, Object> entry = place.entry("lower");
        assertThat(place.load("lower", List.of(entry)).issuers().all()).hasSize(1);
        entry.put("crt", "other.crt");
        assertThatThrownBy(() -> place.load("lower", List.of(entry)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("chancery.json#/issuers/0/crt: found CN=lower");
    }

    @Test
    void what_goes_out_behind_certificates_is_the_whole_crt_file_in_its_order_and_no_root_beside_it() throws Exception {
        X509Certificate upper = place.certificate("upper", "Root");
        X509Certificate lower = place.certificate("lower", "upper");
        place.write("lower.crt", lower, upper);
        for (List<KeyedIssuer> issuers : List.of(
                place.load("lower", List.of()).issuers().all(),
                place.load("first", List.of(place.entry("lower"))).issuers().all())) {
            assertThat(issuers.get(0).issuer().chain()).containsExactly(lower, upper);
        }
        X509Certificate root = CertificateFiles.read(folder.resolve("root.crt")).get(0);
        place.write("lower.crt", lower, upper, root);
        assertThat(place.load("lower", List.of()).issuers().standing().issuer().chain())
                .containsExactly(lower, upper, root);
    }

    /** Each certificate here has a path length of 2. */
    @Test
    void an_issuer_has_no_more_room_for_cas_than_those_above_it_leave() throws Exception {
        X509Certificate upper = place.certificate("upper", "Root");
        place.write("lower.crt", place.certificate("lower", "upper"), upper);
        List<KeyedIssuer> all =
                place.load("first", List.of(place.entry("lower"))).issuers().all();
        assertThat(all)
                .extracting(each -> each.issuer().certificate().signing().room().certificates())
                .containsExactly(0, 1);
    }

    @Test
    void each_issuer_knows_the_names_of_all_and_its_room_for_cas_is_by_those_above_it_alone() throws Exception {
        X509Certificate upper = place.certificate("upper", "Root");
        place.write("lower.crt", place.certificate("lower", "upper"), upper);
        X509Certificate narrower = place.certificate("upper", "first");
        place.write("other.crt", place.certificate("other", "upper"), narrower, place.certificate("first", "Root"));
        List<KeyedIssuer> all = place.load("next", List.of(place.entry("lower"), place.entry("other")))
                .issuers()
                .all();
        for (KeyedIssuer each : all) {
            assertThat(List.of("Root", "upper", "first", "lower", "other", "next"))
                    .as(each.issuer().name())
                    .allMatch(name ->
                            each.issuer().certificate().signing().isNameOfAuthority(new X500Name("CN=" + name)));
        }
        assertThat(all)
                .extracting(each -> each.issuer().certificate().signing().room().certificates())
                .containsExactly(0, -1, 1);
    }

    private Map<String, Object> at(String name, String... urls) {
        Map<String, Object> entry = new HashMap<>(place.entry(name));
        entry.put("certificates", Map.of("crlUrls", List.of(urls)));
        return entry;
    }

    private static Map<String, Object> signing(Map<String, Object> entry, String algorithm) {
        Map<String, Object> all = new HashMap<>(entry);
        all.put("certificates", Map.of("signatureAlgorithm", algorithm));
        return all;
    }

    private List<SignatureScheme> schemes(Map<String, Object> chancery) throws Exception {
        return place.load("first", chancery).issuers().all().stream()
                .map(each -> each.issuer().certificate().scheme())
                .toList();
    }

    @Test
    void each_issuer_signs_as_its_settings_say_and_ca_jsons_as_the_common_ones_or_its_own() throws Exception {
        Map<String, Object> common = Map.of("signatureAlgorithm", "ECDSA-SHA512");
        assertThat(schemes(Map.of("issuers", List.of(place.entry("next")))))
                .containsExactly(SignatureScheme.ECDSA_SHA256, SignatureScheme.ECDSA_SHA256);
        assertThat(schemes(Map.of(
                        "issuers", List.of(signing(place.entry("next"), "ECDSA-SHA384")), "certificates", common)))
                .containsExactly(SignatureScheme.ECDSA_SHA384, SignatureScheme.ECDSA_SHA512);
        assertThat(schemes(Map.of("issuers", List.of(place.entry("next")), "certificates", common)))
                .containsExactly(SignatureScheme.ECDSA_SHA256, SignatureScheme.ECDSA_SHA512);
        assertThat(schemes(Map.of(
                        "issuers", List.of(signing(place.entry("first"), "ECDSA-SHA384")), "certificates", common)))
                .containsExactly(SignatureScheme.ECDSA_SHA384);
        assertThat(schemes(Map.of("issuers", List.of(place.entry("first")), "certificates", common)))
                .containsExactly(SignatureScheme.ECDSA_SHA512);
    }

    @Test
    void an_algorithm_that_does_not_fit_the_key_stops_the_start_with_its_place_and_what_would_fit() {
        assertThatThrownBy(() -> schemes(Map.of("certificates", Map.of("signatureAlgorithm", "SHA256-RSAPSS"))))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("chancery.json#/certificates/signatureAlgorithm: found SHA256-RSAPSS,"
                        + " which does not fit the key of CN=first")
                .hasMessageContaining("allowed: ECDSA-SHA256, ECDSA-SHA384, ECDSA-SHA512");
        assertThatThrownBy(() -> schemes(Map.of(
                        "issuers", List.of(place.entry("first"), signing(place.entry("next"), "SHA384-RSAPSS")))))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("chancery.json#/issuers/1/certificates/signatureAlgorithm: found SHA384-RSAPSS");
    }

    @Test
    void ca_json_names_another_issuer_only_if_the_one_before_keeps_the_place_of_its_list() throws Exception {
        IssuerFiles.Found before = place.load(
                        "first",
                        Map.of("issuers", List.of(at("next")), "certificates", Map.of("crlUrls", List.of(URL))))
                .issuers();
        IssuerFiles.Found lost =
                place.load("next", List.of(at("next"), at("first"))).issuers();
        assertThatThrownBy(() -> IssuerFiles.checkListsStay(before, lost))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("\"certificates\": {\"crlUrls\": [\"" + URL + "\"]}");
        IssuerFiles.Found kept =
                place.load("next", List.of(at("next"), at("first", URL))).issuers();
        IssuerFiles.Found gone = place.load("next", List.of(at("next"))).issuers();
        IssuerFiles.Found same =
                place.load("first", List.of(at("next"), at("first"))).issuers();
        for (IssuerFiles.Found good : List.of(kept, gone, same)) {
            assertThatCode(() -> IssuerFiles.checkListsStay(before, good)).doesNotThrowAnyException();
        }
        assertThatCode(() -> IssuerFiles.checkListsStay(lost, same)).doesNotThrowAnyException();
    }

    @Test
    void every_issuer_knows_the_longest_certificate_that_its_key_may_sign() throws Exception {
        Map<String, Object> chancery =
                Map.of("issuers", List.of(place.entry("next")), "keyRules", Map.of("maxValidity", "24h"));
        assertThat(place.load("first", chancery).issuers().all())
                .extracting(each -> each.issuer().certificate().bounds().longest())
                .containsExactly(Optional.of(Duration.ofHours(24)), Optional.of(Duration.ofHours(24)));
    }

    @Test
    void another_certificate_of_the_same_key_needs_a_restart() throws Exception {
        LoadedConfig before = place.load("first", List.of(place.entry("next")));
        place.make("next");
        assertThat(RestartNeeded.between(before, place.load("first", List.of(place.entry("next")))))
                .singleElement()
                .asString()
                .startsWith("chancery.json#/issuers (the certificate of next");
        place.make("first");
        place.make("third");
        LoadedConfig now = place.load("first", List.of(place.entry("third")));
        assertThat(RestartNeeded.between(before, now)).containsExactly("ca.json#/crt");
    }

    @Test
    void another_signature_algorithm_of_an_issuer_that_was_there_needs_a_restart() throws Exception {
        Map<String, Object> common = Map.of("signatureAlgorithm", "ECDSA-SHA512");
        List<Map<String, Object>> listed = List.of(place.entry("next"));
        LoadedConfig before = place.load("first", listed);
        assertThat(RestartNeeded.between(
                        before, place.load("first", Map.of("issuers", listed, "certificates", common))))
                .containsExactly("chancery.json#/certificates/signatureAlgorithm");
        assertThat(RestartNeeded.between(
                        before, place.load("first", List.of(signing(place.entry("next"), "ECDSA-SHA384")))))
                .containsExactly(
                        "chancery.json#/issuers (the signatureAlgorithm of next: it signs with ECDSA-SHA256, and"
                                + " goes on so with \"certificates\": {\"signatureAlgorithm\": \"ECDSA-SHA256\"} in its entry)");
        assertThat(RestartNeeded.between(
                        before, place.load("first", List.of(signing(place.entry("next"), "ECDSA-SHA256")))))
                .isEmpty();
        place.make("third");
        assertThat(RestartNeeded.between(
                        before, place.load("first", List.of(signing(place.entry("third"), "ECDSA-SHA384")))))
                .isEmpty();
    }

    @Test
    void each_issuer_keeps_its_signature_algorithm_by_its_entry_when_ca_json_comes_to_name_another() throws Exception {
        Map<String, Object> common = Map.of("signatureAlgorithm", "ECDSA-SHA512");
        Map<String, Object> plain = place.entry("next");
        plain.put("certificates", Map.of());
        LoadedConfig before = place.load("first", Map.of("issuers", List.of(plain), "certificates", common));
        Map<String, Object> silent = place.entry("first");
        silent.put("certificates", Map.of());
        assertThat(RestartNeeded.between(
                        before, place.load("next", Map.of("issuers", List.of(silent, plain), "certificates", common))))
                .as("the common one is for whichever issuer ca.json names")
                .hasSize(2)
                .anyMatch(each -> each.contains("of first: it signs with ECDSA-SHA512"))
                .anyMatch(each -> each.contains("of next: it signs with ECDSA-SHA256"));
        List<Map<String, Object>> named =
                List.of(signing(place.entry("first"), "ECDSA-SHA512"), signing(place.entry("next"), "ECDSA-SHA256"));
        assertThat(RestartNeeded.between(before, place.load("next", Map.of("issuers", named, "certificates", common))))
                .isEmpty();
    }
}
