package io.chancery.cluster.mtls;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.ca.ClusterCa;
import io.chancery.cluster.join.ClusterMember;
import io.chancery.cluster.members.ClusterIdentity;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.core.config.CaConfig.HostPort;
import io.chancery.core.config.ChanceryConfig;
import io.chancery.core.der.Sha256;
import io.chancery.testing.Answers;
import io.chancery.testing.Eventually;
import io.chancery.testing.FreePorts;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes that speak to each other without a pause, while their certificates and then their CA are replaced. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(180)
@SuppressWarnings("NullAway.Init")
class BusTakeUpIT {
    private static final BusRotation.Pace FAST =
            new BusRotation.Pace(Duration.ofHours(1), Duration.ofSeconds(2), Duration.ofMillis(500));
    private static final String ADDRESS = "echo.";

    @TempDir
    private Path folder;

    private final List<Node> nodes = new ArrayList<>();
    private final ConcurrentLinkedQueue<Throwable> lost = new ConcurrentLinkedQueue<>();
    private final AtomicInteger answered = new AtomicInteger();
    /** How many messages have come to each node. */
    private final AtomicIntegerArray heard = new AtomicIntegerArray(2);

    private volatile boolean stopped;
    private ClusterCa ca;

    /** One node, with its files. */
    private record Node(int number, BusFiles files, ChanceryConfig.Cluster cluster, Vertx vertx, BusRotation rotation) {
        void identity(ClusterCa from) throws Exception {
            ClusterCa.NodeIdentity identity = from.issue("n" + number, "127.0.0.1");
            files.key(identity);
            files.certificate(identity);
        }

        void takeUp() throws Exception {
            await(rotation.check());
        }
    }

    private static <T> T await(Future<T> future) throws Exception {
        return Answers.of(future, Duration.ofMinutes(1));
    }

    @BeforeEach
    void join() throws Exception {
        ca = newCa();
        int[] ports = FreePorts.take(4);
        for (int i = 0; i < 2; i++) {
            BusFiles files = new BusFiles(Files.createDirectory(folder.resolve("n" + i)));
            ClusterCa.NodeIdentity identity = ca.issue("n" + i, "127.0.0.1");
            files.key(identity);
            files.certificate(identity);
            files.authorities(ca);
            ChanceryConfig.Cluster paths = files.cluster();
            ChanceryConfig.Cluster cluster = new ChanceryConfig.Cluster(
                    "n" + i,
                    "rotation-" + ports[0],
                    Optional.empty(),
                    List.of("127.0.0.1:" + ports[0], "127.0.0.1:" + ports[1]),
                    0,
                    new HostPort("127.0.0.1", ports[i]),
                    new HostPort("127.0.0.1", ports[2 + i]),
                    paths.certificate(),
                    paths.key(),
                    paths.ca());
            Vertx vertx = await(ClusterMember.join(cluster, facts(cluster))).vertx();
            int number = i;
            await(vertx.eventBus()
                    .<String>consumer(ADDRESS + i, message -> {
                        int unused = heard.incrementAndGet(number);
                        message.reply(message.body());
                    })
                    .completion());
            nodes.add(new Node(
                    i, files, cluster, vertx, BusRotation.start(vertx, cluster, BusIdentity.read(cluster), FAST)));
        }
    }

    private static NodeFacts facts(ChanceryConfig.Cluster cluster) throws Exception {
        BusIdentity bus = BusIdentity.read(cluster);
        return new NodeFacts(
                new NodeId(cluster.node()),
                new ClusterIdentity(Sha256.digest(), bus.issuer(), bus.trusted()),
                "1",
                "all",
                List.of(),
                new NodeFacts.Files(Sha256.digest(), Sha256.digest()));
    }

    @AfterEach
    void leave() throws Exception {
        stopped = true;
        for (Node node : nodes) {
            await(node.vertx().close());
        }
    }

    private static ClusterCa newCa() throws Exception {
        return ClusterCa.create("rotation", Instant.now(), new SecureRandom());
    }

    private Future<String> ask(int from, int to) {
        return nodes.get(from)
                .vertx()
                .eventBus()
                .<String>request(ADDRESS + to, "hello", new DeliveryOptions().setSendTimeout(10_000))
                .map(answer -> answer.body());
    }

    /** Asks again and again, as soon as there is an answer. */
    private void chatter(int from, int to) {
        if (!stopped) {
            ask(from, to).onComplete(done -> {
                if (done.succeeded()) {
                    answered.incrementAndGet();
                } else if (!stopped) {
                    lost.add(done.cause());
                }
                chatter(from, to);
            });
        }
    }

