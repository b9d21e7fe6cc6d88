package io.chancery.core.renewal;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.chancery.core.TestCa;
import io.chancery.core.certificate.PresentedCertificate;
import io.chancery.core.chain.ClientCertificate;
import io.chancery.core.crl.TbsCrl;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;

/** Whatever a stranger sends where a renew token, a certificate or a list is read. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class RenewTokenFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void any_token_is_read_or_refused_in_typed_words(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        String[] lines = text.split("\n", -1);
        String token = lines.length == 2 ? TestCa.token(lines[0], lines[1]) : text;
        try {
            assertThat(RenewToken.parse(token, (leaf, others) -> ClientCertificate.underKnown(leaf, false))
                            .certificate()
                            .serial())
                    .isNotNull();
        } catch (CaException e) {
            assertThat(e.code()).isIn(ErrorCode.RENEW_TOKEN_INVALID, ErrorCode.MALFORMED);
        }
    }

    @FuzzTest(maxDuration = "10m")
    void any_bytes_are_a_certificate_or_refused_in_typed_words(byte[] data) {
        try {
            assertThat(PresentedCertificate.parse(Der.of(data)).names()).isNotNull();
        } catch (CaException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED);
        }
    }

    @FuzzTest(maxDuration = "10m")
    void any_bytes_are_a_list_or_no_argument_for_one(byte[] data) {
        try {
            assertThat(TbsCrl.parse(data).entries()).isNotNegative();
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }
}
