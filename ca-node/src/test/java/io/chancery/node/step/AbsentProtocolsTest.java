package io.chancery.node.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.node.http.AnsweredRequest;
import io.chancery.node.http.ApiPorts;
import io.chancery.node.http.HttpApi;
import io.chancery.node.http.RequestRules;
import io.chancery.testing.Answers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.junit5.VertxExtension;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients of what this CA does not do are told so in a form that they read. */
@ExtendWith(VertxExtension.class)
@Timeout(60)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class AbsentProtocolsTest {
    private final HttpClient client = HttpClient.newHttpClient();
    private final BlockingQueue<AnsweredRequest> answered = new LinkedBlockingQueue<>();
    private int port;

    @BeforeEach
    void start(Vertx vertx) throws Exception {
        HttpApi api = new HttpApi(
                router -> {
                    SshApi.mountOn(router);
                    AcmeApi.mountOn(router);
                },
                new RequestRules(Duration.ofSeconds(20), 10, Optional.empty(), Optional.empty()),
                List.of(answered::add),
                InstantSource.system(),
                Duration.ofSeconds(20));
        Future<Integer> open = new ApiPorts(vertx, api)
                .open(new HttpServerOptions().setHost("127.0.0.1").setPort(0));
        port = Answers.of(open);
    }

    private HttpResponse<String> send(String method, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .version(HttpClient.Version.HTTP_1_1)
                .method(method, HttpRequest.BodyPublishers.ofString(method.equals("POST") ? "{}" : ""))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void no_ssh_certificate_is_signed() throws Exception {
        for (String prefix : List.of("", "/1.0")) {
            for (String path : List.of("/ssh/sign", "/sign-ssh", "/ssh/renew", "/ssh/rekey", "/ssh/revoke")) {
                HttpResponse<String> answer = send("POST", prefix + path);
                assertThat(answer.statusCode()).as(path).isEqualTo(501);
                assertThat(answer.body())
                        .as(path)
                        .startsWith("{\"status\":501,\"message\":\"The requested method is not implemented");
            }
        }
    }

    @Test
    void there_are_no_ssh_keys_and_no_hosts() throws Exception {
        for (String path : List.of("/ssh/roots", "/ssh/federation", "/1.0/ssh/roots")) {
            HttpResponse<String> answer = send("GET", path);
            assertThat(answer.statusCode()).as(path).isEqualTo(404);
            assertThat(answer.body()).as(path).startsWith("{\"status\":404,\"message\":\"The requested resource could");
        }
        for (String path : List.of("/ssh/config", "/ssh/config/user", "/ssh/bastion")) {
            assertThat(send("POST", path).body()).as(path).startsWith("{\"status\":404,");
        }
        assertThat(send("GET", "/ssh/hosts").body()).isEqualTo("{\"hosts\":[]}\n");
        assertThat(send("GET", "/ssh/get-hosts").body()).isEqualTo("{\"hosts\":[]}\n");
        assertThat(send("POST", "/ssh/check-host").body()).isEqualTo("{\"exists\":false}\n");
        assertThat(send("GET", "/ssh/sign").statusCode()).isEqualTo(405);
        assertThat(send("GET", "/ssh/none").body()).isEqualTo("404 page not found\n");
    }

    @Test
    void acme_clients_get_a_problem_document() throws Exception {
        for (String path : List.of("/acme/acme/directory", "/2.0/acme/acme/directory", "/acme/acme/new-order")) {
            for (String method : List.of("GET", "POST")) {
                HttpResponse<String> answer = send(method, path);
                assertThat(answer.statusCode()).as(path).isEqualTo(501);
                assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
                assertThat(answer.body())
                        .as(path)
                        .contains("\"type\":\"urn:ietf:params:acme:error:", "does not speak ACME yet");
            }
        }
        assertThat(answered.poll(20, TimeUnit.SECONDS))
                .extracting(request -> request.context().facts().route())
                .isEqualTo("/acme");
        assertThat(send("GET", "/acme").body()).isEqualTo("404 page not found\n");
    }
}
