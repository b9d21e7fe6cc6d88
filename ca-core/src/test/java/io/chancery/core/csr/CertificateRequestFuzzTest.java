package io.chancery.core.csr;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.chancery.core.TestKeys;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.name.SubjectAltName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.KeyPair;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1Encoding;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;

/**
 * An input that starts with a SEQUENCE is a request as it is. Any other is a length octet, so many octets of subject,
 * and the attributes, put around a key and signed with it: a reader that wants a good signature is seen from inside.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class CertificateRequestFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void any_bytes_are_a_request_whose_names_encode_or_are_refused_in_typed_words(byte[] data) throws Exception {
        try {
            Der der = data.length > 0 && data[0] != 0x30 ? signed(data) : Der.of(data);
            CertificateRequest request = CertificateRequest.read(der, TestKeys.KEYS);
            assertThat(request.key().getEncoded()).isEqualTo(request.keyInfo().getEncoded());
            for (SubjectAltName name : request.names()) {
                try {
                    assertThat(name.generalName().getEncoded(ASN1Encoding.DER)).isNotEmpty();
                } catch (CaException e) {
                    // A NUL, or an escape that names an octet beyond ASCII: read, compared, never certified.
                    assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED);
                }
            }
        } catch (CaException e) {
            assertThat(e.code()).isIn(ErrorCode.MALFORMED, ErrorCode.BAD_CSR, ErrorCode.BAD_KEY);
        }
    }

    private static Der signed(byte[] data) throws IOException {
        KeyPair pair = TestKeys.of("Ed25519");
        int split = Math.min(1 + (data[0] & 0xff), data.length);
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        members.writeBytes(new byte[] {2, 1, 0});
        members.writeBytes(Arrays.copyOfRange(data, 1, split));
        members.writeBytes(pair.getPublic().getEncoded());
        members.writeBytes(Arrays.copyOfRange(data, split, data.length));
        byte[] info = sequence(members.toByteArray());
        byte[] signature = TestKeys.sign("Ed25519", pair.getPrivate(), info);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(info);
        all.writeBytes(SignatureScheme.ED25519.identifier().getEncoded());
        all.writeBytes(new byte[] {3, (byte) (signature.length + 1), 0});
        all.writeBytes(signature);
        return Der.of(sequence(all.toByteArray()));
    }

    private static byte[] sequence(byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0x30);
        if (content.length < 0x80) {
            out.write(content.length);
        } else if (content.length < 0x100) {
            out.writeBytes(new byte[] {(byte) 0x81, (byte) content.length});
        } else if (content.length < 0x10000) {
            out.writeBytes(new byte[] {(byte) 0x82, (byte) (content.length >> 8), (byte) content.length});
        } else {
            out.writeBytes(new byte[] {
                (byte) 0x83, (byte) (content.length >> 16), (byte) (content.length >> 8), (byte) content.length
            });
        }
        out.writeBytes(content);
        return out.toByteArray();
    }
}
