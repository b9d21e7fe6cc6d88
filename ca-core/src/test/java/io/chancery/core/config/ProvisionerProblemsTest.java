package io.chancery.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.crypto.BouncyCastle;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.template.TemplateSources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ProvisionerProblemsTest {
    private static List<ConfigProblem> of(String provisioners) {
        CaConfig config = CaConfigReader.read(
                        "ca.json",
                        "{\"root\":\"r\",\"crt\":\"c\",\"key\":\"k\",\"address\":\":1\",\"authority\":{\"provisioners\":["
                                + provisioners + "]}}",
                        Path.of("/"),
                        Path.of("/"))
                .draft()
                .orElseThrow();
        return of(config, new PublicKeys(BouncyCastle.PROVIDER));
    }

    /** Those of a file that has no template files. */
    static List<ConfigProblem> of(CaConfig config, PublicKeys keys) {
        List<ConfigProblem> problems = new ArrayList<>();
        Provisioners unused = Provisioners.read(
                config.authority().provisioners(),
                config.authority().claims(),
                keys,
                TemplateSources.NONE,
                each -> problems.add(ProvisionerProblems.of("ca.json", each)));
        return problems;
    }

    @Test
    void all_that_is_wrong_in_all_of_them_is_told_at_its_place_with_what_is_allowed() {
        List<ConfigProblem> problems = of("{\"type\":\"X5C\",\"name\":\"a\",\"roots\":\"!\",\"options\":{\"x509\":"
                + "{\"template\":\"{\\n{{ nope\"},\"webhooks\":[{\"name\":\"h\",\"secret\":\"s3cr3t\"}]}},"
                + "{\"type\":\"K8sSA\",\"name\":\"b\",\"publicKeys\":5},"
                + "{\"type\":\"OIDC\",\"name\":\"c\",\"options\":{\"x509\":{\"template\":\"!\"}}},"
                + "{\"type\":\"JWK\",\"name\":\"d\",\"options\":{\"x509\":{\"templateFile\":\"none.tpl\"}}}");
        assertThat(problems)
                .extracting(ConfigProblem::pointer)
                .containsExactlyInAnyOrder(
                        "/authority/provisioners/0/options/x509/template",
                        "/authority/provisioners/0/roots",
                        "/authority/provisioners/0/options/webhooks/0/secret",
                        "/authority/provisioners/1/publicKeys",
                        "/authority/provisioners/2/options/x509/template",
                        "/authority/provisioners/3/options/x509/templateFile");
        assertThat(problems).allSatisfy(problem -> {
            assertThat(problem.severity()).isEqualTo(ConfigProblem.Severity.ERROR);
            assertThat(problem.found()).isNotBlank().doesNotContain("allowed", "s3cr3t", "\n");
            assertThat(problem.allowed()).isNotBlank();
        });
        assertThat(problems)
                .filteredOn(problem -> problem.pointer().endsWith("/0/options/x509/template"))
                .singleElement()
                .satisfies(problem -> assertThat(problem.found()).startsWith("line 2, column "));
    }

    @Test
    void what_can_be_served_or_is_listed_and_refuses_is_no_problem_and_two_with_one_id_are() {
        String acme = "{\"type\":\"ACME\",\"name\":\"a\",\"options\":{\"x509\":{\"template\":\"{{ nope\"}}}";
        String broken = "{\"type\":\"JWK\",\"name\":\"j\",\"options\":{\"webhooks\":[{\"name\":\"h\"}]}}";
        assertThat(of(acme + "," + broken)).as("as the start has it").isEmpty();
        String pods = "{\"type\":\"K8sSA\",\"name\":\"%s\"}";
        assertThat(of(pods.formatted("a") + "," + pods.formatted("b")))
                .singleElement()
                .satisfies(problem -> assertThat(problem.pointer()).isEqualTo("/authority/provisioners/1"));
    }

    @Test
    void what_is_wrong_covers_what_it_is_in_and_what_is_in_it_and_nothing_beside_it() {
        ConfigProblem problem = ConfigProblem.error("ca.json", "/a/1", "x", "y");
        for (String pointer : List.of("/a/1", "/a/1/b", "/a", "")) {
            assertThat(problem.covers(ConfigProblem.error("ca.json", pointer, "", "")))
                    .as(pointer)
                    .isTrue();
        }
        for (String pointer : List.of("/a/10", "/a/2", "/b")) {
            assertThat(problem.covers(ConfigProblem.error("ca.json", pointer, "", "")))
                    .as(pointer)
                    .isFalse();
        }
        assertThat(problem.covers(ConfigProblem.error("chancery.json", "/a/1", "", "")))
                .isFalse();
    }
}
