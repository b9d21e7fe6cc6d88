package io.chancery.cluster.members;

import io.chancery.cluster.bus.NodeId;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.der.Sha256;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a node says of itself to the others. Facts to look at, and to keep out a node that was put into the wrong cluster
 * by mistake: nothing is permitted because of them, as whoever is in the grid can say anything.
 *
 * @param role {@code all}, {@code api} or {@code signer}
 * @param keys that it signs with
 */
public record NodeFacts(
        NodeId node, ClusterIdentity identity, String version, String role, List<KeyId> keys, Files files) {
    private static final String PREFIX = "chancery.";
    private static final Pattern WORD = Pattern.compile("[!-~]{1,64}");
    private static final int MOST_CHARS = 1_100; // sixteen hashes
    private static final int MOST_KEYS = 16;

    public NodeFacts {
        keys = List.copyOf(keys);
    }

    /**
     * The configuration that is in force, by the SHA-256 of each file's content; that of nothing when there is no file.
     */
    public record Files(Sha256 caJson, Sha256 chanceryJson) {}

    public NodeFacts withFiles(Files now, List<KeyId> nowKeys) {
        return new NodeFacts(node, identity, version, role, nowKeys, now);
    }

    public NodeFacts withIdentity(ClusterIdentity now) {
        return new NodeFacts(node, now, version, role, keys, files);
    }

    /** Whether it serves the API, and so has a store. */
    public boolean hasStore() {
        return !role.equals("signer");
    }

    /** Why this node may not join one that is there; empty when it may. */
    public Optional<String> refusedBy(NodeFacts older) {
        return identity.differsFrom(older.identity)
                .map(why -> "node " + older.node + " is in the cluster " + "already, and " + why);
    }

    /** As short texts, which {@link #parse} reads. */
    public Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put(PREFIX + "node", node.value());
        texts.put(PREFIX + "roots", identity.roots().hex());
        texts.put(PREFIX + "busIssuer", identity.busIssuer().hex());
        texts.put(
                PREFIX + "busTrust",
                identity.busTrust().stream().map(Sha256::hex).sorted().collect(Collectors.joining(",")));
        texts.put(PREFIX + "version", version);
        texts.put(PREFIX + "role", role);
        texts.put(PREFIX + "keys", keys.stream().map(KeyId::value).collect(Collectors.joining(",")));
        texts.put(PREFIX + "caJson", files.caJson().hex());
        texts.put(PREFIX + "chanceryJson", files.chanceryJson().hex());
        return texts;
    }

    /** Empty when a text is missing or is not what it should be. */
    public static Optional<NodeFacts> parse(Map<String, ? extends @Nullable Object> texts) {
        try {
            Texts in = new Texts(texts);
            List<String> keys = in.list("keys");
            if (keys.size() > MOST_KEYS) {
                return Optional.empty();
            }
            return Optional.of(new NodeFacts(
                    new NodeId(in.text("node")),
                    new ClusterIdentity(
                            hash(in.text("roots")),
                            hash(in.text("busIssuer")),
                            in.list("busTrust").stream().map(NodeFacts::hash).collect(Collectors.toSet())),
                    in.word("version"),
                    in.word("role"),
                    keys.stream().map(KeyId::new).toList(),
                    new Files(hash(in.text("caJson")), hash(in.text("chanceryJson")))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Sha256 hash(String hex) {
        return Sha256.ofValue(HexFormat.of().parseHex(hex));
    }

    private record Texts(Map<String, ? extends @Nullable Object> from) {
        String text(String name) {
            if (from.get(PREFIX + name) instanceof String text && text.length() <= MOST_CHARS) {
                return text;
            }
            throw new IllegalArgumentException(name);
        }

        String word(String name) {
            String word = text(name);
            if (!WORD.matcher(word).matches()) {
                throw new IllegalArgumentException(name);
            }
            return word;
        }

        List<String> list(String name) {
            String text = text(name);
            return text.isEmpty() ? List.of() : Arrays.asList(text.split(",", -1));
        }
    }
}
