package io.chancery.signer.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class KeyAttributesTest {
    private static final long SENSITIVE = 0x103; // CKA_SENSITIVE
    private static final long EXTRACTABLE = 0x162; // CKA_EXTRACTABLE

    @Test
    void a_key_that_does_not_say_whether_it_is_extractable_counts_as_weak() {
        KeyAttributes told = KeyAttributes.of(type -> type == EXTRACTABLE ? Optional.empty() : Optional.of(sure(type)));
        assertThat(told.extractable()).isTrue();
        assertThat(told.weaknesses()).singleElement().asString().contains("extractable");
        assertThat(KeyAttributes.of(type -> Optional.empty()).weaknesses()).hasSize(2);
        assertThat(KeyAttributes.of(type -> Optional.of(sure(type))).weaknesses())
                .isEmpty();
    }

    private static boolean sure(long type) {
        return type == SENSITIVE;
    }
}
