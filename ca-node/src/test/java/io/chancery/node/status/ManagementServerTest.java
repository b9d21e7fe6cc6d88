package io.chancery.node.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.checkup.CheckUps;
import io.chancery.core.config.CaConfig;
import io.chancery.core.config.ChanceryConfig.Management;
import io.chancery.testing.Answers;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.junit5.VertxExtension;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Where it listens; what it says is seen in real processes. */
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
        int port = Answers.of(server.listen(new Management(new CaConfig.HostPort("127.0.0.1", 0), true)))
                .actualPort();
        HttpClientResponse answer = Answers.of(vertx.createHttpClient()
                .request(HttpMethod.GET, port, "127.0.0.1", "/cluster/doctor")
                .compose(HttpClientRequest::send));
        assertThat(answer.statusCode()).isEqualTo(500);
    }
}
