package io.chancery.cli.cluster;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.cli.SecretFiles;
import io.chancery.cli.UsageException;
import io.chancery.cli.WholeFiles;
import io.chancery.cluster.ca.ClusterCa;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one node of a cluster gets, to be copied to its machine: chancery.json, its bus certificate and key, and the CAs
 * that it believes. Each file is replaced in one step.
 */
final class NodeFolder {
    static final String SETTINGS = "chancery.json";
    static final String CERTIFICATE = "bus.crt";
    static final String KEY = "bus.key";
    static final String AUTHORITIES = "cluster-ca.crt";

    private final Path folder;
    private final Map<String, Object> settings;
    private final Map<String, Object> cluster;

    private NodeFolder(Path folder, Map<String, Object> settings, Map<String, Object> cluster) {
        this.folder = folder;
        this.settings = settings;
        this.cluster = cluster;
    }

    /**
     * Makes a node's folder in the cluster's, whole or not at all.
     *
     * @param authorities PEM text of the CAs that the node believes
     * @param cluster its part of chancery.json
     */
    static void make(Path clusterFolder, ClusterCa ca, String authorities, Map<String, Object> cluster)
            throws IOException, GeneralSecurityException {
        String id = (String) cluster.get("node");
        Path making = Files.createTempDirectory(clusterFolder, "." + id);
        NodeFolder node = new NodeFolder(making, new LinkedHashMap<>(Map.of("cluster", cluster)), cluster);
        node.renew(ca);
        node.believe(authorities);
        node.writeSettings();
        Path unused = Files.move(making, clusterFolder.resolve(id), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Empty when the folder is no node's. */
    static Optional<NodeFolder> find(Path folder) throws IOException, UsageException {
        Path file = folder.resolve(SETTINGS);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            Map<String, Object> settings = JSONObjectUtils.parse(Files.readString(file, StandardCharsets.UTF_8));
            Map<String, Object> cluster = JSONObjectUtils.getJSONObject(settings, "cluster");
            if (cluster == null || !folder.getFileName().toString().equals(cluster.get("node"))) {
                throw new UsageException(file + "#/cluster/node is not \"" + folder.getFileName()
                        + "\"; the folder of a node has the node's id");
            }
            return Optional.of(new NodeFolder(folder, settings, cluster));
        } catch (ParseException e) {
            throw new UsageException(file + " is no JSON of a node: " + e.getMessage());
        }
    }

    String id() {
        return text("node");
    }

    /** The cluster's name. */
    String clusterName() {
        return text("name");
    }

    Optional<String> apiNode() {
        return cluster.get("apiNode") instanceof String node ? Optional.of(node) : Optional.empty();
    }

    /** Where its Hazelcast and its bus listen. */
    List<String> addresses() {
        return List.of(text("hazelcast"), text("bus"));
    }

    List<String> members() {
        List<String> members = new ArrayList<>();
        if (cluster.get("members") instanceof List<?> list) {
            list.forEach(member -> members.add(String.valueOf(member)));
        }
        return members;
    }

    private String text(String name) {
        return cluster.get(name) instanceof String text ? text : "";
    }

    /** Does nothing when the member is there. */
    void addMember(String member) throws IOException {
        List<String> members = members();
        if (!members.contains(member)) {
            members.add(member);
            cluster.put("members", members);
            settings.put("cluster", cluster);
            writeSettings();
        }
    }

    private void writeSettings() throws IOException {
        WholeFiles.replace(folder.resolve(SETTINGS), JSONObjectUtils.toJSONString(settings) + "\n");
    }

    /** A new certificate, with a new key. A node that reads between the two finds that they do not fit, and waits. */
    void renew(ClusterCa ca) throws IOException, GeneralSecurityException {
        String bus = text("bus");
        ClusterCa.NodeIdentity identity = ca.issue(id(), bus.substring(0, Math.max(0, bus.lastIndexOf(':'))));
        SecretFiles.replace(folder.resolve(KEY), identity.keyPem());
        WholeFiles.replace(folder.resolve(CERTIFICATE), identity.certificatePem());
    }

    /** @param authorities PEM text */
    void believe(String authorities) throws IOException {
        WholeFiles.replace(folder.resolve(AUTHORITIES), authorities);
    }

    String certificate() throws IOException {
        return Files.readString(folder.resolve(CERTIFICATE), StandardCharsets.US_ASCII);
    }

    String authorities() throws IOException {
        return Files.readString(folder.resolve(AUTHORITIES), StandardCharsets.US_ASCII);
    }
}
