package io.chancery.core.config;

import io.chancery.core.certificate.KeyId;
import io.chancery.core.chain.AbandonedIssuers;
import io.chancery.core.der.Sha256;
import io.chancery.core.issuer.IssuingRule;
import io.chancery.core.issuer.KeyType;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what chancery.json says of issuers: {@code issuers} and {@code abandonedIssuers}. */
final class IssuersReader {
    private static final int MOST = 15; // with ca.json's, as many keys as a node can tell the others of
    private static final String NAME = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

    private IssuersReader() {}

    static List<ChanceryConfig.IssuerEntry> issuers(Problems problems, Node root, Path folder) {
        Object value = root.raw("issuers");
        List<ChanceryConfig.IssuerEntry> all = new ArrayList<>();
        if (value instanceof List<?> list && list.size() <= MOST) {
            Set<String> names = new HashSet<>();
            for (int i = 0; i < list.size(); i++) {
                String pointer = "/issuers/" + i;
                if (list.get(i) instanceof Map<?, ?> map) {
                    @SuppressWarnings("unchecked") // JSON objects have string keys
                    Node node = new Node(problems, pointer, (Map<String, @Nullable Object>) map);
                    ChanceryConfig.IssuerEntry issuer = issuer(problems, node, folder);
                    if (!names.add(issuer.name())) {
                        problems.error(pointer + "/name", Node.quoted(issuer.name()), "a name that no other one has");
                    }
                    all.add(issuer);
                } else {
                    problems.error(pointer, "no JSON object", "an object");
                    Problems untold = new Problems("");
                    all.add(issuer(untold, new Node(untold, pointer, Map.of()), folder)); // the others keep their index
                }
            }
        } else if (value != null) {
            problems.error("/issuers", "something else", "a list of at most " + MOST + " objects");
        }
        return all;
    }

    private static ChanceryConfig.IssuerEntry issuer(Problems problems, Node node, Path folder) {
        String allowed = "1 to 63 lower-case letters, digits and inner hyphens, such as \"2027\"";
        String name = node.required("name", allowed);
        if (!name.isEmpty() && !name.matches(NAME)) {
            problems.error(node.pointer("name"), Node.quoted(name), allowed);
        }
        String crt = node.required("crt", "the path of a PEM file: the issuer's certificate, then those above it");
        Node kms = node.object("kms");
        Optional<String> kmsUri = kms.text("uri");
        kms.reportUnknown(true);
        boolean hasUrls = node.has("certificates");
        ChanceryConfig.Certificates urls = ChanceryConfigReader.links(problems, node.object("certificates"));
        ChanceryConfig.IssuerEntry issuer = new ChanceryConfig.IssuerEntry(
                name,
                node.toPath(node.pointer("crt"), crt, folder).orElse(folder),
                node.key("key", folder),
                kmsUri,
                node.path("passwordFile", folder),
                hasUrls ? Optional.of(urls) : Optional.empty(),
                node.has("issues") ? Optional.of(rule(problems, node.object("issues"))) : Optional.empty());
        node.reportUnknown(true);
        return issuer;
    }

    private static IssuingRule rule(Problems problems, Node node) {
        IssuingRule rule = new IssuingRule(
                from(problems, node), new HashSet<>(node.texts("provisioners")), keyTypes(problems, node));
        node.reportUnknown(true);
        return rule;
    }

    private static Optional<Instant> from(Problems problems, Node node) {
        Optional<String> text = node.text("from");
        try {
            return text.map(time -> OffsetDateTime.parse(time).toInstant());
        } catch (DateTimeException e) {
            problems.error(
                    node.pointer("from"), Node.quoted(text.orElse("")), "a time such as \"2027-01-01T00:00:00Z\"");
            return Optional.empty();
        }
    }

    private static Set<KeyType> keyTypes(Problems problems, Node node) {
        Set<KeyType> types = new HashSet<>();
        for (String text : node.texts("keyTypes")) {
            try {
                types.add(KeyType.valueOf(text));
            } catch (IllegalArgumentException e) {
                problems.error(node.pointer("keyTypes"), Node.quoted(text), "EC, RSA or OKP (Ed25519)");
            }
        }
        return types;
    }

    static AbandonedIssuers abandoned(Problems problems, Node root) {
        String key = "the id of an issuer's key, 32 hex digits, as the refused start names it";
        Set<KeyId> keys = new HashSet<>();
        Set<Sha256> certificates = new HashSet<>();
        for (String text : root.texts("abandonedIssuers")) {
            if (text.matches("[0-9a-fA-F]{32}")) {
                keys.add(new KeyId(text.toLowerCase(Locale.ROOT)));
            } else if (text.matches("[0-9a-fA-F]{64}")) {
                certificates.add(Sha256.ofValue(HexFormat.of().parseHex(text)));
                problems.warning(
                        "/abandonedIssuers",
                        Node.quoted(text)
                                + ", the SHA-256 of one certificate: whoever has the key comes with another one of it",
                        key + ", beside it or in its place");
            } else {
                problems.error("/abandonedIssuers", Node.quoted(text), key + "; or the SHA-256 of its certificate, 64");
            }
        }
        return new AbandonedIssuers(keys, certificates);
    }
}
