package io.chancery.cli.cluster;

import io.chancery.cli.UsageException;
import io.chancery.cluster.bus.NodeId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A node as {@code ID=HOST:HAZELCAST_PORT:BUS_PORT} names it. */
record NodeSpec(NodeId id, String host, int hazelcastPort, int busPort) {
    private static final Pattern FORM = Pattern.compile("([a-z0-9-]+)=([^:=]+|\\[[^]]+]):(\\d{1,5}):(\\d{1,5})");

    static NodeSpec parse(String text) throws UsageException {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new UsageException(
                    text + ": should be ID=HOST:HAZELCAST_PORT:BUS_PORT, such as n1=10.9.0.11:5701:5702");
        }
        try {
            NodeSpec spec = new NodeSpec(
                    new NodeId(parts.group(1)), parts.group(2), port(parts.group(3)), port(parts.group(4)));
            if (spec.hazelcastPort == spec.busPort) {
                throw new IllegalArgumentException("Hazelcast and the bus cannot listen at the same port");
            }
            return spec;
        } catch (IllegalArgumentException e) {
            throw new UsageException(text + ": " + e.getMessage());
        }
    }

    /** Where the others find it. */
    String member() {
        return host + ":" + hazelcastPort;
    }

    String bus() {
        return host + ":" + busPort;
    }

    /**
     * Its part of chancery.json.
     *
     * @param name the cluster's
     * @param apiNode the one with the store, where that is SQLite
     */
    Map<String, Object> settings(String name, Optional<String> apiNode, List<String> members) {
        Map<String, Object> cluster = new LinkedHashMap<>();
        cluster.put("node", id.value());
        cluster.put("name", name);
        apiNode.ifPresent(node -> cluster.put("apiNode", node));
        cluster.put("members", members);
        cluster.put("hazelcast", member());
        cluster.put("bus", bus());
        cluster.put("certificate", NodeFolder.CERTIFICATE);
        cluster.put("key", NodeFolder.KEY);
        cluster.put("ca", NodeFolder.AUTHORITIES);
        return cluster;
    }

    private static int port(String text) {
        int port = Integer.parseInt(text);
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("a port is from 1 to 65535");
        }
        return port;
    }
}
