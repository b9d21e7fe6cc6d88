package io.chancery.cluster.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import io.chancery.cluster.bus.BusAddress;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.bus.SignReply;
import io.chancery.cluster.bus.SignerBus;
import io.chancery.cluster.bus.SignerCodecs;
import io.chancery.cluster.bus.SignerMessage;
import io.chancery.cluster.bus.SignerProbe;
import io.chancery.cluster.ca.ClusterCa;
import io.chancery.cluster.members.ClusterIdentity;
import io.chancery.cluster.members.ClusterMembers.Keeper;
import io.chancery.cluster.members.ClusterMembers.Member;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.config.ChanceryConfig.Cluster;
import io.chancery.core.der.Sha256;
import io.chancery.testing.Answers;
import io.chancery.testing.Eventually;
import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Who is let into a cluster, what its nodes know of each other, and what one that is no part of it can do. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class ClusterMemberIT {
    @TempDir
    private Path folder;

    private TestNodes nodes;
    private ClusterCa ca;
    private Cluster first;
    private ClusterMember member;

    @BeforeEach
    void aClusterOfOne() throws Exception {
        nodes = new TestNodes(folder, 3);
        ca = TestNodes.newCa();
        first = nodes.files("n1", 0, ca);
        member = nodes.join(first, TestNodes.facts(first, TestNodes.ROOTS));
    }

    @AfterEach
    void stop() throws Exception {
        nodes.close();
    }

    private static List<String> known(ClusterMember node) {
        return node.members().members().stream()
                .map(m -> m.facts().node() + (m.self() ? " self" : m.roundTrip().isPresent() ? " reached" : " silent"))
                .toList();
    }

    private static void eventually(String what, Eventually.Condition condition) throws Exception {
        Eventually.holds(what, Duration.ofSeconds(TestGrid.PATIENCE_SECONDS), condition);
    }

    @Test
    void nodes_know_each_other_and_which_files_are_in_force() throws Exception {
        Cluster second = nodes.files("n2", 1, ca);
        ClusterMember other = nodes.join(second, TestNodes.facts(second, TestNodes.ROOTS));
        eventually("n1 reaches n2", () -> known(member).equals(List.of("n1 self", "n2 reached")));
        eventually("n2 reaches n1", () -> known(other).equals(List.of("n1 reached", "n2 self")));
        assertThat(member.members().keeper()).isEqualTo(Keeper.SELF);
        assertThat(other.members().keeper()).isEqualTo(Keeper.ANOTHER);
        long longerThanDeaf =
                System.nanoTime() + TestNodes.QUICK.deaf().plusSeconds(2).toNanos();
        long last = System.nanoTime();
        boolean stood = false;
        while (System.nanoTime() - longerThanDeaf < 0) {
            long now = System.nanoTime();
            stood |= now - last > TestNodes.QUICK.deaf().toNanos() / 2; // the machine, and both nodes with it
            last = now;
            for (ClusterMember each : List.of(member, other)) {
                if (stood) {
                    eventually("it hears again", () -> each.members().deaf().isEmpty());
                } else {
                    assertThat(each.members().deaf()).isEmpty();
                }
            }
        }

        NodeFacts.Files changed = new NodeFacts.Files(Sha256.digest(new byte[] {8}), Sha256.digest(new byte[] {9}));
        other.members().inForce(changed, List.of());
        eventually(
                "n1 hears of n2's new files",
                () -> member.members().members().stream()
                        .map(Member::facts)
                        .anyMatch(facts -> facts.files().equals(changed)));

        TestNodes.await(other.vertx().close());
        eventually("n2 is gone", () -> known(member).equals(List.of("n1 self")));
        assertThat(member.members().keeper())
                .as("of a part too small to remember")
                .isEqualTo(Keeper.NOBODY);
    }

    /** As n2 would say them, with these roots and all else as another one has it. */
    private static NodeFacts facts(Sha256 roots, NodeFacts other) {
        return new NodeFacts(
                new NodeId("n2"),
                new ClusterIdentity(
                        roots, other.identity().busIssuer(), other.identity().busTrust()),
                "1.2.3",
                "all",
                List.of(),
                other.files());
    }

    /** What joins the grid without a bus certificate, and says of itself what a node could say. */
    private HazelcastInstance stranger(int place, NodeFacts facts) throws Exception {
        Cluster cluster = nodes.files("stranger", place, ca);
        HazelcastInstance stranger = Hazelcast.newHazelcastInstance(HazelcastConfigs.of(
                cluster,
                MemberAddresses.resolve(cluster.members(), cluster.hazelcast(), MemberAddresses.Resolver::dns),
                facts));
        assertThat(stranger.getCluster().getMembers()).as("in the grid").hasSizeGreaterThan(1);
        return stranger;
    }

    @Test
    void who_is_in_the_grid_and_not_on_the_bus_keeps_no_node_from_starting_and_nobody_from_filling_the_grid()
            throws Exception {
        Cluster third = nodes.files("n3", 2, ca);
        NodeFacts facts = TestNodes.facts(third, TestNodes.ROOTS);
        HazelcastInstance stranger = stranger(1, facts(Sha256.digest(), facts));
        try {
            ClusterMember other = nodes.join(third, facts);
            TestNodes.await(member.vertx().close());
            eventually("n3 is the oldest node", () -> other.members().keeper() == Keeper.SELF);
            eventually("n1 is gone", () -> known(other).equals(List.of("n2 silent", "n3 self")));
        } finally {
            stranger.getLifecycleService().terminate();
        }
    }

    @Test
    void a_node_that_has_another_bus_certificate_than_when_it_came_raises_no_alarm() throws Exception {
        NodeFacts now = facts(TestNodes.ROOTS, TestNodes.facts(first, TestNodes.ROOTS));
        Cluster ofAnotherCa = nodes.files("n2", 1, TestNodes.newCa());
        NodeFacts whenItCame = TestNodes.facts(ofAnotherCa, TestNodes.ROOTS);
        IMap<String, String> said = instance(first).getMap(HazelcastConfigs.NODES);
        said.put("n2", CurrentFacts.json(now).encode());
        Logger logger = (Logger) LoggerFactory.getLogger(HazelcastMembers.class);
        ListAppender<ILoggingEvent> alarms = new ListAppender<>();
        alarms.list = new CopyOnWriteArrayList<>();
        alarms.start();
        logger.addAppender(alarms);
        HazelcastInstance silent = stranger(1, whenItCame);
        try {
            // What it is now is looked at: by this, something of it is said.
            said.put("n2", CurrentFacts.json(facts(Sha256.digest(), now)).encode());
            eventually("the alarm", () -> alarms.list.stream().anyMatch(alarm -> told(alarm, "ca.json#/root")));
            assertThat(alarms.list).noneMatch(alarm -> told(alarm, "cluster CA"));
        } finally {
            silent.getLifecycleService().terminate();
            logger.detachAppender(alarms);
        }
    }

    private static boolean told(ILoggingEvent alarm, String text) {
        return alarm.getFormattedMessage().contains("node n2")
                && alarm.getFormattedMessage().contains(text);
    }

    @Test
    void who_takes_a_nodes_id_in_the_grid_keeps_it_from_starting_for_a_while_and_from_filling_the_grid_not_at_all()
            throws Exception {
        Cluster third = nodes.files("n3", 2, ca);
        NodeFacts facts = TestNodes.facts(third, TestNodes.ROOTS);
        HazelcastInstance stranger = stranger(1, facts);
        try {
            ClusterMember other = nodes.join(third, facts);
            TestNodes.await(member.vertx().close());
            eventually("n3 is the oldest node", () -> other.members().keeper() == Keeper.SELF);
        } finally {
            stranger.getLifecycleService().terminate();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "::1"})
    void a_node_may_listen_at_a_name_or_at_an_IPv6_address(String host) throws Exception {
        boolean listens = listens(host);
        if (!listens) {
            System.out.println("NOT RUN: a node that listens at " + host + ": no IPv6 on this machine");
        }
        assumeThat(listens).as("this machine has it").isTrue();
        try (TestNodes others = new TestNodes(folder, 2)) {
            Cluster a = others.files("n1", 0, ca, host);
            ClusterMember one = others.join(a, TestNodes.facts(a, TestNodes.ROOTS));
            Cluster b = others.files("n2", 1, ca, host);
            others.join(b, TestNodes.facts(b, TestNodes.ROOTS));
            eventually("n1 reaches n2", () -> known(one).equals(List.of("n1 self", "n2 reached")));
        }
    }

    private static boolean listens(String host) {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(host))) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void a_node_with_other_roots_is_told_so_and_leaves() throws Exception {
        Cluster second = nodes.files("n2", 1, ca);
        assertThat(nodes.refusal(second, TestNodes.facts(second, Sha256.digest())))
                .contains("ca.json#/root")
                .contains("node n1");
        eventually("n2 is gone", () -> known(member).equals(List.of("n1 self")));
        // Set up rightly, it is welcome.
        nodes.join(second, TestNodes.facts(second, TestNodes.ROOTS));
    }

    @Test
    void a_node_of_another_cluster_ca_is_told_so_and_leaves() throws Exception {
        Cluster second = nodes.files("n2", 1, TestNodes.newCa());
        assertThat(nodes.refusal(second, TestNodes.facts(second, TestNodes.ROOTS)))
                .contains("cluster CA")
                .contains("chancery.json#/cluster/ca");
    }

    @Test
    void once_the_nodes_that_are_there_have_another_cluster_ca_a_new_node_of_that_ca_is_let_in() throws Exception {
        Cluster second = nodes.files("n2", 1, TestNodes.newCa());
        NodeFacts ofTheNewCa = TestNodes.facts(second, TestNodes.ROOTS);
        assertThat(nodes.refusal(second, ofTheNewCa)).contains("cluster CA");
        member.members().identityInForce(ofTheNewCa.identity());
        String last = "";
        for (int tries = 0; tries < 5 && !last.equals("let in"); tries++) {
            last = nodes.refusal(second, ofTheNewCa);
        }
        assertThat(last).isEqualTo("let in");
    }

    @Test
    void a_second_node_of_the_same_id_is_told_so_unless_the_first_is_gone_by_then() throws Exception {
        Cluster twin = nodes.files("n1", 1, ca);
        assertThat(nodes.refusal(twin, TestNodes.facts(twin, TestNodes.ROOTS)))
                .contains("n1")
                .contains("chancery.json#/cluster/node");
        var joining = nodes.joining(twin, TestNodes.facts(twin, TestNodes.ROOTS), Duration.ofSeconds(30));
        TestNodes.await(member.vertx().close());
        TestNodes.await(TestNodes.await(joining).vertx().close());
    }

    @Test
    void after_a_split_is_healed_nodes_reach_each_other_and_their_signers_are_known() throws Exception {
        Cluster second = nodes.files("n2", 1, ca);
        ClusterMember other = nodes.join(second, TestNodes.facts(second, TestNodes.ROOTS));
        AtomicInteger deafForGood = new AtomicInteger();
        other.members().whenDeafForGood(deafForGood::incrementAndGet);
        KeyId key = new KeyId("0".repeat(32));
        TestNodes.await(other.signers().announce(key, new NodeId("n2")));
        eventually("n1 reaches n2", () -> known(member).equals(List.of("n1 self", "n2 reached")));

        List<HazelcastInstance> instances = List.of(instance(first), instance(second));
        TestGrid.Split split = TestGrid.split(instances, 1);
        eventually("n1 sees nobody", () -> known(member).equals(List.of("n1 self")));
        assertThat(member.members().deaf()).as("alone, not deaf").isEmpty();

        assertThat(split.awaitMerge(TestGrid.PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isTrue();
        eventually("n1 reaches n2 again", () -> known(member).equals(List.of("n1 self", "n2 reached")));
        eventually("n2 reaches n1 again", () -> known(other).equals(List.of("n1 reached", "n2 self")));
        eventually(
                "n1 knows n2's signer again",
                () -> member.signers().signers(key).equals(Set.of(new NodeId("n2"))));
        assertThat(deafForGood).hasValue(0);
    }

    private static HazelcastInstance instance(Cluster cluster) {
        return Hazelcast.getAllHazelcastInstances().stream()
                .filter(one -> one.getConfig().getClusterName().equals(cluster.name())
                        && one.getConfig().getNetworkConfig().getPort()
                                == cluster.hazelcast().port())
                .findAny()
                .orElseThrow();
    }

    /** Answers whoever asks at an address, from now on; how often that was. */
    private static AtomicInteger listening(ClusterMember at, String address) throws Exception {
        AtomicInteger reached = new AtomicInteger();
        TestNodes.await(at.vertx()
                .eventBus()
                .consumer(address, message -> {
                    reached.incrementAndGet();
                    message.reply("answered");
                })
                .completion());
        return reached;
    }

    private static Future<Message<Object>> asked(ClusterMember by, String address) {
        return by.vertx().eventBus().request(address, new JsonObject(), new DeliveryOptions().setSendTimeout(5_000));
    }

    /** Says that its bus certificate is of the cluster's CA. It believes that CA, so whatever fails is n1's refusal. */
    private ClusterMember liar() throws Exception {
        Cluster stranger = nodes.files("n2", 1, TestNodes.newCa());
        Files.writeString(stranger.ca(), ca.certificatePem(), StandardOpenOption.APPEND);
        NodeFacts lie = new NodeFacts(
                new NodeId("n2"),
                TestNodes.facts(first, TestNodes.ROOTS).identity(),
                "1.2.3",
                "all",
                List.of(),
                new NodeFacts.Files(Sha256.digest(), Sha256.digest()));
        return nodes.join(stranger, lie);
    }

    @Test
    void one_that_lies_about_its_cluster_ca_gets_into_the_grid_and_not_onto_the_bus() throws Exception {
        AtomicInteger reached = listening(member, "signer.v1.key.n1");
        Cluster third = nodes.files("n3", 2, ca);
        ClusterMember rightful = nodes.join(third, TestNodes.facts(third, TestNodes.ROOTS));
        Message<Object> reply = TestNodes.await(asked(rightful, "signer.v1.key.n1"));
        assertThat(reply.body()).isEqualTo("answered");
        TestNodes.await(rightful.vertx().close());
        eventually("n3 is gone", () -> known(member).equals(List.of("n1 self")));
        ClusterMember intruder = liar();
        // It knows from the grid who listens there, and does not get to them.
        assertThat(Answers.failureOf(asked(intruder, "signer.v1.key.n1")))
                .isInstanceOfSatisfying(
                        ReplyException.class, e -> assertThat(e.failureType()).isNotEqualTo(ReplyFailure.NO_HANDLERS));
        assertThat(reached).as("the rightful node's alone").hasValue(1);
        assertThat(known(member)).containsExactly("n1 self", "n2 silent");
        // Each is the only one that the other could hear, and says so.
        eventually("the intruder is deaf", () -> intruder.members().deaf().isPresent());
    }

    @Test
    void one_that_lies_about_its_cluster_ca_is_told_nothing_by_a_node_that_asks_whoever_listens_there()
            throws Exception {
        Cluster third = nodes.files("n3", 2, ca);
        ClusterMember rightful = nodes.join(third, TestNodes.facts(third, TestNodes.ROOTS));
        eventually("n1 reaches n3", () -> known(member).equals(List.of("n1 self", "n3 reached")));
        AtomicInteger heard = listening(rightful, "signer.v1.key.n3");
        Message<Object> reply = TestNodes.await(asked(member, "signer.v1.key.n3"));
        assertThat(reply.body()).isEqualTo("answered");
        assertThat(heard).hasValue(1);
        AtomicInteger overheard = listening(liar(), "signer.v1.key.n2");
        // It is known who listens there, and not believed.
        assertThat(Answers.failureOf(asked(member, "signer.v1.key.n2")))
                .isInstanceOfSatisfying(
                        ReplyException.class, e -> assertThat(e.failureType()).isNotEqualTo(ReplyFailure.NO_HANDLERS));
        assertThat(overheard).hasValue(0);
    }

    @Test
    void a_node_that_asks_its_own_signer_reaches_nobody_who_listens_in_its_place_at_another_node() throws Exception {
        Cluster second = nodes.files("n2", 1, ca);
        ClusterMember other = nodes.join(second, TestNodes.facts(second, TestNodes.ROOTS));
        eventually("n1 reaches n2", () -> known(member).equals(List.of("n1 self", "n2 reached")));
        EventBus own = member.vertx().eventBus();
        EventBus foreign = other.vertx().eventBus();
        SignerCodecs.register(own);
        SignerCodecs.register(foreign);
        SignerProbe question = new SignerProbe(new KeyId("0".repeat(32)), 10_000, new NodeId("n1"));
        String address = BusAddress.signer(question.keyId(), question.callerNode());
        AtomicInteger reached = new AtomicInteger();
        TestNodes.await(foreign.<SignerMessage>consumer(address, message -> {
                    int unused = reached.incrementAndGet();
                    message.reply(new SignReply.Declined(SignReply.Reason.BUSY, ""));
                })
                .completion());
        assertThat(TestNodes.await(SignerBus.request(own, address, question, 10_000, false)))
                .as("who listens can be reached")
                .isInstanceOf(SignerBus.Answered.class);
        assertThat(TestNodes.await(SignerBus.request(own, address, question, 10_000, true)))
                .isInstanceOf(SignerBus.NotDelivered.class);
        assertThat(reached).hasValue(1);
    }
}
