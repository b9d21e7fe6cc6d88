package io.chancery.conformance;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.testing.FreePorts;
import java.util.Map;

/** A member of nodes' grid that is none of them: it knows their addresses and the cluster's name, and needs no more. */
final class GridStranger {
    private GridStranger() {}

    static HazelcastInstance join(EqualNodes nodes) throws Exception {
        Object cluster = JSONObjectUtils.parse(StepPki.text(nodes.file("n1", "chancery.json")))
                .get("cluster");
        Config config = new Config();
        config.setClusterName(String.valueOf(((Map<?, ?>) cluster).get("name")));
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.setProperty("hazelcast.logging.type", "none");
        config.setProperty("hazelcast.socket.bind.any", "false");
        config.getNetworkConfig().setPort(FreePorts.take()).setPortAutoIncrement(false);
        config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
        JoinConfig join = config.getNetworkConfig().getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        join.getTcpIpConfig().setEnabled(true);
        for (String name : nodes.names()) {
            join.getTcpIpConfig().addMember("127.0.0.1:" + nodes.hazelcastPort(name));
        }
        return Hazelcast.newHazelcastInstance(config);
    }
}
