package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.der.Sha256;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nodes that would decide alike have the same hash, and no others. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class WhoGetsWhatTest {
    private static final String CA =
            "{\"address\":\":1\",\"authority\":{\"claims\":{\"a\":1,\"b\":2},\"policy\":{\"x509\":{\"allow\":{\"dns\":[\"a.example\"]}}}}}";
    private static final String CHANCERY =
            "{\"provisioners\":{\"p\":{\"policy\":{\"x509\":{\"deny\":{\"dns\":[\"b.example\"]}}},\"webhooks\":{\"h\":{\"secretFile\":\"x\"}}}}}";

    private static Sha256 hash(String ca, String chancery) {
        return WhoGetsWhat.hash(ca, chancery);
    }

    @Test
    void places_and_the_order_of_members_make_no_difference() {
        assertThat(hash(
                        CA.replace("\":1\"", "\":2\"").replace("\"a\":1,\"b\":2", "\"b\":2, \"a\":1"),
                        CHANCERY.replace("\"x\"", "\"y\"")))
                .isEqualTo(hash(CA, CHANCERY));
    }

    @ParameterizedTest(name = "{0} for {1}")
    @CsvSource({"a.example,c.example", "allow,deny", "'\"a\":1','\"a\":3'", "b.example,d.example", "'\"p\":','\"q\":'"})
    void a_difference_in_claims_or_policies_is_one(String words, String others) {
        assertThat(hash(CA.replace(words, others), CHANCERY.replace(words, others)))
                .isNotEqualTo(hash(CA, CHANCERY));
    }

    @Test
    void a_difference_in_lint_is_one() {
        assertThat(hash(CA, "{\"certificates\":{\"lint\":{\"strict\":true}}}")).isNotEqualTo(hash(CA, "{}"));
    }
}