    private void talk() {
        for (int i = 0; i < 8; i++) {
            chatter(0, 1);
            chatter(1, 0);
        }
    }

    /** That they still understand each other, a while from now. */
    private void moreIsAnswered() throws Exception {
        int before = answered.get();
        Eventually.holds(
                "more is answered", Duration.ofMinutes(1), () -> answered.get() > before + 1_000 || !lost.isEmpty());
        assertThat(lost).isEmpty();
    }

    @Test
    void certificates_and_then_the_authority_are_replaced_and_no_message_is_lost() throws Exception {
        talk();
        moreIsAnswered();
        for (Node node : nodes) {
            node.identity(ca);
            node.takeUp();
            moreIsAnswered();
        }
        ClusterCa next = newCa();
        for (Node node : nodes) {
            node.files().authorities(ca, next);
            node.takeUp();
            moreIsAnswered();
        }
        for (Node node : nodes) {
            node.identity(next);
            node.takeUp();
            moreIsAnswered();
        }
        for (Node node : nodes) {
            node.files().authorities(next);
            node.takeUp();
            moreIsAnswered();
        }
        assertThat(nodes).allMatch(node -> node.rotation().inUse().authorities().size() == 1);
    }

    @Test
    void a_node_with_a_certificate_of_a_removed_authority_is_cut_off_and_gets_no_new_connection() throws Exception {
        ClusterCa next = newCa();
        // It believes both, so that whatever fails is the other one's refusal.
        nodes.get(0).files().authorities(ca, next);
        nodes.get(0).takeUp();
        Eventually.holds("it is answered", () -> isAnswered(0, 1));
        Node faithful = nodes.get(1);
        faithful.identity(next);
        faithful.files().authorities(next);
        faithful.takeUp();
        threeInARow("cut off, and not let in again", () -> !isAnswered(0, 1));
    }

    @Test
    void nothing_is_sent_any_more_to_a_node_with_a_certificate_of_a_removed_authority() throws Exception {
        ClusterCa next = newCa();
        // It believes both, so that whatever fails is the other one's refusal.
        nodes.get(0).files().authorities(ca, next);
        nodes.get(0).takeUp();
        assertThat(await(ask(1, 0))).isEqualTo("hello");
        Node faithful = nodes.get(1);
        faithful.identity(next);
        faithful.files().authorities(next);
        faithful.takeUp();
        threeInARow("the old connection is closed", () -> !hears());
    }

    /** Waits until it is so three times in a row: once, an answer may only be late. */
    private static void threeInARow(String what, Eventually.Condition condition) throws Exception {
        AtomicInteger row = new AtomicInteger();
        Eventually.holds(what, () -> {
            row.set(condition.holds() ? row.get() + 1 : 0);
            return row.get() == 3;
        });
    }

    /** Whether what the second node asks comes to the first one, whose answer need not come back. */
    private boolean hears() throws Exception {
        int before = heard.get(0);
        return isAnswered(1, 0) || heard.get(0) > before;
    }

    /** Whether one node answers another one within half a second. */
    private boolean isAnswered(int from, int by) throws Exception {
        Future<Boolean> answer = nodes.get(from)
                .vertx()
                .eventBus()
                .request(ADDRESS + by, "hello", new DeliveryOptions().setSendTimeout(500))
                .transform(done -> Future.succeededFuture(done.succeeded()));
        return await(answer);
    }

    @Test
    void a_node_that_the_others_would_not_believe_yet_keeps_its_old_connection_and_loses_nothing() throws Exception {
        talk();
        moreIsAnswered();
        ClusterCa next = newCa();
        // Out of order: it has a certificate from the new one, which the other node does not know.
        nodes.get(0).identity(next);
        nodes.get(0).files().authorities(ca, next);
        nodes.get(0).takeUp();
        moreIsAnswered();
        nodes.get(1).files().authorities(ca, next);
        nodes.get(1).takeUp();
        nodes.get(0).takeUp();
        moreIsAnswered();
    }

    @Test
    void files_that_do_not_fit_together_are_left_alone_until_they_do() throws Exception {
        Node node = nodes.get(0);
        BusIdentity before = node.rotation().inUse();
        ClusterCa.NodeIdentity renewed = ca.issue("n0", "127.0.0.1");
        node.files().certificate(renewed);
        node.takeUp();
        assertThat(node.rotation().inUse()).isSameAs(before);
        node.files().key(renewed);
        node.takeUp();
        assertThat(node.rotation().inUse().certificate()).isNotEqualTo(before.certificate());
        assertThat(await(ask(0, 1))).isEqualTo("hello");
    }
}
