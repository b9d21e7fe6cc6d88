package io.chancery.cluster.mtls;

import io.chancery.cluster.ca.ClusterCa;
import io.chancery.core.config.CaConfig;
import io.chancery.core.config.ChanceryConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A node's three files in a folder. */
record BusFiles(Path folder) {
    void certificate(ClusterCa.NodeIdentity identity) throws IOException {
        write("bus.crt", identity.certificatePem());
    }

    void key(ClusterCa.NodeIdentity identity) throws IOException {
        write("bus.key", identity.keyPem());
    }

    void authorities(ClusterCa... authorities) throws Exception {
        StringBuilder all = new StringBuilder();
        for (ClusterCa one : authorities) {
            all.append(one.certificatePem());
        }
        write("cluster-ca.crt", all.toString());
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text, StandardCharsets.UTF_8);
    }

    ChanceryConfig.Cluster cluster() {
        return new ChanceryConfig.Cluster(
                "n1",
                "test",
                Optional.empty(),
                List.of("127.0.0.1:1"),
                0,
                new CaConfig.HostPort("127.0.0.1", 1),
                new CaConfig.HostPort("127.0.0.1", 2),
                folder.resolve("bus.crt"),
                folder.resolve("bus.key"),
                folder.resolve("cluster-ca.crt"));
    }
}
