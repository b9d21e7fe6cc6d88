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
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a PIN or password comes from: {@code file:PATH}, {@code env:NAME}, {@code fd:NUMBER} or {@code prompt}. What is
 * read is kept in memory that is wiped; only the first line counts, without white space at its end. Of a descriptor each
 * reading takes the next line, for as long as the process lives.
 */
public final class PinSource {
    public static final String FORMS = "file:PATH, env:NAME, fd:NUMBER (one line each) or prompt";
    private static final String PROMPT = "prompt";
    private static final int MAX_OCTETS = 1024;
    /** What was opened of them, to read on from; never closed. */
    private static final Map<Integer, InputStream> DESCRIPTORS = new HashMap<>();

    private PinSource() {}

    /**
     * @param source in one of the forms; null asks on the terminal
     * @param what for messages and the prompt, such as "PIN of token x"
     */
    public static Secret read(@Nullable String source, String what) throws UsageException {
        return source == null || source.equals(PROMPT) ? asked(PinSource::typed, what) : given(source, what);
    }

    /** As above, of a PIN that is about to be set: on the terminal it is asked for twice. */
    public static Secret readNew(@Nullable String source, String what) throws UsageException {
        return source == null || source.equals(PROMPT) ? askedTwice(PinSource::typed, what) : given(source, what);
    }

    private static Secret given(String source, String what) throws UsageException {
        int colon = source.indexOf(':');
        String value = source.substring(colon + 1);
        return switch (colon < 0 ? "" : source.substring(0, colon)) {
            case "file" -> stream(value, what);
            case "fd" -> {
                if (!value.matches("[0-9]{1,4}")) {
                    throw new UsageException(what + ": fd: is followed by a number");
                }
                yield descriptor(Integer.parseInt(value), what);
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
        try (InputStream in = new FileInputStream(path)) {
            return line(in, path, what);
        } catch (IOException e) {
            throw new UsageException(what + ": cannot read " + path);
        }
    }

    /** The next line: opened anew, a descriptor of a regular file would begin with the first one again. */
    private static Secret descriptor(int number, String what) throws UsageException {
        String path = "/dev/fd/" + number;
        synchronized (DESCRIPTORS) {
            try {
                InputStream in = DESCRIPTORS.get(number);
                if (in == null) {
                    in = new FileInputStream(path);
                    DESCRIPTORS.put(number, in);
                }
                return line(in, path, what);
            } catch (IOException e) {
                throw new UsageException(what + ": cannot read " + path);
            }
        }
    }

    private static Secret line(InputStream in, String path, String what) throws IOException, UsageException {
        byte[] octets = new byte[MAX_OCTETS];
        try {
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
                throw new UsageException(what + ": " + path + " has nothing in the line that was read");
            }
            return decoded(octets, length);
        } catch (CharacterCodingException e) {
            throw new UsageException(what + ": " + path + " is not UTF-8");
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

    /** Asks, and hides what is typed. */
    interface Terminal {
        /** Null when there is nobody to ask. */
        char @Nullable [] ask(String prompt);
    }

    @SuppressWarnings("SystemConsoleNull") // from JDK 22 on there is one without a terminal; it reads end of file, null
    private static char @Nullable [] typed(String prompt) {
        Console console = System.console();
        return console == null ? null : console.readPassword("%s: ", prompt);
    }

    static Secret askedTwice(Terminal terminal, String what) throws UsageException {
        Secret first = asked(terminal, what);
        try (Secret second = asked(terminal, "once more, " + what)) {
            char[] one = first.chars();
            char[] other = second.chars();
            boolean same = Arrays.equals(one, other);
            Arrays.fill(one, '\0');
            Arrays.fill(other, '\0');
            if (!same) {
                throw new UsageException(what + ": the two that were typed differ; nothing was done");
            }
            return first;
        } catch (UsageException e) {
            first.close();
            throw e;
        }
    }

    private static Secret asked(Terminal terminal, String what) throws UsageException {
        char[] typed = terminal.ask(what);
        if (typed == null) {
            throw new UsageException(what + ": there is no terminal to ask on; say where it is: " + FORMS);
        }
        Secret secret = Secret.of(CharBuffer.wrap(typed));
        Arrays.fill(typed, '\0');
        return secret;
    }
}
