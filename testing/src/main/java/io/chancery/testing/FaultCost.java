package io.chancery.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What rounds of one kind of fault cost, as one line of a fixed form: {@code ./run faults} makes a table of these lines. One thread. */
public final class FaultCost {
    private final String fault;
    private final List<Long> detected = new ArrayList<>();
    private final List<Long> recovered = new ArrayList<>();
    private long failed;
    private long retried;

    /** @param fault in words, without a colon */
    public FaultCost(String fault) {
        if (fault.contains(":")) {
            throw new IllegalArgumentException("the name of a fault has no colon: " + fault);
        }
        this.fault = fault;
    }

    public String fault() {
        return fault;
    }

    /**
     * One round that has ended well.
     *
     * @param detected nanoseconds from the fault to its being felt
     * @param recovered nanoseconds from its end to what works again
     */
    public void round(long detected, long recovered) {
        this.detected.add(detected);
        this.recovered.add(recovered);
    }

    /**
     * Requests of one round.
     *
     * @param failed that were declined or ended without an answer
     * @param retried that met the fault and were tried once more
     */
    public void requests(long failed, long retried) {
        this.failed += failed;
        this.retried += retried;
    }

    /** Median and most of both times in milliseconds, over the rounds so far. */
    public String line() {
        return "heal: " + fault + ": " + detected.size() + " rounds, detected after " + times(detected)
                + ", recovered after " + times(recovered) + " (median / most), failed " + failed + ", retried "
                + retried;
    }

    private static String times(List<Long> nanos) {
        if (nanos.isEmpty()) {
            return "- / - ms";
        }
        List<Long> sorted = nanos.stream().sorted().toList();
        return TimeUnit.NANOSECONDS.toMillis(sorted.get((sorted.size() - 1) / 2)) + " / "
                + TimeUnit.NANOSECONDS.toMillis(sorted.get(sorted.size() - 1)) + " ms";
    }
}
