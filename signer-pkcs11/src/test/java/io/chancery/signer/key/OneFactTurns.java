package io.chancery.signer.key;

import io.chancery.cluster.signers.TokenTurns;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A cluster whose nodes see one fact about every token; each turn at it is had at once, and all calls are written down. */
final class OneFactTurns implements TokenTurns, TokenTurns.Turn {
    final AtomicInteger taken = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    volatile Optional<String> fact = Optional.empty();
    /** Whether nobody hears of a refusal. */
    volatile boolean deaf;

    @Override
    public Turn take(String token, Duration patience) {
        int unused = taken.incrementAndGet();
        calls.add("take " + token + " " + patience.toMillis());
        return this;
    }

    @Override
    public Optional<String> refusal() {
        return fact;
    }

    @Override
    public void refused(String id) {
        calls.add("refused " + id);
        fact = deaf ? fact : Optional.of(id);
    }

    @Override
    public void accepted() {
        calls.add("accepted");
        fact = Optional.empty();
    }

    @Override
    public void close() {
        int unused = closed.incrementAndGet();
        calls.add("close");
    }
}
