package io.chancery.loadtest;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.during;
import static io.gatling.javaapi.core.CoreDsl.feed;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.jsonPath;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.Simulation;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;

/**
 * A number of clients, each on a connection of its own, that ask for one certificate after another. It fails when a
 * single request does, or when more than one in a hundred is slower than the limit.
 */
public final class IssuanceSimulation extends Simulation {
    /** Gatling makes it; the settings are those of {@link LoadSettings#fromSystemProperties()}. */
    public IssuanceSimulation() throws IOException, InterruptedException, GeneralSecurityException {
        LoadSettings settings = LoadSettings.fromSystemProperties();
        SignRequests requests = new SignRequests(settings, new ProvisionerKeys(settings).find());
        SetUp unused = setUp(scenario("issuance")
                        .exec(during(Duration.ofSeconds(settings.seconds()))
                                .on(
                                        feed(requests),
                                        http("sign")
                                                .post("/1.0/sign")
                                                .body(StringBody("#{" + SignRequests.BODY + "}"))
                                                .asJson()
                                                .check(
                                                        status().is(201),
                                                        jsonPath("$.crt").exists(),
                                                        jsonPath("$.certChain[1]")
                                                                .exists())))
                        .injectOpen(atOnceUsers(settings.clients())))
                .protocols(http.baseUrl(settings.url()).disableWarmUp())
                .assertions(
                        global().failedRequests().count().is(0L),
                        global().successfulRequests().count().gte((long) settings.clients()),
                        global().responseTime().percentile(99).lt(settings.p99Millis()));
    }
}
