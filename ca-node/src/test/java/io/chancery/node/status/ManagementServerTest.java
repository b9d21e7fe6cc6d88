package io.chancery.node.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.checkup.CheckUps;
import io.chancery.core.config.CaConfig;
import io.chancery.core.config.ChanceryConfig.Management;
import io.chancery.testing.Answers;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.junit5.VertxExtension;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Where it listens, and that event loops stand still; what else it says is seen in real processes. */
@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class ManagementServerTest {
    @Test
    @SuppressWarnings("NullAway") // nobody asks it anything
    void the_usual_port_gives_way_to_another_process_and_a_configured_one_does_not(Vertx vertx) throws Exception {
        ManagementServer server = new ManagementServer(vertx, null, null, null, null);
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CaConfig.HostPort taken = new CaConfig.HostPort("127.0.0.1", other.getLocalPort());
            assertThat(Answers.of(server.listen(new Management(taken, false))).actualPort())
                    .isPositive()
                    .isNotEqualTo(taken.port());
            assertThat(Answers.failureOf(server.listen(new Management(taken, true))))
                    .isInstanceOf(BindException.class);
        }
    }

    @Test
    @SuppressWarnings("NullAway") // what is not there cannot be asked
    void who_asks_for_the_doctor_gets_an_answer_also_when_the_nodes_cannot_be_asked(Vertx vertx) throws Exception {
        ManagementServer server =
                new ManagementServer(vertx, null, null, null, new CheckUps(vertx.eventBus(), null, null));
        assertThat(get(vertx, server, "/cluster/doctor")).startsWith("500 ");
    }

    /** Status and body. */
    private static String get(Vertx vertx, ManagementServer server, String path) throws Exception {
        int port = Answers.of(server.listen(new Management(new CaConfig.HostPort("127.0.0.1", 0), true)))
                .actualPort();
        return Answers.of(vertx.createHttpClient()
                .request(HttpMethod.GET, port, "127.0.0.1", path)
                .compose(HttpClientRequest::send)
                .compose(answer -> answer.body().map(body -> answer.statusCode() + " " + body)));
    }

    @Test
    @SuppressWarnings("NullAway") // nobody asks for the rest
    void a_process_whose_event_loops_turn_is_live(Vertx vertx) throws Exception {
        assertThat(get(vertx, new ManagementServer(vertx, null, null, null, null), "/live"))
                .isEqualTo("200 {\"status\":\"ok\"}\n");
    }

    /** By a watch that hears of them once an hour, and is told to wait for a nanosecond. */
    @Test
    @SuppressWarnings("NullAway") // nobody asks for the rest
    void a_process_whose_event_loops_stand_still_is_not_live_and_says_how_many(Vertx vertx) throws Exception {
        LoopWatch still = new LoopWatch(Duration.ofHours(1), Duration.ofNanos(1));
        int all = VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE;
        assertThat(get(vertx, new ManagementServer(vertx, null, still, null, null, null), "/live"))
                .isEqualTo("503 {\"status\":\"unavailable\",\"reason\":\"" + all + " of " + all
                        + " event loops have not turned for 0 ms\"}\n");
    }
}
