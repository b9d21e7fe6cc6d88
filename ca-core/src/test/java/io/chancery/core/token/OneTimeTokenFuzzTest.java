package io.chancery.core.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.chancery.core.TestCa;
import io.chancery.core.TestCsr;
import io.chancery.core.TestKeys;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.PreparedIssuance;
import io.chancery.core.issuance.SignCommand;
import io.chancery.core.issuance.StepIssuance;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;

/** An input of two lines is header and payload, and gets the provisioner's signature; any other is a token as it is. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class OneTimeTokenFuzzTest {
    private static final StepIssuance ISSUANCE = TestCa.issuance();
    private static final SerialNumber SERIAL = new SerialNumber(BigInteger.ONE.shiftLeft(100));
    private static final SignCommand COMMAND =
            new SignCommand(TestCsr.of("Ed25519", "", List.of()), "", Optional.empty(), Optional.empty());

    @FuzzTest(maxDuration = "10m")
    void any_token_buys_a_well_formed_certificate_or_is_refused_in_typed_words(byte[] data) throws Exception {
        String text = new String(data, StandardCharsets.UTF_8);
        String[] lines = text.split("\n", -1);
        String token = lines.length == 2 ? TestCa.token(lines[0], lines[1]) : text;
        readAlone(token);
        try {
            PreparedIssuance prepared = ISSUANCE.prepare(
                    new SignCommand(COMMAND.csr(), token, Optional.empty(), Optional.empty()), TestCa.NOW, SERIAL);
            byte[] tbs = prepared.certificate().tbs().bytes();
            assertThat(TBSCertificate.getInstance(tbs).getEncoded(ASN1Encoding.DER))
                    .isEqualTo(tbs);
        } catch (CaException e) {
            assertThat(e.code())
                    .isIn(
                            ErrorCode.MALFORMED,
                            ErrorCode.TOKEN_INVALID,
                            ErrorCode.FORBIDDEN,
                            ErrorCode.PROVISIONER_DISABLED);
        }
    }

    private static void readAlone(String text) {
        try {
            OneTimeToken token = OneTimeToken.parse(text);
            assertThat(OneTimeToken.parse(text).useKey()).isEqualTo(token.useKey());
            String twin = text.substring(0, text.lastIndexOf('.') + 1) + "AAAA";
            assertThat(OneTimeToken.parse(twin).useKey()).isEqualTo(token.useKey());
            for (String kind : List.of("P-256", "P-521", "RSA-2048", "Ed25519")) {
                boolean unused = token.signedBy(TestKeys.of(kind).getPublic(), TestKeys.KEYS);
            }
        } catch (CaException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.TOKEN_INVALID);
        }
    }
}
