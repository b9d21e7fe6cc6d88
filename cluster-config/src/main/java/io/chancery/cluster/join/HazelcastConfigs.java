package io.chancery.cluster.join;

import com.hazelcast.config.ClassFilter;
import com.hazelcast.config.Config;
import com.hazelcast.config.EvictionConfig;
import com.hazelcast.config.EvictionPolicy;
import com.hazelcast.config.InMemoryFormat;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MaxSizePolicy;
import com.hazelcast.config.MergePolicyConfig;
import com.hazelcast.config.MultiMapConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.config.SplitBrainProtectionConfig;
import com.hazelcast.spi.merge.PutIfAbsentMergePolicy;
import com.hazelcast.splitbrainprotection.SplitBrainProtectionOn;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.core.config.ChanceryConfig;
import java.time.Duration;
import java.util.Optional;

/**
 * Hazelcast's configuration, built here and nowhere else: no file is looked for, nobody is found by multicast, nothing
 * is told to the outside.
 */
final class HazelcastConfigs {
    /** The map that remembers used tokens. */
    static final String USED_TOKENS = "chancery.used-tokens";

    /** The map in which signers make themselves known. */
    static final String SIGNERS = "chancery.signers";

    /** The map in which signers say who is at which token, and which refused a PIN. */
    static final String TOKENS = "chancery.tokens";

    /** The map in which nodes say what they are now. */
    static final String NODES = "chancery.nodes";

    /**
     * What may be deserialised, and nothing else: what Vert.x's cluster manager and our maps carry, and the exceptions by
     * which members tell each other to try again, with their parts; an operation whose answer is one that is not let in
     * would wait for {@link #LOST_ANSWER}. Hazelcast's own list has all of {@code java}, and is switched off.
     */
    private static final String[] TYPES = {
        "io.vertx.spi.cluster.hazelcast.",
        "io.vertx.core.spi.cluster.",
        "com.hazelcast.",
        "java.lang.",
        "[Ljava.lang.",
        "java.io.",
        "java.util.Collections$"
    };

    private static final String[] CLASSES = {
        "java.util.ArrayList",
        "java.util.ConcurrentModificationException",
        "java.util.NoSuchElementException",
        "java.util.concurrent.CancellationException",
        "java.util.concurrent.CompletionException",
        "java.util.concurrent.ExecutionException",
        "java.util.concurrent.RejectedExecutionException",
        "java.util.concurrent.TimeoutException"
    };

    /** Owned entries and backups together; an entry takes about 300 bytes. */
    private static final int USED_TOKENS_HEAP_PERCENT = 10;

    /** So many members may die at once and nothing is forgotten. */
    static final int BACKUPS = 1;

    private static final int MERGE_BATCH = 100;

    /** Whoever has not been heard for so long is taken for dead; its calls are made anew, to whoever has its data then. */
    static final Duration SILENCE = Duration.ofSeconds(10);

    /** In which a call must have begun; Hazelcast waits for an answer for twice as long, while its member lives. */
    private static final Duration CALL = Duration.ofSeconds(10);

    /**
     * So long a thread of ours waits for an answer that never comes, as when a connection broke off with it. Longer than a
     * silent member is believed to live, as a call that ended sooner would not be made anew; and shorter than a signer is
     * known without announcing itself, as that may be what waits.
     */
    static final Duration LOST_ANSWER = CALL.multipliedBy(2);

    private HazelcastConfigs() {}

    /**
     * @param addresses at which this node and every member may be
     * @param facts what every member tells the others when it comes
     */
    static Config of(ChanceryConfig.Cluster cluster, MemberAddresses addresses, NodeFacts facts) {
        Config config = of(cluster, addresses);
        facts.texts().forEach(config.getMemberAttributeConfig()::setAttribute);
        return config;
    }

    static Config of(ChanceryConfig.Cluster cluster, MemberAddresses addresses) {
        Config config = new Config();
        config.setClusterName(cluster.name());
        config.setInstanceName(null);
        config.setProperty("hazelcast.logging.type", "slf4j");
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.setProperty("hazelcast.shutdownhook.enabled", "false"); // Vert.x closes it
        config.setProperty("hazelcast.socket.bind.any", "false");
        config.setProperty("hazelcast.operation.call.timeout.millis", Long.toString(CALL.toMillis())); // else 60 s
        // Defaults are 60 s, 300 s and 120 s: a cluster that has split must know and heal within seconds.
        config.setProperty("hazelcast.max.no.heartbeat.seconds", Long.toString(SILENCE.toSeconds()));
        config.setProperty("hazelcast.heartbeat.interval.seconds", "2");
        config.setProperty("hazelcast.merge.first.run.delay.seconds", "10");
        config.setProperty("hazelcast.merge.next.run.delay.seconds", "10");
        config.setProperty("hazelcast.graceful.shutdown.max.wait", "10");
        // Hazelcast's own setting looks at no IPv6 address of the machine.
        config.setProperty("hazelcast.prefer.ipv4.stack", Boolean.toString(!addresses.ipv6()));
        network(config.getNetworkConfig(), cluster.hazelcast().port(), addresses);
        config.getSerializationConfig()
                .setJavaSerializationFilterConfig(new JavaSerializationFilterConfig()
                        .setDefaultsDisabled(true)
                        .setWhitelist(new ClassFilter().addPrefixes(TYPES).addClasses(CLASSES)));
        // As Vert.x's cluster manager expects them.
        config.addMultiMapConfig(new MultiMapConfig("__vertx.subs")
                .setBackupCount(1)
                .setValueCollectionType(MultiMapConfig.ValueCollectionType.SET));
        config.getMapConfig("__vertx.haInfo").setBackupCount(1);
        config.getMapConfig("__vertx.nodeInfo").setBackupCount(1);
        usedTokens(config, Math.max(cluster.size(), addresses.members().size()));
        config.getMapConfig(NODES).setBackupCount(1).setTimeToLiveSeconds(CurrentFacts.TTL_SECONDS);
        config.getMapConfig(TOKENS).setBackupCount(1);
        config.getMapConfig(SIGNERS).setBackupCount(1).setTimeToLiveSeconds(HazelcastSignerDirectory.TTL_SECONDS);
        return config;
    }

