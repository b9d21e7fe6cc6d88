package io.chancery.cluster.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hazelcast.config.Config;
import com.hazelcast.config.EvictionPolicy;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MaxSizePolicy;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.config.SplitBrainProtectionConfig;
import com.hazelcast.internal.serialization.SerializationClassNameFilter;
import com.hazelcast.spi.merge.PutIfAbsentMergePolicy;
import com.hazelcast.spi.properties.ClusterProperty;
import com.hazelcast.spi.properties.HazelcastProperties;
import com.hazelcast.splitbrainprotection.SplitBrainProtectionOn;
import io.chancery.core.config.CaConfig.HostPort;
import io.chancery.core.config.ChanceryConfig.Cluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class HazelcastConfigsTest {
    private final Config config = config(List.of("127.0.0.1:5701", "127.0.0.1:5702"));

    private static Config config(List<String> members) {
        return HazelcastConfigs.of(cluster(0), found(members));
    }

    private static MemberAddresses found(List<String> members) {
        return new MemberAddresses("127.0.0.1", members);
    }

    private static Cluster cluster(int size) {
        return new Cluster(
                "n1",
                "a-cluster",
                java.util.Optional.of("n1"),
                List.of("a name for all of them"),
                size,
                new HostPort("127.0.0.1", 5701),
                new HostPort("127.0.0.1", 6701),
                Path.of("bus.crt"),
                Path.of("bus.key"),
                Path.of("cluster-ca.crt"));
    }

    @Test
    @SuppressWarnings("removal") // what may go is what is seen to be off
    void every_member_keeps_data_and_none_answers_to_anything_but_members() {
        assertThat(config.isLiteMember()).isFalse();
        assertThat(config.getNetworkConfig().getRestApiConfig().isEnabled()).isFalse();
        assertThat(config.getNetworkConfig().getMemcacheProtocolConfig().isEnabled())
                .isFalse();
        assertThat(config.getAdvancedNetworkConfig().isEnabled()).isFalse();
    }

    @Test
    void members_are_found_by_their_addresses_and_in_no_other_way() {
        JoinConfig join = config.getNetworkConfig().getJoin();
        assertThat(join.getTcpIpConfig().isEnabled()).isTrue();
        assertThat(join.getTcpIpConfig().getMembers()).containsExactly("127.0.0.1:5701", "127.0.0.1:5702");
        assertThat(join.getMulticastConfig().isEnabled()).isFalse();
        assertThat(join.getAutoDetectionConfig().isEnabled()).isFalse();
        assertThat(List.of(
                        join.getAwsConfig(),
                        join.getGcpConfig(),
                        join.getAzureConfig(),
                        join.getKubernetesConfig(),
                        join.getEurekaConfig()))
                .noneMatch(cloud -> cloud.isEnabled());
    }

    @Test
    void it_listens_where_it_is_told_and_on_no_other_port() {
        NetworkConfig network = config.getNetworkConfig();
        assertThat(network.getPort()).isEqualTo(5701);
        assertThat(network.isPortAutoIncrement()).isFalse();
        assertThat(network.getInterfaces().isEnabled()).isTrue();
        assertThat(network.getInterfaces().getInterfaces()).containsExactly("127.0.0.1");
        assertThat(config.getProperty("hazelcast.socket.bind.any")).isEqualTo("false");
        assertThat(network.getMemcacheProtocolConfig().isEnabled()).isFalse();
    }

    @Test
    void nothing_is_told_to_the_outside() {
        assertThat(config.getProperty("hazelcast.phone.home.enabled")).isEqualTo("false");
    }

    @Test
    void a_split_is_noticed_and_healed_within_seconds() {
        for (String name : List.of(
                "hazelcast.max.no.heartbeat.seconds",
                "hazelcast.merge.first.run.delay.seconds",
                "hazelcast.merge.next.run.delay.seconds")) {
            Duration delay = Duration.ofSeconds(Long.parseLong(config.getProperty(name)));
            assertThat(delay).as(name).isLessThanOrEqualTo(Duration.ofSeconds(10));
        }
    }

    @Test
    void an_answer_that_is_lost_is_waited_for_longer_than_a_dead_member_is_there_and_shorter_than_a_signer_is_known() {
        // As Hazelcast reads it: a name that it does not know it passes over.
        HazelcastProperties read = new HazelcastProperties(config.getProperties());
        Duration call = Duration.ofMillis(read.getMillis(ClusterProperty.OPERATION_CALL_TIMEOUT_MILLIS));
        assertThat(HazelcastConfigs.LOST_ANSWER).isEqualTo(call.multipliedBy(2));
        Duration silence = Duration.ofMillis(read.getMillis(ClusterProperty.MAX_NO_HEARTBEAT_SECONDS));
        Duration beat = Duration.ofMillis(read.getMillis(ClusterProperty.HEARTBEAT_INTERVAL_SECONDS));
        assertThat(HazelcastConfigs.LOST_ANSWER)
                .isGreaterThan(silence.plus(beat.multipliedBy(2)))
                .isLessThan(Duration.ofSeconds(HazelcastSignerDirectory.TTL_SECONDS)
                        .minus(Duration.ofMillis(2 * HazelcastSignerDirectory.ANNOUNCE_MILLIS)));
    }

    @Test
    void only_listed_types_are_deserialised() {
        SerializationClassNameFilter filter =
                new SerializationClassNameFilter(config.getSerializationConfig().getJavaSerializationFilterConfig());
        filter.filter("io.vertx.spi.cluster.hazelcast.impl.HazelcastNodeInfo");
        filter.filter("java.lang.String");
        filter.filter("com.hazelcast.spi.exception.PartitionMigratingException");
        filter.filter("[Ljava.lang.StackTraceElement;");
        filter.filter("java.util.Collections$EmptyList");
        for (String stranger : List.of(
                "java.util.PriorityQueue",
                "java.util.HashMap",
                "java.net.URL",
                "javax.management.ObjectName",
                "org.example.Gadget")) {
            assertThatThrownBy(() -> filter.filter(stranger)).as(stranger).isInstanceOf(SecurityException.class);
        }
    }

    @Test
    void what_signers_say_of_themselves_is_kept_twice_and_soon_forgotten() {
        assertThat(config.getMapConfig(HazelcastConfigs.SIGNERS).getBackupCount())
                .isEqualTo(1);
        assertThat(config.getMapConfig(HazelcastConfigs.SIGNERS).getTimeToLiveSeconds())
                .isEqualTo(HazelcastSignerDirectory.TTL_SECONDS);
    }

    @Test
    void used_tokens_are_kept_twice_outlive_a_merge_and_leave_the_heap_to_requests() {
        MapConfig map = config.getMapConfig(HazelcastConfigs.USED_TOKENS);
        assertThat(map.getBackupCount()).isEqualTo(1);
        assertThat(map.getMergePolicyConfig().getPolicy()).isEqualTo(PutIfAbsentMergePolicy.class.getName());
        assertThat(map.getEvictionConfig().getMaxSizePolicy()).isEqualTo(MaxSizePolicy.USED_HEAP_PERCENTAGE);
        assertThat(map.getEvictionConfig().getSize()).isEqualTo(10);
        assertThat(map.getEvictionConfig().getEvictionPolicy()).isEqualTo(EvictionPolicy.LRU);
        assertThat(map.getMaxIdleSeconds()).isZero();
        assertThat(map.getNearCacheConfig()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"2,2", "3,2", "4,3", "5,3"})
    void only_a_majority_of_the_configured_members_remembers(int members, int least) {
        Config config = config(IntStream.range(0, members)
                .mapToObj(i -> "10.0.0." + i + ":5701")
                .toList());
        SplitBrainProtectionConfig protection =
                config.getSplitBrainProtectionConfigs().get(HazelcastConfigs.USED_TOKENS);
        assertThat(config.getMapConfig(HazelcastConfigs.USED_TOKENS).getSplitBrainProtectionName())
                .isEqualTo(HazelcastConfigs.USED_TOKENS);
        assertThat(protection.isEnabled()).isTrue();
        assertThat(protection.getMinimumClusterSize()).isEqualTo(least);
        assertThat(protection.getProtectOn()).isEqualTo(SplitBrainProtectionOn.READ_WRITE);
    }

    @ParameterizedTest
    @CsvSource({"0,1,1", "1,1,1", "3,1,2", "5,2,3", "2,5,3"})
    void a_name_that_has_fewer_addresses_than_there_will_be_nodes_does_not_make_the_majority_small(
            int size, int addresses, int least) {
        List<String> found = IntStream.range(0, addresses)
                .mapToObj(i -> "10.0.0." + i + ":5701")
                .toList();
        assertThat(HazelcastConfigs.majority(HazelcastConfigs.of(cluster(size), found(found))))
                .isEqualTo(least);
    }

    @Test
    void a_node_that_is_a_majority_by_itself_says_so_unless_it_was_told_to_be() {
        List<String> itself = List.of("10.0.0.1:5701");
        assertThat(HazelcastConfigs.ofOneNode(HazelcastConfigs.of(cluster(0), found(itself)), cluster(0)))
                .hasValueSatisfying(text -> assertThat(text).contains("/cluster/members", "/cluster/size"));
        for (int size : List.of(1, 3)) {
            assertThat(HazelcastConfigs.ofOneNode(HazelcastConfigs.of(cluster(size), found(itself)), cluster(size)))
                    .isEmpty();
        }
        assertThat(HazelcastConfigs.ofOneNode(config, cluster(0))).isEmpty();
    }

    @Test
    void a_grid_of_more_members_than_were_counted_is_told_when_halves_of_it_could_both_be_majorities() {
        Config ofThree = config(List.of("10.0.0.1:5701", "10.0.0.2:5701", "10.0.0.3:5701"));
        assertThat(HazelcastConfigs.tooSmallMajority(ofThree, 3)).isEmpty();
        assertThat(HazelcastConfigs.tooSmallMajority(ofThree, 4))
                .hasValueSatisfying(text -> assertThat(text).contains("4 members", "2 of them", "/cluster/size"));
    }
}
