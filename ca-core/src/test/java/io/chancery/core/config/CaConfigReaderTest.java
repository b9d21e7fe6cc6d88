package io.chancery.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.chancery.core.template.SubjectDefaults;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CaConfigReaderTest {
    private static final Path BASE = Path.of("/work");
    private static final Path BESIDE = Path.of("/etc/ca");
    private static final String MINIMUM =
            "\"root\":\"root.crt\",\"crt\":\"i.crt\",\"key\":\"i.key\",\"address\":\":9000\"";

    private static ConfigResult<CaConfig> read(String json) {
        return CaConfigReader.read("ca.json", json, BASE, BESIDE);
    }

    private static ConfigResult<CaConfig> with(String members) {
        return read("{" + MINIMUM + (members.isEmpty() ? "" : ",") + members + "}");
    }

    private static CaConfig good(String members) {
        ConfigResult<CaConfig> result = with(members);
        assertThat(result.problems()).isEmpty();
        return result.config().orElseThrow();
    }

    @Test
    void bbolt_s_data_source_is_a_file_and_our_store_goes_beside_it() {
        CaConfig.Db db = good("\"db\":{\"type\":\"bbolt\",\"dataSource\":\"/step/db/step.db\"}")
                .db();
        assertThat(db.folder()).isEqualTo(Path.of("/step/db"));
        assertThat(db.bboltFile()).contains(Path.of("/step/db/step.db"));
    }

    @Test
    void what_a_file_leaves_out_has_steps_defaults() {
        CaConfig config = good("");
        assertThat(config.pki().roots()).containsExactly(Path.of("/work/root.crt"));
        assertThat(config.pki().federatedRoots()).isEmpty();
        assertThat(config.pki().crt()).isEqualTo(Path.of("/work/i.crt"));
        assertThat(config.pki().key()).isEqualTo("/work/i.key");
        assertThat(config.listeners().address()).isEqualTo(new CaConfig.HostPort("", 9000));
        assertThat(config.listeners().dnsNames()).containsExactly("localhost", "127.0.0.1", "::1");
        assertThat(config.listeners().commonName()).isEqualTo("Step Online CA");
        assertThat(config.listeners().metricsAddress()).isEmpty();
        assertThat(config.listeners().requestLog().format()).isEmpty();
        assertThat(config.password()).isEmpty();
        assertThat(config.db().type()).isEqualTo("sqlite");
        assertThat(config.db().folder()).isEqualTo(BESIDE);
        assertThat(config.db().announced()).isPresent();
        assertThat(config.tls().minVersion()).isEqualTo(1.2);
        assertThat(config.tls().maxVersion()).isEqualTo(1.3);
        assertThat(config.tls().cipherSuites())
                .containsExactly(
                        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
        assertThat(config.authority().backdate()).isEqualTo(Duration.ofMinutes(1));
        assertThat(config.authority().provisioners()).isEmpty();
        assertThat(config.authority().claims()).isEmpty();
        assertThat(config.authority().disableIssuedAtCheck()).isFalse();
    }

    @Test
    void every_member_that_is_supported_is_read() {
        CaConfig config = good(
                "\"federatedRoots\":[\"f.crt\"],\"dnsNames\":[\"a\",\"b\"],\"commonName\":\"CN\",\"password\":\"p\","
                        + "\"logger\":{\"format\":\"json\",\"traceHeader\":\"X\"},\"metricsAddress\":\"[::1]:9100\","
                        + "\"db\":{\"type\":\"badgerv2\",\"dataSource\":\"db\",\"badgerFileLoadingMode\":\"\"},"
                        + "\"kms\":{\"type\":\"pkcs11\",\"uri\":\"pkcs11:token=t\",\"pin\":\"1234\"},"
                        + "\"tls\":{\"cipherSuites\":[\"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\"],\"minVersion\":1.3,\"maxVersion\":1.3,\"renegotiation\":false},"
                        + "\"authority\":{\"provisioners\":[{\"type\":\"JWK\",\"name\":\"n\",\"key\":{\"kid\":null}}],"
                        + "\"claims\":{\"maxTLSCertDuration\":\"48h\",\"disableRenewal\":true},\"backdate\":\"2m\",\"disableIssuedAtCheck\":true}");
        assertThat(config.pki().federatedRoots()).containsExactly(Path.of("/work/f.crt"));
        assertThat(config.listeners().dnsNames()).containsExactly("a", "b");
        assertThat(config.listeners().commonName()).isEqualTo("CN");
        assertThat(config.listeners().requestLog().format()).contains("json");
        assertThat(config.listeners().requestLog().traceHeader()).contains("X");
        assertThat(config.listeners().metricsAddress()).contains(new CaConfig.HostPort("::1", 9100));
        assertThat(new String(config.password().orElseThrow().chars())).isEqualTo("p");
        assertThat(config.db().type()).isEqualTo("badgerv2");
        assertThat(config.db().folder()).isEqualTo(Path.of("/work/db"));
        assertThat(config.db().announced()).isEmpty();
        assertThat(config.kms().type()).contains("pkcs11");
        assertThat(config.kms().uri()).contains("pkcs11:token=t");
        assertThat(new String(config.kms().pin().orElseThrow().chars())).isEqualTo("1234");
        assertThat(config.tls().minVersion()).isEqualTo(1.3);
        assertThat(config.tls().cipherSuites()).containsExactly("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
        assertThat(config.authority().provisioners())
                .singleElement()
                .satisfies(p -> assertThat(p).containsEntry("name", "n"));
        assertThat(config.authority().claims()).containsEntry("maxTLSCertDuration", "48h");
        assertThat(config.authority().backdate()).isEqualTo(Duration.ofMinutes(2));
        assertThat(config.authority().disableIssuedAtCheck()).isTrue();
    }

    @Test
    void a_file_of_step_0_21_is_read_as_one_of_today() {
        CaConfig config = read("{\"root\":\"r.crt\",\"federatedRoots\":null,\"crt\":\"i.crt\",\"key\":\"i.key\","
                        + "\"address\":\":443\",\"insecureAddress\":\"\",\"dnsNames\":[\"ca.example\"],"
                        + "\"logger\":{\"format\":\"text\"},"
                        + "\"db\":{\"type\":\"badgerv2\",\"dataSource\":\"/step/db\",\"badgerFileLoadingMode\":\"\"},"
                        + "\"authority\":{\"provisioners\":[{\"type\":\"JWK\",\"name\":\"admin\",\"key\":{}}]},"
                        + "\"tls\":{\"cipherSuites\":[\"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256\","
                        + "\"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\"],\"minVersion\":1.2,\"maxVersion\":1.3,"
                        + "\"renegotiation\":false}}")
                .config()
                .orElseThrow();
        assertThat(config.pki().roots()).containsExactly(Path.of("/work/r.crt"));
        assertThat(config.pki().federatedRoots()).isEmpty();
        assertThat(config.listeners().address()).isEqualTo(new CaConfig.HostPort("", 443));
        assertThat(config.listeners().insecureAddress()).isEmpty();
        assertThat(config.db().folder()).isEqualTo(Path.of("/step/db"));
        assertThat(config.tls()).isEqualTo(good("").tls());
        assertThat(config.authority().provisioners()).hasSize(1);
    }

    @Test
    void members_for_what_chancery_has_otherwise_or_not_at_all_pass_without_a_word() {
        CaConfig config = good("\"db\":{\"type\":\"badgerv2\",\"dataSource\":\"db\",\"valueDir\":\"values\"},"
                + "\"authority\":{\"type\":\"softcas\",\"authorityId\":\"5c2c\",\"deploymentType\":\"standalone\","
                + "\"disableGetSSHHosts\":true}");
        assertThat(config.db().folder()).isEqualTo(Path.of("/work/db"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"linked", "Hosted"})
    void a_CA_whose_provisioners_are_kept_elsewhere_is_a_warning_and_so_is_what_it_is_called_there(String deployment) {
        ConfigResult<CaConfig> result =
                with("\"authority\":{\"authorityId\":\"5c2c\",\"deploymentType\":\"" + deployment + "\"}");
        assertThat(result.config()).isPresent();
        assertThat(result.problems())
                .extracting(ConfigProblem::pointer, ConfigProblem::severity)
                .containsExactly(
                        tuple("/authority/deploymentType", ConfigProblem.Severity.WARNING),
                        tuple("/authority/authorityId", ConfigProblem.Severity.WARNING));
    }

    @Test
    void names_and_suites_that_would_keep_the_port_closed_are_named_each_by_its_place() {
        assertThat(read("{\"root\":\"r\",\"crt\":\"c\",\"key\":\"k\",\"address\":\":1\","
                                + "\"dnsNames\":[\"ca.example\",\"bücher.example\",\"\"],"
                                + "\"tls\":{\"cipherSuites\":[\"TLS_RSA_WITH_NULL_SHA\",\"TLS_AES_128_GCM_SHA256\"]}}")
                        .problems())
                .filteredOn(problem -> problem.severity() == ConfigProblem.Severity.ERROR)
                .extracting(ConfigProblem::pointer)
                .containsExactlyInAnyOrder("/dnsNames/1", "/dnsNames/2", "/tls/cipherSuites/0");
    }

    @Test
    void a_key_that_is_no_path_is_named_by_its_place_and_the_rest_is_read() {
        assertThat(
                        read("{\"root\":\"r\",\"crt\":\"c\",\"key\":\"k\\u0000\",\"address\":\":1\",\"db\":{\"type\":\"mysql\"}}")
                                .problems())
                .filteredOn(problem -> problem.severity() == ConfigProblem.Severity.ERROR)
                .extracting(ConfigProblem::pointer)
                .containsExactlyInAnyOrder("/key", "/db/type");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"key\":\"k\",\"kms\":\"pkcs11:token=t?pin-value=hidden\"",
                "\"key\":\"k\",\"db\":\"postgresql://u:hidden@h/d\"",
                "\"key\":\"pkcs11:object=k?pin-value=hidden\\n\"",
                "\"key\":\" pkcs11:object=k?pin-value=hidden\"",
                "\"key\":\"pkcs11:object=k\\r\\n?pin-value=hidden\""
            })
    void a_text_that_may_hold_a_secret_is_refused_and_not_shown(String members) {
        assertThat(read("{\"root\":\"r\",\"crt\":\"c\",\"address\":\":1\"," + members + "}")
                        .problems())
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.severity()).isEqualTo(ConfigProblem.Severity.ERROR);
                    assertThat(problem.text()).doesNotContain("hidden");
                });
    }

    @Test
    void a_first_name_that_is_not_ASCII_is_named_once_and_not_as_a_URL_that_nobody_wrote() {
        assertThat(with("\"dnsNames\":[\"bücher.example\"]").problems())
                .extracting(ConfigProblem::pointer)
                .containsExactly("/dnsNames/0");
    }

    @ParameterizedTest
    @CsvSource({
        "localhost:9000, localhost",
        "127.0.0.1:9000, 127.0.0.1",
        "[::1]:9000,     [::1]",
        "ca.example,     ",
        "::1,            ",
        "2001:db8::9000, ",
        "[::1],          "
    })
    void a_name_with_a_port_is_a_warning_that_tells_the_name(String name, @Nullable String better) {
        List<ConfigProblem> problems =
                with("\"dnsNames\":[\"a\",\"" + name + "\"]").problems();
        if (better == null) {
            assertThat(problems).isEmpty();
        } else {
            assertThat(problems).singleElement().satisfies(problem -> {
                assertThat(problem.severity()).isEqualTo(ConfigProblem.Severity.WARNING);
                assertThat(problem.pointer()).isEqualTo("/dnsNames/1");
                assertThat(problem.allowed()).contains("such as \"" + better + "\"");
            });
        }
    }

    private static List<String> ofProvisioners(String... claims) {
        String all = Stream.of(claims)
                .map(each -> "{\"type\":\"ACME\",\"name\":\"" + each.hashCode() + "\",\"claims\":" + each + "}")
                .collect(Collectors.joining(","));
        return with("\"authority\":{\"claims\":{\"maxTLSCertDuration\":\"48h\"},\"provisioners\":[" + all + "]}")
                .problems()
                .stream()
                .map(problem -> problem.severity() + " " + problem.pointer())
                .toList();
    }

    @Test
    void claims_of_a_provisioner_that_step_ca_cannot_read_stop_the_start_and_limits_that_exclude_each_other_warn() {
        assertThat(ofProvisioners(
                        "{\"maxTLSCertDuration\":\"90d\"}",
                        "{\"disableRenewal\":\"yes\"}",
                        "{\"defaultTLSCertDuration\":\"47h\"}",
                        "{\"defaultTLSCertDuration\":\"3h\",\"maxTLSCertDuration\":\"2h\"}",
                        "{\"minTLSCertDuration\":\"49h\"}"))
                .containsExactly(
                        "ERROR /authority/provisioners/0/claims/maxTLSCertDuration",
                        "ERROR /authority/provisioners/1/claims/disableRenewal",
                        "WARNING /authority/provisioners/3/claims",
                        "WARNING /authority/provisioners/4/claims");
    }

    @Test
    void a_name_that_two_provisioners_have_is_in_the_list_with_everything_else_that_is_wrong() {
        assertThat(read("{\"root\":\"r\",\"crt\":\"c\",\"address\":\":1\",\"authority\":{\"provisioners\":["
                                + "{\"type\":\"ACME\",\"name\":\"n\"},{\"type\":\"JWK\",\"name\":\"n\"}]}}")
                        .problems())
                .extracting(ConfigProblem::pointer)
                .containsExactlyInAnyOrder("/key", "/authority/provisioners/1/name");
    }

    private static ConfigResult<CaConfig> suites(String names) {
        return read("{\"root\":\"r\",\"crt\":\"c\",\"key\":\"k\",\"address\":\":1\",\"tls\":{\"cipherSuites\":[" + names
                + "]}}");
    }

    @Test
    void suites_that_step_takes_and_we_do_not_are_left_out_with_a_warning_and_former_names_are_read() {
        ConfigResult<CaConfig> result =
                suites("\"TLS_RSA_WITH_AES_128_CBC_SHA\",\"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305\","
                        + "\"TLS_ECDHE_ECDSA_WITH_RC4_128_SHA\",\"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305\"");
        assertThat(result.config().orElseThrow().tls().cipherSuites())
                .containsExactly(
                        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
        assertThat(result.problems())
                .filteredOn(problem -> problem.severity() == ConfigProblem.Severity.WARNING)
                .extracting(ConfigProblem::pointer)
                .containsExactly("/tls/cipherSuites/0", "/tls/cipherSuites/2");
        ConfigResult<CaConfig> none = suites("\"TLS_RSA_WITH_3DES_EDE_CBC_SHA\"");
        assertThat(none.config()).isEmpty();
        assertThat(none.problems())
                .filteredOn(problem -> problem.severity() == ConfigProblem.Severity.ERROR)
                .extracting(ConfigProblem::pointer)
                .containsExactly("/tls/cipherSuites");
    }

    @Test
    void a_root_may_be_a_text_or_a_list_and_a_key_a_path_or_a_URI() {
        ConfigResult<CaConfig> result =
                read("{\"root\":[\"a\",\"/b\"],\"crt\":\"c\",\"key\":\"pkcs11:object=k\",\"address\":\"h:1\"}");
        assertThat(result.config().orElseThrow().pki().roots()).containsExactly(Path.of("/work/a"), Path.of("/b"));
        assertThat(result.config().orElseThrow().pki().key()).isEqualTo("pkcs11:object=k");
    }

    @Test
    void types_and_formats_are_matched_in_any_case_as_step_does() {
        CaConfig config = good("\"logger\":{\"format\":\"JSON\"},\"kms\":{\"type\":\"PKCS11\"},"
                + "\"db\":{\"type\":\"badgerV2\",\"dataSource\":\"db\"},\"authority\":{\"type\":\"SoftCAS\"}");
        assertThat(config.listeners().requestLog().format()).contains("json");
        assertThat(config.kms().type()).contains("pkcs11");
        assertThat(config.db().type()).isEqualTo("badgerv2");
        CaConfig postgres = good("\"db\":{\"type\":\"PostgreSQL\",\"dataSource\":\"postgresql://u@h/d\"}");
        assertThat(postgres.db().type()).isEqualTo("postgresql");
    }

    @Test
    void names_are_matched_in_any_case_as_Go_does() {
        assertThat(read("{\"ROOT\":\"r\",\"Crt\":\"c\",\"KEY\":\"k\",\"aDDRESS\":\":1\",\"DnsNames\":[\"x\"]}")
                        .config()
                        .orElseThrow()
                        .listeners()
                        .dnsNames())
                .containsExactly("x");
    }

    @Test
    void a_member_that_is_null_or_empty_counts_as_absent() {
        CaConfig config = good(
                "\"federatedRoots\":null,\"insecureAddress\":\"\",\"commonName\":\"\",\"db\":null,\"authority\":null,"
                        + "\"crl\":{},\"ssh\":null,\"logger\":null,\"tls\":null,\"kms\":{}");
        assertThat(config.listeners().commonName()).isEqualTo("Step Online CA");
    }

    @Test
    void all_problems_of_a_file_are_told_at_once_each_with_its_place() {
        ConfigResult<CaConfig> result =
                read("{\"root\":[],\"crt\":7,\"address\":\"9000\",\"dnsNames\":[],\"logger\":{\"format\":\"xml\"},"
                        + "\"kms\":{\"type\":\"awskms\"},\"db\":{\"type\":\"mysql\"},\"tls\":{\"minVersion\":1.1,\"maxVersion\":\"1.3\"},"
                        + "\"authority\":{\"backdate\":\"-1m\",\"enableAdmin\":true,\"policy\":{\"x509\":[]},\"type\":\"stepcas\","
                        + "\"claims\":{\"maxTLSCertDuration\":\"30d\",\"minTLSCertDuration\":5,\"disableRenewal\":\"no\"},"
                        + "\"provisioners\":[5,{\"type\":\"XYZ\"}]}}");
        assertThat(result.config()).isEmpty();
        assertThat(result.problems().stream()
                        .filter(p -> p.severity() == ConfigProblem.Severity.ERROR)
                        .map(ConfigProblem::pointer))
                .containsExactlyInAnyOrder(
                        "/root",
                        "/crt",
                        "/key",
                        "/address",
                        "/dnsNames",
                        "/logger/format",
                        "/kms/type",
                        "/db/type",
                        "/tls/minVersion",
                        "/tls/maxVersion",
                        "/authority/backdate",
                        "/authority/enableAdmin",
                        "/authority/policy/x509",
                        "/authority/type",
                        "/authority/claims/maxTLSCertDuration",
                        "/authority/claims/minTLSCertDuration",
                        "/authority/claims/disableRenewal",
                        "/authority/provisioners/0",
                        "/authority/provisioners/1/name",
                        "/authority/provisioners/1/type");
        assertThat(result.problems()).allSatisfy(p -> {
            assertThat(p.file()).isEqualTo("ca.json");
            assertThat(p.found()).isNotBlank();
            assertThat(p.allowed()).isNotBlank();
        });
    }

    @Test
    void versions_of_TLS_that_step_writes_as_0_are_not_set() {
        CaConfig.Tls tls = with("\"tls\":{\"minVersion\":0,\"maxVersion\":0.0}")
                .config()
                .orElseThrow()
                .tls();
        assertThat(tls.minVersion()).isEqualTo(1.2);
        assertThat(tls.maxVersion()).isEqualTo(1.3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"format\":\"\"}", "{\"traceHeader\":\"X-Trace\"}"})
    void a_logger_that_names_no_format_writes_text(String logger) {
        assertThat(with("\"logger\":" + logger)
                        .config()
                        .orElseThrow()
                        .listeners()
                        .requestLog()
                        .format())
                .contains("text");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"dnsName\":[] | /dnsName | \"dnsNames\"",
                "\"adress\":1 | /adress | \"address\"",
                "\"authority\":{\"provisoners\":[]} | /authority/provisoners | \"provisioners\"",
                "\"authority\":{\"claims\":{\"maxTlsCertDuratoin\":\"1h\"}} | /authority/claims/maxTlsCertDuratoin | \"maxTLSCertDuration\"",
                "\"tls\":{\"minVersio\":1.2} | /tls/minVersio | \"minVersion\"",
                "\"db\":{\"datasorce\":\"x\"} | /db/datasorce | \"dataSource\"",
                "\"kms\":{\"ur\":\"x\"} | /kms/ur | \"uri\"",
                "\"logger\":{\"fromat\":\"text\"} | /logger/fromat | \"format\"",
                "\"a/b~c\":1 | /a~1b~0c | one of"
            })
    void a_member_that_nobody_knows_is_a_warning_with_the_nearest_name(String member, String pointer, String hint) {
        ConfigResult<CaConfig> result = with(member);
        assertThat(result.config()).as("a warning stops nothing").isPresent();
        assertThat(result.problems()).singleElement().satisfies(p -> {
            assertThat(p.severity()).isEqualTo(ConfigProblem.Severity.WARNING);
            assertThat(p.pointer()).isEqualTo(pointer);
            assertThat(p.allowed()).contains(hint);
        });
    }

    private static ConfigResult<CaConfig> provisioner(String type, String members) {
        return with("\"authority\":{\"provisioners\":[{\"type\":\"" + type + "\",\"name\":\"n\"," + members + "}]}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "JWK | \"claim\":{\"maxTLSCertDuration\":\"5m\"} | /claim | \"claims\"",
                "JWK | \"option\":{\"x509\":{\"template\":\"{}\"}} | /option | \"options\"",
                "JWK | \"keys\":{} | /keys | \"key\"",
                "JWK | \"forceCN\":true | /forceCN | one of",
                "JWK | \"options\":{\"x590\":{}} | /options/x590 | \"x509\"",
                "JWK | \"options\":{\"x509\":{\"templat\":\"{}\"}} | /options/x509/templat | \"template\"",
                "JWK | \"options\":{\"ssh\":{\"templateDate\":{}}} | /options/ssh/templateDate | \"templateData\"",
                "OIDC | \"clientId\":\"c\",\"domain\":[] | /domain | \"domains\"",
                "K8sSA | \"publicKey\":\"\" | /publicKey | \"publicKeys\"",
                "X5C | \"root\":\"\" | /root | \"roots\"",
                "Nebula | \"root\":\"\" | /root | \"roots\"",
                "ACME | \"requireEab\":true,\"challenge\":[] | /challenge | \"challenges\"",
                "ACME | \"options\":{\"webhooks\":[{\"disableTLSClientAut\":true}]} | /options/webhooks/0/disableTLSClientAut | \"disableTLSClientAuth\"",
                "SCEP | \"capabilites\":[] | /capabilites | \"capabilities\"",
                "SSHPOP | \"options\":{} | /options | one of",
                "AWS | \"account\":[] | /account | \"accounts\"",
                "GCP | \"projectID\":[] | /projectID | \"projectIDs\"",
                "Azure | \"tenant\":\"t\" | /tenant | \"tenantID\""
            })
    void a_member_of_a_provisioner_that_step_does_not_know_for_its_type_is_a_warning_with_the_nearest_name(
            String type, String members, String pointer, String hint) {
        ConfigResult<CaConfig> result = provisioner(type, members);
        assertThat(result.config()).as("a warning stops nothing").isPresent();
        assertThat(result.problems()).singleElement().satisfies(p -> {
            assertThat(p.severity()).isEqualTo(ConfigProblem.Severity.WARNING);
            assertThat(p.pointer()).isEqualTo("/authority/provisioners/0" + pointer);
            assertThat(p.allowed()).contains(hint);
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "JWK | key encryptedKey options",
                "OIDC | clientID clientSecret configurationEndpoint tenantID admins domains groups listenAddress scopes authParams options",
                "GCP | serviceAccounts projectIDs organizationID disableCustomSANs disableTrustOnFirstUse disableSSHCAUser disableSSHCAHost instanceAge options",
                "AWS | accounts disableCustomSANs disableTrustOnFirstUse imdsVersions instanceAge iidRoots options",
                "Azure | tenantID resourceGroups subscriptionIDs objectIDs audience disableCustomSANs disableTrustOnFirstUse options",
                "ACME | forceCN termsOfService website caaIdentities requireEAB challenges attestationFormats attestationRoots options",
                "X5C | roots options",
                "K8sSA | publicKeys options",
                "SSHPOP | claims",
                "SCEP | forceCN challenge capabilities includeRoot excludeIntermediate minimumPublicKeyLength decrypterCertificate decrypterKeyPEM decrypterKey decrypterKeyPassword encryptionAlgorithmIdentifier options",
                "Nebula | roots options"
            })
    void all_members_that_step_writes_for_a_type_pass_without_a_word(String type, String names) {
        String options = "{\"x509\":{\"template\":\"{}\",\"templateFile\":\"\",\"templateData\":{\"any\":1}},"
                + "\"ssh\":{\"template\":\"\",\"templateFile\":null,\"templateData\":{}},\"wire\":{},\"webhooks\":[{\"id\":\"\",\"name\":\"w\","
                + "\"url\":\"https://a\",\"kind\":\"ENRICHING\",\"disableTLSClientAuth\":true,\"certType\":\"ALL\"}]}";
        String members = Stream.of(names.split(" "))
                .map(name -> "\"" + name + "\":" + (name.equals("options") ? options : "null"))
                .collect(Collectors.joining(","));
        assertThat(provisioner(type, members).problems()).isEmpty();
    }

    /** As {@code step ca provisioner add} and {@code step ca init --ssh} leave it there. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"options\":{\"x509\":{},\"ssh\":{}},\"claims\":{\"enableSSHCA\":true,\"disableRenewal\":false,"
                        + "\"allowRenewalAfterExpiry\":false,\"disableSmallstepExtensions\":false}",
                "\"claims\":{\"enableSSHCA\":true}",
                "\"claims\":{\"enableSSHCA\":false,\"maxUserSSHCertDuration\":\"\"}"
            })
    void what_step_writes_about_SSH_for_every_provisioner_passes_without_a_word(String members) {
        assertThat(provisioner("JWK", members).problems()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "JWK | \"options\":{\"ssh\":{\"template\":\"{}\"}} | /options/ssh/template",
                "X5C | \"options\":{\"ssh\":{\"templateFile\":\"t.tpl\"}} | /options/ssh/templateFile",
                "OIDC | \"options\":{\"ssh\":{\"templateData\":{\"a\":1}}} | /options/ssh/templateData",
                "JWK | \"options\":{\"webhooks\":[{\"certType\":\"SSH\"}]} | /options/webhooks/0/certType",
                "GCP | \"options\":{\"webhooks\":[{\"certType\":\"SSH\"}]} | /options/webhooks/0/certType",
                "JWK | \"claims\":{\"minUserSSHCertDuration\":\"5m\"} | /claims/minUserSSHCertDuration",
                "JWK | \"claims\":{\"maxUserSSHCertDuration\":\"5m\"} | /claims/maxUserSSHCertDuration",
                "JWK | \"claims\":{\"defaultUserSSHCertDuration\":\"5m\"} | /claims/defaultUserSSHCertDuration",
                "JWK | \"claims\":{\"minHostSSHCertDuration\":\"5m\"} | /claims/minHostSSHCertDuration",
                "JWK | \"claims\":{\"maxHostSSHCertDuration\":\"5m\"} | /claims/maxHostSSHCertDuration",
                "SSHPOP | \"claims\":{\"defaultHostSSHCertDuration\":\"5m\"} | /claims/defaultHostSSHCertDuration"
            })
    void what_somebody_set_for_SSH_certificates_of_a_provisioner_is_a_warning(
            String type, String members, String pointer) {
        ConfigResult<CaConfig> result = provisioner(type, members);
        assertThat(result.config()).as("a warning stops nothing").isPresent();
        assertThat(result.problems()).singleElement().satisfies(p -> {
            assertThat(p.severity()).isEqualTo(ConfigProblem.Severity.WARNING);
            assertThat(p.pointer()).isEqualTo("/authority/provisioners/0" + pointer);
            assertThat(p.found()).contains("not supported yet");
        });
    }

    /** A warning about SSH must not hide that. */
    @Test
    void limits_that_exclude_each_other_are_told_beside_durations_of_SSH() {
        assertThat(provisioner("JWK", "\"claims\":{\"minTLSCertDuration\":\"0s\",\"maxUserSSHCertDuration\":\"5m\"}")
                        .problems())
                .extracting(ConfigProblem::pointer)
                .containsExactlyInAnyOrder(
                        "/authority/provisioners/0/claims", "/authority/provisioners/0/claims/maxUserSSHCertDuration");
    }

    @Test
    void data_for_a_template_that_is_not_there_is_a_warning() {
        String data = "\"templateData\":{\"SANs\":[]}";
        assertThat(provisioner("JWK", "\"options\":{\"x509\":{" + data + "}}").problems())
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.pointer()).isEqualTo("/authority/provisioners/0/options/x509/templateData");
                    assertThat(problem.severity()).isEqualTo(ConfigProblem.Severity.WARNING);
                });
        assertThat(provisioner("JWK", "\"options\":{\"x509\":{\"template\":\"{}\"," + data + "}}")
                        .problems())
                .isEmpty();
    }

    @Test
    void options_that_are_no_objects_stop_the_start_as_they_stop_step_ca() {
        assertThat(provisioner("ACME", "\"options\":{\"x509\":5}").problems())
                .extracting(ConfigProblem::pointer)
                .containsExactly("/authority/provisioners/0/options/x509");
    }

    @Test
    void lists_of_revoked_certificates_are_read_with_step_s_defaults() {
        CaConfig.Crl crl =
                good("\"dnsNames\":[\"ca.example\"],\"crl\":{\"enabled\":true}").crl();
        assertThat(crl)
                .isEqualTo(new CaConfig.Crl(
                        true, false, Duration.ofHours(24), Duration.ofHours(16), "https://ca.example/1.0/crl"));
        assertThat(good("").crl().enabled()).isFalse();
        assertThat(good("\"insecureAddress\":\":8080\",\"crl\":{\"enabled\":true,\"generateOnRevoke\":true,"
                                + "\"cacheDuration\":\"1h\",\"renewPeriod\":\"1h\",\"idpURL\":\"http://x/crl\"}")
                        .crl())
                .isEqualTo(new CaConfig.Crl(true, true, Duration.ofHours(1), Duration.ofHours(1), "http://x/crl"));
        assertThat(good("\"dnsNames\":[\"::1\"]").crl().idpUrl()).isEqualTo("https://[::1]/1.0/crl");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"cacheDuration\":\"1h\",\"renewPeriod\":\"2h\"}",
                "{\"cacheDuration\":\"-1h\"}",
                "{\"cacheDuration\":\"9000h\"}",
                "{\"renewPeriod\":\"-1s\"}",
                "{\"cacheDuration\":3600}",
                "{\"idpURL\":\"http://x/a b\"}",
                "{\"idpURL\":\"http://ä/\"}",
                "{\"enabled\":\"yes\"}"
            })
    void settings_of_lists_that_make_no_sense_stop_the_start(String crl) {
        ConfigResult<CaConfig> result = with("\"crl\":" + crl);
        assertThat(result.config()).isEmpty();
        assertThat(result.problems())
                .singleElement()
                .satisfies(p -> assertThat(p.pointer()).startsWith("/crl/"));
    }

    @Test
    void an_address_of_plain_http_where_nothing_is_served_there_is_a_warning() {
        assertThat(with("\"insecureAddress\":\":80\"").problems())
                .singleElement()
                .satisfies(p -> assertThat(p.severity()).isEqualTo(ConfigProblem.Severity.WARNING));
        assertThat(with("\"insecureAddress\":\":80\",\"crl\":{\"enabled\":true}")
                        .problems())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"ssh\":{\"hostKey\":\"k\"}",
                "\"templates\":{\"ssh\":{}}",
                "\"monitoring\":{\"type\":\"newrelic\"}",
                "\"tls\":{\"renegotiation\":true}",
                "\"authority\":{\"certificateIssuer\":{\"type\":\"jwk\"}}",
                "\"authority\":{\"claims\":{\"maxHostSSHCertDuration\":\"48h\"}}"
            })
    void a_setting_of_step_that_has_no_effect_yet_is_a_warning(String member) {
        ConfigResult<CaConfig> result = with(member);
        assertThat(result.config()).isPresent();
        assertThat(result.problems()).singleElement().satisfies(p -> {
            assertThat(p.severity()).isEqualTo(ConfigProblem.Severity.WARNING);
            assertThat(p.found()).contains("not supported yet");
        });
    }

    @Test
    void what_every_subject_has_is_read_member_by_member() {
        ConfigResult<CaConfig> result =
                with("\"authority\":{\"template\":{\"country\":\"DE\",\"Organization\":\"Acme\","
                        + "\"organizationalUnit\":\"\",\"commonName\":null,\"postalCode\":\"1\"}}");
        assertThat(result.config().orElseThrow().authority().subjects())
                .isEqualTo(new SubjectDefaults(Map.of("country", "DE", "organization", "Acme")));
        assertThat(result.problems()).singleElement().satisfies(p -> {
            assertThat(p.severity()).isEqualTo(ConfigProblem.Severity.WARNING);
            assertThat(p.pointer()).isEqualTo("/authority/template/postalCode");
        });
        assertThat(with("\"authority\":{\"template\":{\"country\":[\"DE\"]}}").config())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {":9000", "h:0", "[::1]:65535", "0.0.0.0:443"})
    void an_address_has_a_port(String address) {
        assertThat(read("{\"root\":\"r\",\"crt\":\"c\",\"key\":\"k\",\"address\":\"" + address + "\"}")
                        .config())
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"9000", "h", "h:", "h:65536", "h:-1", "h:http", "::1:9000", ":"})
    void an_address_without_a_port_is_an_error(String address) {
        assertThat(read("{\"root\":\"r\",\"crt\":\"c\",\"key\":\"k\",\"address\":\"" + address + "\"}")
                        .problems())
                .singleElement()
                .satisfies(p -> assertThat(p.pointer()).isEqualTo("/address"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "[\"\"]", "[\" \"]", "\"\"", "null"})
    void there_is_a_root(String root) {
        assertThat(read("{\"root\":" + root + ",\"crt\":\"c\",\"key\":\"k\",\"address\":\":1\"}")
                        .problems())
                .isNotEmpty()
                .allSatisfy(p -> assertThat(p.pointer()).isEqualTo("/root"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "null", "7", "{", "{} {}", "{\"root\":1,\"root\":2}", "{\"root\":\"\\ud800\"}"})
    void a_text_that_is_no_JSON_object_is_one_error_about_the_whole(String json) {
        assertThat(read(json).problems()).singleElement().satisfies(p -> {
            assertThat(p.pointer()).isEmpty();
            assertThat(p.severity()).isEqualTo(ConfigProblem.Severity.ERROR);
        });
        assertThat(read(json).config()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"password\":[\"hidden-7\"]",
                "\"password\":{\"a\":\"hidden-7\"}",
                "\"PASSWORD\":7777777",
                "\"password\":\"hidden-7\",\"passwrod\":\"hidden-7\"",
                "\"kms\":{\"pin\":[\"hidden-7\"],\"type\":\"x\"}",
                "\"kms\":{\"pin\":7777777}",
                "\"password\":\"hidden-7\",\"password\":\"hidden-7\"",
                "\"password\":\"hidden-7\" oops",
                "\"password\":\"hidden-7\",\"x\":\"\\ud800\"",
                "\"password\":\"hidden-7\\x\""
            })
    void no_problem_repeats_a_secret(String members) {
        ConfigResult<CaConfig> result = with(members);
        assertThat(result.problems()).isNotEmpty();
        assertThat(result.toString()).doesNotContain("hidden-7").doesNotContain("7777777");
    }

    @Test
    void a_configuration_never_prints_its_secrets() {
        CaConfig config = good("\"password\":\"hidden-7\",\"kms\":{\"pin\":\"hidden-8\"}");
        assertThat(config.toString()).doesNotContain("hidden-7").doesNotContain("hidden-8");
    }

    @Test
    void a_long_value_is_told_in_short() {
        assertThat(with("\"tls\":{\"minVersion\":\"" + "x".repeat(5_000) + "\"}")
                        .problems())
                .singleElement()
                .satisfies(p -> assertThat(p.found()).hasSizeLessThan(100));
    }

    @Test
    void order_and_wrong_types_of_members_do_not_matter_to_the_others() {
        assertThat(with("\"commonName\":7,\"dnsNames\":{\"a\":1}").problems().stream()
                        .map(ConfigProblem::pointer))
                .contains("/commonName", "/dnsNames");
    }
}
