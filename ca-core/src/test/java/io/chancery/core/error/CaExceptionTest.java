package io.chancery.core.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CaExceptionTest {
    @Test
    void a_hidden_reason_is_for_the_log_alone() {
        CaException e = CaException.hidden(ErrorCode.TOKEN_INVALID, "why");
        assertThat(e.publicDetail()).isEmpty();
        assertThat(e).hasMessage("why");
        assertThat(CaException.of(ErrorCode.FORBIDDEN, "what").publicDetail()).isEqualTo("what");
    }

    @Test
    void only_a_fault_of_ours_has_a_stack_trace() {
        assertThat(CaException.of(ErrorCode.BAD_CSR, "x").getStackTrace()).isEmpty();
        assertThat(CaException.hidden(ErrorCode.INTERNAL, "x", new IllegalStateException())
                        .getStackTrace())
                .isNotEmpty();
    }
}
