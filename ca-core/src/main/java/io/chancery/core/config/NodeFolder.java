package io.chancery.core.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where a node keeps what is its own when ca.json does not say, and its folder may be read-only. */
public final class NodeFolder {
    private NodeFolder() {}

    /** ca.json with the folder that chancery.json names for it; where it names SQLite's, that stays. */
    public static CaConfig apply(CaConfig ca, ChanceryConfig chancery) {
        Optional<Path> folder = chancery.store().folder();
        if (folder.isEmpty() || isNamed(ca)) {
            return ca;
        }
        CaConfig.Db db = ca.db();
        return new CaConfig(
                ca.pki(),
                ca.listeners(),
                ca.password(),
                ca.kms(),
                new CaConfig.Db(db.type(), folder.get(), Optional.empty(), db.postgres(), Optional.empty()),
                ca.tls(),
                ca.crl(),
                ca.authority());
    }

    /**
     * An error where the folder is named twice.
     *
     * @param file the name of chancery.json, for messages
     */
    public static List<ConfigProblem> check(String file, CaConfig ca, ChanceryConfig chancery) {
        Optional<Path> folder = chancery.store().folder();
        if (folder.isEmpty() || !isNamed(ca) || ca.db().folder().equals(folder.get())) {
            return List.of();
        }
        return List.of(ConfigProblem.error(
                file,
                "/store/folder",
                Node.quoted(folder.get().toString()),
                "nothing beside db.dataSource of ca.json, which is the folder where the store is SQLite"));
    }

    /** As SQLite's; a signer alone has no db in its ca.json. */
    private static boolean isNamed(CaConfig ca) {
        return ca.db().postgres().isEmpty() && ca.db().announced().isEmpty();
    }
}
