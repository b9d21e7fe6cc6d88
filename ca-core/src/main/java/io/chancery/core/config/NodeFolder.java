package io.chancery.core.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where a node on PostgreSQL keeps what is its own, when that is not the folder of ca.json, which may be read-only. */
public final class NodeFolder {
    private NodeFolder() {}

    /** ca.json with the folder that chancery.json names for it; SQLite's is ca.json's to say. */
    public static CaConfig apply(CaConfig ca, ChanceryConfig chancery) {
        Optional<Path> folder = chancery.store().folder();
        if (folder.isEmpty() || !onPostgres(ca)) {
            return ca;
        }
        CaConfig.Db db = ca.db();
        return new CaConfig(
                ca.pki(),
                ca.listeners(),
                ca.password(),
                ca.kms(),
                new CaConfig.Db(db.type(), folder.get(), db.announced(), db.postgres()),
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
        if (folder.isEmpty() || onPostgres(ca)) {
            return List.of();
        }
        return List.of(ConfigProblem.error(
                file,
                "/store/folder",
                Node.quoted(folder.get().toString()),
                "nothing where the store is SQLite: db.dataSource of ca.json is the folder"));
    }

    private static boolean onPostgres(CaConfig ca) {
        return ca.db().type().equals("postgresql");
    }
}
