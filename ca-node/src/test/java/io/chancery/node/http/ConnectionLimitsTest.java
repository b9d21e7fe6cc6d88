package io.chancery.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** Many clients together hold no more of an event loop than they may. */
@ExtendWith(VertxExtension.class)
@Timeout(60)
@DisplayNameGeneration(ReplaceUnderscores.class)
class ConnectionLimitsTest {
    private static final String ASK = "GET /ok HTTP/1.1\r\nHost: x\r\n\r\n";
    private static final String ANSWERED = "\r\n\r\nok";
    private static final long PLENTY = 100_000_000;

    @Test
    void one_connection_too_many_is_closed_and_the_others_are_served(Vertx vertx) throws Exception {
        RunningApi running = RunningApi.limitedOn(vertx, 2, PLENTY);
        try (RunningApi.Client first = running.connect();
                RunningApi.Client second = running.connect()) {
            for (RunningApi.Client each : List.of(first, second)) {
                each.say(ASK);
                assertThat(each.until(ANSWERED)).startsWith("HTTP/1.1 200 ");
            }
            try (RunningApi.Client third = running.connect()) {
                third.say(ASK);
                assertThat(third.untilTheEnd()).doesNotContain("HTTP/1.1");
            }
            second.say(ASK);
            assertThat(second.until(ANSWERED)).startsWith("HTTP/1.1 200 ");
        }
        // Their places are free as soon as the loop has heard that they went.
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        String answer;
        do {
            answer = running.answerTo("GET /ok HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        } while (!answer.startsWith("HTTP/1.1 200 ") && System.nanoTime() - end < 0);
        assertThat(answer).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void of_clients_that_do_not_read_the_one_that_holds_most_is_hung_up_on_before_it_fills_the_memory(Vertx vertx)
            throws Exception {
        RunningApi running = RunningApi.limitedOn(vertx, 100, 20L * RunningApi.BIG.length());
        try (HungUp hungUp = HungUp.count(1);
                RunningApi.Client few = running.connect();
                RunningApi.Client many = running.connect();
                RunningApi.Client reads = running.connect()) {
            few.socket().getOutputStream().write(asksAndTakesNothing(5));
            many.socket().getOutputStream().write(asksAndTakesNothing(50));
            assertThat(hungUp.times.await(15, TimeUnit.SECONDS)).isTrue();
            reads.say(ASK);
            assertThat(reads.until(ANSWERED)).startsWith("HTTP/1.1 200 ");
            assertThat(hungUp.octets).allMatch(octets -> octets > 10L * RunningApi.BIG.length());
        }
    }

    /** HTTP/2 with prior knowledge (RFC 9113 s. 3.3): a client whose windows have no room for any answer. */
    private static byte[] asksAndTakesNothing(int times) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        said.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        said.writeBytes(frame(4, 0, 0, HexFormat.of().parseHex("000400000000"))); // SETTINGS: INITIAL_WINDOW_SIZE 0
        // RFC 7541: GET and http of the static table, path and authority as they are
        byte[] headers = HexFormat.of().parseHex("8286" + "0404" + "2f626967" + "0101" + "78");
        for (int i = 0; i < times; i++) {
            said.writeBytes(frame(1, 5, 2 * i + 1, headers)); // HEADERS with END_HEADERS and END_STREAM
        }
        return said.toByteArray();
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** Counts the lines that tell of it. */
    private static final class HungUp extends AppenderBase<ILoggingEvent> implements AutoCloseable {
        private static final Logger WATCH = (Logger) LoggerFactory.getLogger(ConnectionWatch.class);
        final CountDownLatch times;
        final Queue<Long> octets = new ConcurrentLinkedQueue<>();

        private HungUp(int times) {
            this.times = new CountDownLatch(times);
        }

        static HungUp count(int times) {
            HungUp counting = new HungUp(times);
            counting.start();
            WATCH.addAppender(counting);
            return counting;
        }

        @Override
        protected void append(ILoggingEvent event) {
            if (event.getMessage().startsWith("a client that does not read")) {
                octets.add((Long) event.getKeyValuePairs().get(0).value);
                times.countDown();
            }
        }

        @Override
        public void close() {
            WATCH.detachAppender(this);
            stop();
        }
    }
}
