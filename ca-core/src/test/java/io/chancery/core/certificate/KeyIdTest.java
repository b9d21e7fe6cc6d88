package io.chancery.core.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class KeyIdTest {
    @Test
    void ids_have_an_order_so_that_a_map_of_many_with_one_hash_is_still_quick() {
        TreeSet<KeyId> ordered = new TreeSet<>();
        Stream.of("f", "0", "a", "0").map(digit -> new KeyId(digit.repeat(32))).forEach(ordered::add);
        assertThat(ordered)
                .containsExactly(new KeyId("0".repeat(32)), new KeyId("a".repeat(32)), new KeyId("f".repeat(32)));
    }
}
