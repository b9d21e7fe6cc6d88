package io.chancery.signer.admin;

import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** The process of {@link PinCheck}: reads a URI in a line, then a PIN, logs in once and ends. */
final class PinCheckMain {
    static final int ACCEPTED = 0;
    static final int REFUSED = 3;
    static final int UNKNOWN = 4;

    private PinCheckMain() {}

    public static void main(String[] args) {
        System.exit(run(System.in));
    }

    private static int run(InputStream in) {
        try {
            byte[] octets = in.readAllBytes();
            int line = 0;
            while (line < octets.length && octets[line] != '\n') {
                line++;
            }
            Pkcs11Uri uri = Pkcs11Uri.parse(new String(octets, 0, line, StandardCharsets.UTF_8));
            CharBuffer chars =
                    StandardCharsets.UTF_8.decode(ByteBuffer.wrap(octets, line + 1, octets.length - line - 1));
            Arrays.fill(octets, (byte) 0);
            try (Secret pin = Secret.of(chars);
                    TokenSession session = TokenSession.open(uri, Optional.of(pin))) {
                return session.token().initialised() ? ACCEPTED : UNKNOWN;
            } finally {
                Arrays.fill(chars.array(), '\0');
            }
        } catch (HsmException e) {
            System.out.println(e.getMessage());
            return e.kind() == HsmException.Kind.PIN_REFUSED ? REFUSED : UNKNOWN;
        } catch (IOException | RuntimeException e) {
            System.out.println(e.getMessage());
            return UNKNOWN;
        }
    }
}
