package io.chancery.cli.hsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cli.UsageException;
import io.chancery.core.secret.Secret;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PinSourceTest {
    private static Secret typed(String... lines) throws UsageException {
        Iterator<String> left = List.of(lines).iterator();
        return PinSource.askedTwice(prompt -> left.hasNext() ? left.next().toCharArray() : null, "new PIN");
    }

    @Test
    void a_new_PIN_is_typed_twice_alike() throws Exception {
        try (Secret pin = typed("1234", "1234")) {
            assertThat(pin.chars()).containsExactly('1', '2', '3', '4');
        }
        assertThatThrownBy(() -> typed("1234", "1243"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("new PIN: the two that were typed differ")
                .hasMessageNotContaining("12");
        assertThatThrownBy(() -> typed("1234"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("no terminal");
    }
}