    private static void usedTokens(Config config, int members) {
        MapConfig map = config.getMapConfig(USED_TOKENS)
                // A set is answered when the backup has it.
                .setBackupCount(BACKUPS)
                .setAsyncBackupCount(0)
                // Hashes are compared, never looked into.
                .setInMemoryFormat(InMemoryFormat.BINARY)
                // Each entry brings its own end; one that was never asked for is not forgotten sooner.
                .setTimeToLiveSeconds(0)
                .setMaxIdleSeconds(0)
                .setPerEntryStatsEnabled(false)
                // A union: what one side of a split has seen used stays used. Nothing is ever made unused by a merge.
                .setMergePolicyConfig(new MergePolicyConfig(PutIfAbsentMergePolicy.class.getName(), MERGE_BATCH))
                // However many tokens are used, the heap is for requests. What is dropped, the longest unasked first,
                // is
                // no loss of safety: the store decides then.
                .setEvictionConfig(new EvictionConfig()
                        .setMaxSizePolicy(MaxSizePolicy.USED_HEAP_PERCENTAGE)
                        .setSize(USED_TOKENS_HEAP_PERCENT)
                        .setEvictionPolicy(EvictionPolicy.LRU));
        // No near cache: it would answer "unused" from memory for what another node has just used, and a hit is rare
        // enough to be worth its way.
        int majority = majority(members);
        if (majority > 1) {
            // The smaller part of a split neither remembers nor answers: it has lost a part of the entries, and what it
            // learns the other side does not know. It counts members it believes to be there, and so lets some slip
            // through until the split is noticed: the store decides, here and there.
            SplitBrainProtectionConfig protection = new SplitBrainProtectionConfig(USED_TOKENS, true)
                    .setMinimumClusterSize(majority)
                    .setProtectOn(SplitBrainProtectionOn.READ_WRITE);
            config.addSplitBrainProtectionConfig(protection);
            map.setSplitBrainProtectionName(USED_TOKENS);
        }
    }

    private static int majority(int members) {
        return members / 2 + 1;
    }

    /**
     * What is wrong when so many members are there: two parts of a split could each have the majority that is asked for;
     * empty when they could not.
     */
    static Optional<String> tooSmallMajority(Config config, int members) {
        int asked = majority(config);
        return asked >= majority(members)
                ? Optional.empty()
                : Optional.of("the grid has " + members + " members, and this node takes " + asked
                        + " of them for a majority: after a split, more than one part may answer for used tokens. List"
                        + " every node in chancery.json#/cluster/members, or set chancery.json#/cluster/size to the"
                        + " number of nodes");
    }

    /** Its own majority: it has found nobody else's address, and was not told how many there will be. */
    static Optional<String> ofOneNode(Config config, ChanceryConfig.Cluster cluster) {
        return cluster.size() == 0 && majority(config) == 1
                ? Optional.of(
                        "chancery.json#/cluster/members stands for this node alone at the moment, so it is a majority"
                                + " by itself: if there will be others, list them, or set chancery.json#/cluster/size to the"
                                + " number of nodes")
                : Optional.empty();
    }

    /** So many members must be there for used tokens to be remembered. */
    static int majority(Config config) {
        SplitBrainProtectionConfig protection =
                config.getSplitBrainProtectionConfigs().get(USED_TOKENS);
        return protection == null ? 1 : protection.getMinimumClusterSize();
    }

    private static void network(NetworkConfig network, int port, MemberAddresses addresses) {
        network.setPort(port).setPortAutoIncrement(false);
        network.setPublicAddress(addresses.own() + ":" + port);
        network.getInterfaces().setEnabled(true).addInterface(addresses.ownUnbracketed());
        // REST and memcache are off unless switched on.
        JoinConfig join = network.getJoin();
        join.getMulticastConfig().setEnabled(false);
        join.getAutoDetectionConfig().setEnabled(false);
        join.getTcpIpConfig().setEnabled(true);
        addresses.members().forEach(member -> join.getTcpIpConfig().addMember(member));
    }
}
