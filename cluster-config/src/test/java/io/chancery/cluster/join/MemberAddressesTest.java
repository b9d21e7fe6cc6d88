package io.chancery.cluster.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.config.CaConfig.HostPort;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class MemberAddressesTest {
    private static List<String> resolve(String... members) throws UnknownHostException {
        return resolve("10.0.0.1", List.of(members));
    }

    private static List<String> resolve(String own, List<String> members) throws UnknownHostException {
        return all(own, members).members();
    }

    private static MemberAddresses all(String own, List<String> members) throws UnknownHostException {
        return MemberAddresses.resolve(members, new HostPort(own, 5701), MemberAddressesTest::lookup);
    }

    /** Addresses stand for themselves: nobody is asked about them. */
    private static List<InetAddress> lookup(String host) throws UnknownHostException {
        if (host.equals("nodes.example")) {
            return List.of(
                    InetAddress.getByName("10.0.0.1"),
                    InetAddress.getByName("10.0.0.2"),
                    InetAddress.getByName("2001:db8::3"));
        }
        if (host.equals("debian.example")) { // as its installer writes the hosts file
            return List.of(InetAddress.getByName("127.0.1.1"));
        }
        if (host.equals("both.example")) {
            return List.of(InetAddress.getByName("127.0.1.1"), InetAddress.getByName("10.0.0.4"));
        }
        if (host.equals("nobody.example")) {
            throw new UnknownHostException(host);
        }
        return List.of(InetAddress.getByName(host));
    }

    @Test
    void a_name_stands_for_all_its_addresses_of_this_nodes_kind() throws Exception {
        assertThat(resolve("nodes.example:5701")).containsExactly("10.0.0.1:5701", "10.0.0.2:5701");
        assertThat(resolve("[2001:db8::9]", List.of("nodes.example:5701")))
                .containsExactly("[2001:db8:0:0:0:0:0:3]:5701", "[2001:db8:0:0:0:0:0:9]:5701");
    }

    @Test
    void addresses_stay_what_they_are_and_count_once() throws Exception {
        assertThat(resolve("10.0.0.2:5701", "nodes.example:5701", "10.0.0.2:5702", "10.0.0.9"))
                .containsExactlyInAnyOrder("10.0.0.2:5701", "10.0.0.1:5701", "10.0.0.2:5702", "10.0.0.9");
        assertThat(resolve("2::1", List.of("[2::2]:5701", "2::3", "2::1")))
                .containsExactlyInAnyOrder("[2:0:0:0:0:0:0:2]:5701", "[2:0:0:0:0:0:0:3]", "[2:0:0:0:0:0:0:1]");
    }

    @Test
    void a_node_listens_at_the_first_address_of_its_name() throws Exception {
        assertThat(all("nodes.example", List.of("10.0.0.2:5701")).own()).isEqualTo("10.0.0.1");
        MemberAddresses six = all("2001:db8::9", List.of("[2001:db8::9]:5701"));
        assertThat(six.own()).isEqualTo("[2001:db8:0:0:0:0:0:9]");
        assertThat(six.ownUnbracketed()).isEqualTo("2001:db8:0:0:0:0:0:9");
        assertThat(six.ipv6()).isTrue();
    }

    @Test
    void a_node_whose_name_is_no_address_that_others_reach_says_so_where_there_are_others() throws Exception {
        assertThatThrownBy(() -> all("debian.example", List.of("debian.example:5701", "10.0.0.2:5701")))
                .isInstanceOf(UnknownHostException.class)
                .hasMessageContaining("chancery.json#/cluster/hazelcast: debian.example is 127.0.1.1 here");
        assertThat(all("debian.example", List.of("127.0.0.1:5702")).own()).isEqualTo("127.0.1.1");
        assertThat(all("both.example", List.of("10.0.0.2:5701")).own()).isEqualTo("10.0.0.4");
    }

    @Test
    void a_name_that_is_not_known_yet_is_a_member_that_is_not_there_yet() throws Exception {
        assertThat(resolve("nobody.example:5701", "10.0.0.1:5701"))
                .containsExactlyInAnyOrder("10.0.0.1:5701", "nobody.example:5701");
    }

    @Test
    void when_no_name_is_known_it_says_where_they_stand() {
        assertThatThrownBy(() -> resolve("nobody.example:5701"))
                .isInstanceOf(UnknownHostException.class)
                .hasMessageContaining("chancery.json#/cluster/members")
                .hasMessageContaining("nobody.example:5701");
    }

    @Test
    void a_node_counts_itself_whether_or_not_it_is_listed() throws Exception {
        assertThat(resolve("10.0.0.7", List.of("nodes.example:5701")))
                .containsExactly("10.0.0.1:5701", "10.0.0.2:5701", "10.0.0.7:5701");
        assertThat(resolve("10.0.0.2", List.of("nodes.example:5702")))
                .as("its address with another port is another node")
                .containsExactly("10.0.0.1:5702", "10.0.0.2:5702", "10.0.0.2:5701");
    }
}
