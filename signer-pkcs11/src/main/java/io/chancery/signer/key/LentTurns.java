package io.chancery.signer.key;

import io.chancery.cluster.signers.TokenTurns;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes turns at a token for a process that this one has started, and tells the grid for it: the other end of
 * {@link AskedTurns}. Keeps what that process says of why it could not sign; whatever else it writes is skipped. Closed by any thread.
 */
final class LentTurns implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LentTurns.class);
    private static final int LONGEST_LINE = 4_096;

    private final TokenTurns turns;
    private final InputStream questions;
    private final DataOutputStream answers;
    private Optional<TokenTurns.Turn> turn = Optional.empty();
    private boolean closed;
    private volatile Optional<String> reason = Optional.empty();

    LentTurns(TokenTurns turns, InputStream questions, OutputStream answers) {
        this.turns = turns;
        this.questions = questions;
        this.answers = new DataOutputStream(answers);
    }

    /** Answers until there are no more questions. Blocks; does not fail. */
    void serve() {
        try {
            for (Optional<String> line = line(); line.isPresent(); line = line()) {
                if (line.get().startsWith(AskedTurns.MARK)) {
                    answers.writeUTF(answer(List.of(
                            line.get().substring(AskedTurns.MARK.length()).split(" ", -1))));
                    answers.flush();
                } else if (line.get().startsWith(KeyProbeMain.MARK)) {
                    reason = Optional.of(line.get().substring(KeyProbeMain.MARK.length()));
                }
            }
        } catch (IOException | RuntimeException e) {
            LOG.atDebug().addKeyValue("reason", e.toString()).log("a process asks for no more turns");
        } finally {
            close();
        }
    }

    /** Why the process could not sign, as far as it has said so. */
    Optional<String> reason() {
        return reason;
    }

    private Optional<String> line() throws IOException {
        StringBuilder line = new StringBuilder();
        int next = questions.read();
        if (next < 0) {
            return Optional.empty();
        }
        for (; next >= 0 && next != '\n'; next = questions.read()) {
            if (line.length() < LONGEST_LINE) {
                line.append((char) next);
            }
        }
        return Optional.of(line.toString());
    }

    private String answer(List<String> words) {
        if (words.get(0).equals(AskedTurns.TAKE)) {
            take(
                    new String(HexFormat.of().parseHex(words.get(2)), StandardCharsets.UTF_8),
                    Duration.ofMillis(Long.parseLong(words.get(1))));
            return "";
        }
        TokenTurns.Turn mine = current();
        switch (words.get(0)) {
            case AskedTurns.REFUSAL -> {
                return mine.refusal().orElse("");
            }
            case AskedTurns.REFUSED -> mine.refused(words.get(1));
            case AskedTurns.ACCEPTED -> mine.accepted();
            case AskedTurns.CLOSE -> end();
            default -> throw new IllegalArgumentException("no such question: " + words.get(0));
        }
        return "";
    }

    private void take(String token, Duration patience) {
        TokenTurns.Turn taken = turns.take(token, patience);
        synchronized (this) {
            if (!closed) {
                turn = Optional.of(taken);
                return;
            }
        }
        taken.close();
        throw new IllegalStateException("the process has ended");
    }

    private synchronized TokenTurns.Turn current() {
        return turn.orElseThrow();
    }

    private void end() {
        Optional<TokenTurns.Turn> mine;
        synchronized (this) {
            mine = turn;
            turn = Optional.empty();
        }
        mine.ifPresent(TokenTurns.Turn::close);
    }

    /** What the process had not ended lasts until it ends by itself: a login may have been left behind, to be refused yet. */
    @Override
    public synchronized void close() {
        closed = true;
    }
}
