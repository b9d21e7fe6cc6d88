package io.chancery.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.name.SubjectAltName;
import io.chancery.core.policy.NamePolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class NamePolicyReaderTest {
    private static final String PROVISIONERS =
            "\"provisioners\":[{\"type\":\"JWK\",\"name\":\"web\"},{\"type\":\"JWK\",\"name\":\"mail/b\"}]";

    /** In either file, apostrophes for quotes. */
    private static ConfigResult<CaConfig> authority(String policy) {
        return CaConfigReader.read(
                "ca.json",
                "{\"root\":\"r\",\"crt\":\"c\",\"key\":\"k\",\"address\":\":1\",\"authority\":{" + PROVISIONERS
                        + ",\"policy\":" + policy.replace('\'', '"') + "}}",
                Path.of("/"),
                Path.of("/"));
    }

    private static ConfigResult<ChanceryConfig> provisioner(String name, String policy) {
        return ChanceryConfigReader.read(
                "chancery.json",
                "{\"provisioners\":{\"" + name + "\":{\"policy\":" + policy.replace('\'', '"') + "}}}",
                Path.of("/"));
    }

    private static List<String> refused(Optional<NamePolicy> policy, String... names) {
        return List.of(names).stream()
                .filter(name -> policy.orElseThrow()
                        .judge(List.of(), List.of(SubjectAltName.guess(name)))
                        .isPresent())
                .toList();
    }

    @Test
    void a_policy_is_read_alike_in_either_file() {
        String policy = "{'x509':{'allow':{'dns':['*.example'],'ip':['10.0.0.0/8'],'email':['@b.example'],"
                + "'uri':['*.example'],'cn':['Jane Doe']},'deny':{'dns':['no.example'],'ip':['10.0.0.1']},"
                + "'allowWildcardNames':true}}";
        String[] names = {
            "a.example",
            "*.example",
            "no.example",
            "10.0.0.1",
            "10.0.0.2",
            "a@b.example",
            "a@c.example",
            "https://a.example/x"
        };
        ConfigResult<CaConfig> ofAuthority = authority(policy);
        assertThat(ofAuthority.problems()).isEmpty();
        assertThat(refused(ofAuthority.config().orElseThrow().authority().policy(), names))
                .containsExactly("no.example", "10.0.0.1", "a@c.example");
        ConfigResult<ChanceryConfig> ofProvisioner = provisioner("web", policy);
        assertThat(ofProvisioner.problems()).isEmpty();
        assertThat(refused(
                        ofProvisioner
                                .config()
                                .orElseThrow()
                                .provisioners()
                                .get("web")
                                .policy(),
                        names))
                .containsExactly("no.example", "10.0.0.1", "a@c.example");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "null",
                "{'x509':null}",
                "{'x509':{}}",
                "{'x509':{'allow':{},'deny':{'dns':[]},'allowWildcardNames':true}}"
            })
    void without_a_rule_there_is_no_policy(String policy) {
        ConfigResult<CaConfig> result = authority(policy);
        assertThat(result.problems()).isEmpty();
        assertThat(result.config().orElseThrow().authority().policy()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'x509':{'allow':{'dns':['a','*.*.b']}}} | /x509/allow/dns/1 | \"*.*.b\" | \"*.example\"",
                "{'x509':{'deny':{'dns':['.a']}}} | /x509/deny/dns/0 | \".a\" | \"a.example\"",
                "{'x509':{'allow':{'ip':['10.0.0.0/33']}}} | /x509/allow/ip/0 | \"10.0.0.0/33\" | from 0 to 32",
                "{'x509':{'allow':{'ip':['a']}}} | /x509/allow/ip/0 | \"a\" | \"10.0.0.0/24\"",
                "{'x509':{'allow':{'email':['*@b.example']}}} | /x509/allow/email/0 | \"*@b.example\" | \"@b.example\"",
                "{'x509':{'allow':{'uri':['https://a']}}} | /x509/allow/uri/0 | \"https://a\" | no address, port or path",
                "{'x509':{'allow':{'cn':['*']}}} | /x509/allow/cn/0 | \"*\" | no wildcards",
                "{'x509':{'allow':{'dns':'a'}}} | /x509/allow/dns | \"a\" | a list",
                "{'x509':{'allow':{'dns':[5]}}} | /x509/allow/dns/0 | 5 | a text",
                "{'x509':{'allow':[]}} | /x509/allow | a list | an object",
                "{'x509':{'allowWildcardNames':'yes'}} | /x509/allowWildcardNames | \"yes\" | true or false",
                "{'x509':{'alow':{}}} | /x509/alow | not known | \"allow\"",
                "{'x509':{'allow':{'DNSes':[]}}} | /x509/allow/DNSes | not known | \"dns\"",
                "{'x.509':{}} | /x.509 | not known | \"x509\"",
                "{'ssh':{'host':{'allow':{'dns':['*']}}}} | /ssh/host/allow/dns/0 | \"*\" | \"a.example\"",
                "{'ssh':{'user':{'deny':{'principals':[]}}}} | /ssh/user/deny/principals | not known | \"principal\"",
                "[] | '' | a list | an object"
            })
    void what_cannot_be_read_stops_the_start_and_is_named_with_its_place(
            String policy, String pointer, String found, String allowed) {
        ConfigResult<CaConfig> ofAuthority = authority(policy);
        assertThat(ofAuthority.config()).isEmpty();
        assertThat(ofAuthority.problems())
                .filteredOn(p -> p.severity() == ConfigProblem.Severity.ERROR)
                .singleElement()
                .satisfies(p -> {
                    assertThat(p.pointer()).isEqualTo("/authority/policy" + pointer);
                    assertThat(p.found()).contains(found);
                    assertThat(p.allowed()).contains(allowed);
                });
        ConfigResult<ChanceryConfig> ofProvisioner = provisioner("web", policy);
        assertThat(ofProvisioner.config()).isEmpty();
        assertThat(ofProvisioner.problems())
                .extracting(ConfigProblem::pointer)
                .contains("/provisioners/web/policy" + pointer);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'x509':{'deny':{'cn':['a']}}} | /authority/policy/x509/deny/cn",
                "{'x509':{'deny':{'email':['Bob@a.example']}}} | /authority/policy/x509/deny/email",
                "{'ssh':{'user':{'allow':{'principal':['*']}}}} | /authority/policy/ssh"
            })
    void a_rule_that_does_less_than_it_seems_is_warned_of(String policy, String pointer) {
        ConfigResult<CaConfig> result = authority(policy);
        assertThat(result.config()).isPresent();
        assertThat(result.problems()).singleElement().satisfies(p -> {
            assertThat(p.severity()).isEqualTo(ConfigProblem.Severity.WARNING);
            assertThat(p.pointer()).isEqualTo(pointer);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "web, '', ''",
        "mail/b, '', ''",
        "wep, /provisioners/wep, did you mean \"web\"?",
        "Web, /provisioners/Web, did you mean \"web\"?",
        "elsewhere, /provisioners/elsewhere, 'one of web, mail/b'",
        "mail/c, /provisioners/mail~1c, did you mean \"mail/b\"?"
    })
    void a_policy_for_a_provisioner_that_is_not_there_is_an_error_with_the_nearest_name(
            String name, String pointer, String allowed) {
        CaConfig ca = authority("{}").config().orElseThrow();
        ChanceryConfig chancery = provisioner(name, "{}").config().orElseThrow();
        List<ConfigProblem> problems = ProvisionerNames.check("chancery.json", ca, chancery);
        if (pointer.isEmpty()) {
            assertThat(problems).isEmpty();
        } else {
            assertThat(problems)
                    .containsExactly(new ConfigProblem(
                            "chancery.json",
                            pointer,
                            "the name of no provisioner in ca.json",
                            allowed,
                            ConfigProblem.Severity.ERROR));
        }
    }
}
