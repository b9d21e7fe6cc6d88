package io.chancery.cluster.join;

import io.chancery.core.config.CaConfig;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses behind {@code cluster.members} and {@code cluster.hazelcast}: a host name stands for all it has. Hazelcast
 * itself would take one of them, and of those that are bound to an interface none but its own; and for where it listens
 * itself it takes no name at all.
 *
 * @param own the address where this node listens; an IPv6 address in brackets
 * @param members each with its port, as far as it has one, this node's own among them; IPv6 addresses in brackets
 */
record MemberAddresses(String own, List<String> members) {
    private static final Logger LOG = LoggerFactory.getLogger(MemberAddresses.class);

    MemberAddresses {
        members = List.copyOf(members);
    }

    /** As whoever asks for an address and no port has it. */
    String ownUnbracketed() {
        return unbracketed(own);
    }

    boolean ipv6() {
        return own.startsWith("[");
    }

    /**
     * Each address once, and of IPv4 and IPv6 those alone that a node with this host can speak to: one node with both is
     * not two. A name that nobody knows now stays as it is, as one member that is not there yet. This node's own is among
     * them in any case, so that they can be counted. Waits for DNS.
     *
     * @param own where this node listens; of a name's addresses the first that is not this machine's alone
     * @throws UnknownHostException with a text for people, when not one of them is known, or no other node could reach the
     *     name of this one
     */
    static MemberAddresses resolve(List<String> members, CaConfig.HostPort own, Resolver resolver)
            throws UnknownHostException {
        List<InetAddress> here = resolver.all(unbracketed(own.host()));
        InetAddress listening = here.stream()
                .filter(each -> !each.isLoopbackAddress())
                .findFirst()
                .orElse(here.get(0));
        Class<?> family = listening.getClass();
        boolean elsewhere = false;
        Set<String> addresses = new LinkedHashSet<>();
        List<String> unknown = new ArrayList<>();
        for (String member : members) {
            int colon = portColon(member);
            String host = colon < 0 ? member : member.substring(0, colon);
            String port = colon < 0 ? "" : member.substring(colon);
            try {
                for (InetAddress address : resolver.all(unbracketed(host))) {
                    if (family.isInstance(address)) {
                        boolean unused = addresses.add(text(address) + port);
                        elsewhere |= !address.isLoopbackAddress();
                    }
                }
            } catch (UnknownHostException e) {
                LOG.atWarn().addKeyValue("member", member).log("a member of the cluster has a name that is not known");
                unknown.add(member);
            }
        }
        if (addresses.isEmpty()) {
            throw new UnknownHostException("chancery.json#/cluster/members: no address is known for any of "
                    + String.join(", ", unknown) + "; names must be known to DNS or the hosts file");
        }
        if (elsewhere && listening.isLoopbackAddress()) {
            throw new UnknownHostException("chancery.json#/cluster/hazelcast: " + own.host() + " is " + text(listening)
                    + " here, where no other machine reaches it; name an address, or mend the hosts file");
        }
        if (here.stream()
                .map(MemberAddresses::text)
                .noneMatch(host -> addresses.contains(host) || addresses.contains(host + ":" + own.port()))) {
            addresses.add(text(listening) + ":" + own.port());
        }
        addresses.addAll(unknown);
        return new MemberAddresses(text(listening), List.copyOf(addresses));
    }

    private static String text(InetAddress address) {
        String text = address.getHostAddress();
        return text.contains(":") ? "[" + text + "]" : text;
    }

    /** Where the port begins; less than 0 without one. An IPv6 address with a port stands in brackets. */
    private static int portColon(String member) {
        int last = member.lastIndexOf(':');
        boolean bareIpv6 = member.indexOf(':') != last && !member.contains("]");
        return bareIpv6 || last < member.indexOf(']') ? -1 : last;
    }

    private static String unbracketed(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    /** DNS, or what a test has in its place. */
    interface Resolver {
        List<InetAddress> all(String host) throws UnknownHostException;

        static List<InetAddress> dns(String host) throws UnknownHostException {
            return Arrays.asList(InetAddress.getAllByName(host));
        }
    }
}
