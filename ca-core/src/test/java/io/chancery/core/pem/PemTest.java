package io.chancery.core.pem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PemTest {
    private static final String BLOCK = "-----BEGIN X-----\nAQID\n-----END X-----\n";
    private static final Der CONTENT = Der.of(new byte[] {1, 2, 3});

    @Test
    void what_is_written_is_read_back_and_its_lines_have_64_characters() {
        Random random = new Random(7);
        for (int length : new int[] {0, 1, 47, 48, 49, 96, 1000}) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            PemBlock block = new PemBlock("CERTIFICATE", Map.of(), Der.of(bytes));
            assertThat(Pem.blocks(block.encode())).containsExactly(block);
            assertThat(block.encode().lines()).allMatch(l -> l.length() <= 64);
        }
    }

    @Test
    void text_around_the_blocks_and_Windows_line_ends_are_passed_over() {
        assertThat(Pem.blocks("hello\n" + BLOCK + "between\n" + BLOCK + "after"))
                .hasSize(2)
                .allMatch(b -> b.der().equals(CONTENT));
        assertThat(Pem.first(BLOCK.replace("\n", "\r\n")).orElseThrow().der()).isEqualTo(CONTENT);
        assertThat(Pem.first(BLOCK.strip()).orElseThrow().type()).isEqualTo("X");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-----BEGIN Y-----\nAQ",
                "-----BEGIN Y-----\n!\n-----END Y-----",
                "-----BEGIN Y-----\n-----END X-----"
            })
    void behind_the_first_block_a_broken_one_is_not_looked_at(String broken) {
        assertThat(Pem.first(BLOCK + broken).orElseThrow().der()).isEqualTo(CONTENT);
        assertThatThrownBy(() -> Pem.blocks(BLOCK + broken)).isInstanceOf(CaException.class);
        assertThatThrownBy(() -> Pem.first(broken)).isInstanceOf(CaException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hello", "-----BEGIN -----", "----BEGIN X----", "BEGIN X"})
    void a_text_without_a_block_has_none(String text) {
        assertThat(Pem.first(text)).isEmpty();
    }

    @Test
    void the_headers_of_old_key_files_are_read() {
        PemBlock block = Pem.first(
                        "-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAQID\n-----END X-----")
                .orElseThrow();
        assertThat(block.headers())
                .containsOnly(Map.entry("Proc-Type", "4,ENCRYPTED"), Map.entry("DEK-Info", "AES-256-CBC,00"));
        assertThat(block.der()).isEqualTo(CONTENT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-----BEGIN X-----\nAQID\n",
                "-----BEGIN X-----",
                "-----BEGIN X-----\nAQID\n-----END Y-----",
                "-----BEGIN X-----\nA*ID\n-----END X-----",
                "-----BEGIN X-----\nAQIDA\n-----END X-----",
                "-----BEGIN X-----\nＡQID\n-----END X-----",
                "-----BEGIN X-----\nAQID\n-----END X----"
            })
    void a_broken_block_is_malformed(String text) {
        assertThatThrownBy(() -> Pem.blocks(text))
                .isInstanceOfSatisfying(
                        CaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED));
    }
}
