package io.chancery.cli.hsm;

import io.chancery.cli.UsageException;
import io.chancery.core.secret.Secret;
import java.io.Console;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where a PIN or password comes from: {@code file:PATH}, {@code env:NAME}, {@code fd:NUMBER} or {@code prompt}. What is
 * read is kept in memory that is wiped; only the first line counts, without white space at its end.
 */
public final class PinSource {
    public static final String FORMS = "file:PATH, env:NAME, fd:NUMBER (one line each) or prompt";
    private static final int MAX_OCTETS = 1024;

    private PinSource() {}

    /**
     * @param source in one of the forms; null asks on the terminal
     * @param what for messages and the prompt, such as "PIN of token x"
     */
    public static Secret read(@Nullable String source, String what) throws UsageException {
        if (source == null || source.equals("prompt")) {
            return prompt(what);
        }
        int colon = source.indexOf(':');
        String value = source.substring(colon + 1);
        return switch (colon < 0 ? "" : source.substring(0, colon)) {
            case "file" -> stream(value, what);
            case "fd" -> {
                if (!value.matches("[0-9]{1,4}")) {
                    throw new UsageException(what + ": fd: is followed by a number");
                }
                yield stream("/dev/fd/" + value, what);
            }
            case "env" -> environment(value, what);
            // Not shown: somebody may have written the PIN itself.
            default -> throw new UsageException(what + ": where it is to be read from is written as " + FORMS);
        };
    }

    private static Secret environment(String name, String what) throws UsageException {
        String value = System.getenv(name);
        if (value == null || value.isEmpty()) {
            throw new UsageException(what + ": the environment has no " + name);
        }
        return Secret.of(value);
    }

    private static Secret stream(String path, String what) throws UsageException {
        byte[] octets = new byte[MAX_OCTETS];
        try (InputStream in = new FileInputStream(path)) {
            int length = 0;
            // One by one: what follows the line may be another's, as a second PIN on the same descriptor.
            for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
                if (length == MAX_OCTETS) {
                    throw new UsageException(what + ": the line in " + path + " is longer than " + MAX_OCTETS);
                }
                octets[length++] = (byte) octet;
            }
            while (length > 0 && octets[length - 1] <= ' ' && octets[length - 1] >= 0) {
                length--;
            }
            if (length == 0) {
                throw new UsageException(what + ": " + path + " has nothing in its first line");
            }
            return decoded(octets, length);
        } catch (CharacterCodingException e) {
            throw new UsageException(what + ": " + path + " is not UTF-8");
        } catch (IOException e) {
            throw new UsageException(what + ": cannot read " + path);
        } finally {
            Arrays.fill(octets, (byte) 0);
        }
    }

    private static Secret decoded(byte[] octets, int length) throws CharacterCodingException {
        CharBuffer chars = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets, 0, length));
        Secret secret = Secret.of(chars);
        Arrays.fill(chars.array(), '\0');
        return secret;
    }

    @SuppressWarnings("SystemConsoleNull") // from JDK 22 on there is one without a terminal; it reads end of file, null
    private static Secret prompt(String what) throws UsageException {
        Console console = System.console();
        char[] typed = console == null ? null : console.readPassword("%s: ", what);
        if (typed == null) {
            throw new UsageException(what + ": there is no terminal to ask on; say where it is: " + FORMS);
        }
        Secret secret = Secret.of(CharBuffer.wrap(typed));
        Arrays.fill(typed, '\0');
        return secret;
    }
}
