package io.chancery.signer.key;

import io.chancery.cluster.signers.TokenTurns;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Turns of a process that is in no grid, asked of the one that has started it: {@link LentTurns} answers. A line with
 * {@link #MARK} goes out for each question, as a library may write to the same output; each answer is a string. One thread
 * at a time. Unlike others, they fail with AWAY when nobody answers: then no PIN may be tried.
 */
final class AskedTurns implements TokenTurns {
    static final String MARK = "chancery-turn ";
    static final String TAKE = "take";
    static final String REFUSAL = "refusal";
    static final String REFUSED = "refused";
    static final String ACCEPTED = "accepted";
    static final String CLOSE = "close";

    private final DataInputStream answers;
    private final OutputStream questions;

    AskedTurns(DataInputStream answers, OutputStream questions) {
        this.answers = answers;
        this.questions = questions;
    }

    @Override
    public Turn take(String token, Duration patience) {
        String hex = HexFormat.of().formatHex(token.getBytes(StandardCharsets.UTF_8));
        String unused = ask(TAKE + " " + patience.toMillis() + " " + hex);
        return new Asked();
    }

    private String ask(String question) {
        try {
            questions.write(("\n" + MARK + question + "\n").getBytes(StandardCharsets.UTF_8));
            questions.flush();
            return answers.readUTF();
        } catch (IOException e) {
            throw SigningKeyException.away("the process that asked is gone");
        }
    }

    private final class Asked implements Turn {
        @Override
        public Optional<String> refusal() {
            return Optional.of(ask(REFUSAL)).filter(id -> !id.isEmpty());
        }

        @Override
        public void refused(String id) {
            String unused = ask(REFUSED + " " + id);
        }

        @Override
        public void accepted() {
            String unused = ask(ACCEPTED);
        }

        @Override
        public void close() {
            String unused = ask(CLOSE);
        }
    }
}
