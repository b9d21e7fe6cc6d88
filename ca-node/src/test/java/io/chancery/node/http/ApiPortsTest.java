package io.chancery.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.testing.Answers;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who serves at the port that clients use. */
@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class ApiPortsTest {
    private static final int EACH = 3;
    private static final int SOCKET_MILLIS = 20_000;

    @Test
    void every_event_loop_serves_as_many_connections_as_any_other(Vertx vertx) throws Exception {
        HttpApi api = new HttpApi(
                router -> router.get("/loop")
                        .handler(ctx -> Answer.send(
                                ctx, 200, "text/plain", Thread.currentThread().getName())),
                RunningApi.PATIENT,
                List.of(),
                InstantSource.system(),
                Duration.ofSeconds(20));
        int port = Answers.of(new ApiPorts(vertx, api)
                .open(new HttpServerOptions().setHost("127.0.0.1").setPort(0)));
        int loops = VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE;
        Map<String, Integer> served = new HashMap<>();
        for (int i = 0; i < EACH * loops; i++) {
            int now = served.merge(loop(port), 1, Integer::sum);
            assertThat(now).isLessThanOrEqualTo(EACH);
        }
        assertThat(served).hasSize(loops);
    }

    /** Which one answers on a connection of its own. */
    private static String loop(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(SOCKET_MILLIS);
            socket.getOutputStream()
                    .write("GET /loop HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answer).startsWith("HTTP/1.1 200 ");
            return answer.substring(answer.indexOf("\r\n\r\n")).strip();
        }
    }
}
