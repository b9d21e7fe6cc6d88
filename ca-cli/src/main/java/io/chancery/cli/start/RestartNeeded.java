package io.chancery.cli.start;

import io.chancery.core.config.CaConfig;
import io.chancery.core.config.ChanceryConfig;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Sha256;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which differences between two configurations a running process cannot take up, as JSON pointers. */
final class RestartNeeded {
    private final List<String> pointers = new ArrayList<>();

    private RestartNeeded() {}

    /** Empty when everything that differs can change while it runs. */
    static List<String> between(LoadedConfig before, LoadedConfig after) {
        RestartNeeded found = new RestartNeeded();
        found.ca(before, after);
        found.chancery(before.files().chancery(), after.files().chancery());
        return List.copyOf(found.pointers);
    }

    /** The password and the PIN are read when the key is opened; that they differ is for the next start. */
    private void ca(LoadedConfig before, LoadedConfig after) {
        CaConfig old = before.files().ca();
        CaConfig next = after.files().ca();
        differ("ca.json#/address", old.listeners().address(), next.listeners().address());
        differ(
                "ca.json#/metricsAddress",
                old.listeners().metricsAddress(),
                next.listeners().metricsAddress());
        differ(
                "ca.json#/insecureAddress",
                old.listeners().insecureAddress(),
                next.listeners().insecureAddress());
        if (next.listeners().insecureAddress().isPresent()) {
            // Its port is open only where lists are made.
            differ("ca.json#/crl/enabled", old.crl().enabled(), next.crl().enabled());
        }
        // By content, too: the same path may hold another certificate now.
        differ("ca.json#/root", before.roots(), after.roots());
        issuers(before, after);
        schemes(before, after);
        if (next.db().postgres().isEmpty()) {
            // PostgreSQL's is chancery.json's to say.
            differ("ca.json#/db", old.db().folder(), next.db().folder());
        }
        if (!sameStore(old.db(), next.db())) {
            pointers.add("ca.json#/db/dataSource");
        }
        differ("ca.json#/tls", old.tls(), next.tls());
    }

    /** Issuers come and go while it runs; ca.json's may become another one that was there before. */
    private void issuers(LoadedConfig before, LoadedConfig after) {
        Map<Sha256, KeyedIssuer> there = new HashMap<>();
        before.issuers().all().forEach(each -> there.put(id(each), each));
        KeyedIssuer standing = after.issuers().standing();
        if (!there.containsKey(id(standing))) {
            pointers.add("ca.json#/crt");
        }
        for (KeyedIssuer each : after.issuers().all()) {
            if (!each.equals(standing) && isReissued(before, each)) {
                pointers.add("chancery.json#/issuers (the certificate of "
                        + each.issuer().name() + ": its key had another one)");
            }
            Optional<KeyedIssuer.KeyPlace> old =
                    Optional.ofNullable(there.get(id(each))).flatMap(KeyedIssuer::key);
            if (old.isPresent()
                    && each.key().filter(place -> !place.sameAs(old.get())).isPresent()) {
                pointers.addAll(
                        each.equals(standing)
                                ? keyOfCaJson(before.files(), after.files(), each)
                                : List.of(keyOf(each)));
            }
        }
    }

    /** Signers and lists go on with the one that they began with, and a start alone tries whether the key can do it. */
    private void schemes(LoadedConfig before, LoadedConfig after) {
        Map<Sha256, SignatureScheme> old = new HashMap<>();
        before.issuers().all().forEach(each -> old.put(id(each), scheme(each)));
        boolean common = !common(before).equals(common(after));
        for (KeyedIssuer each : after.issuers().all()) {
            SignatureScheme signs = old.getOrDefault(id(each), scheme(each));
            if (!signs.equals(scheme(each))) {
                pointers.add(
                        common && each.equals(after.issuers().standing())
                                ? "chancery.json#/certificates/signatureAlgorithm"
                                : "chancery.json#/issuers (the signatureAlgorithm of "
                                        + each.issuer().name() + ": it signs with " + signs.text()
                                        + ", and goes on so with \"certificates\": {\"signatureAlgorithm\": \""
                                        + signs.text() + "\"} in its entry)");
            }
        }
    }

    private static SignatureScheme scheme(KeyedIssuer issuer) {
        return issuer.issuer().certificate().scheme();
    }

    private static Optional<SignatureScheme> common(LoadedConfig config) {
        return config.files().chancery().certificates().signatureAlgorithm();
    }

    /** Signers and lists are known by their key, and say of which certificate it is. */
    private static boolean isReissued(LoadedConfig before, KeyedIssuer issuer) {
        return before.issuers().all().stream()
                .anyMatch(old -> old.issuer().keyId().equals(issuer.issuer().keyId()) && !id(old).equals(id(issuer)));
    }

    private static Sha256 id(KeyedIssuer issuer) {
        return issuer.issuer().certificate().hash();
    }

    private static String keyOf(KeyedIssuer issuer) {
        return "chancery.json#/issuers (the key of " + issuer.issuer().name() + ")";
    }

    private static List<String> keyOfCaJson(ConfigFiles old, ConfigFiles next, KeyedIssuer issuer) {
        List<String> found = new ArrayList<>();
        if (!old.ca().pki().key().equals(next.ca().pki().key())) {
            found.add("ca.json#/key");
        }
        if (!old.ca().kms().uri().equals(next.ca().kms().uri())) {
            found.add("ca.json#/kms");
        }
        if (!old.chancery().kms().key().equals(next.chancery().kms().key())
                || !old.chancery().kms().uri().equals(next.chancery().kms().uri())) {
            found.add("chancery.json#/kms");
        }
        return found.isEmpty() ? List.of(keyOf(issuer)) : found;
    }

    private void chancery(ChanceryConfig old, ChanceryConfig next) {
        differ("chancery.json#/cluster", old.cluster(), next.cluster());
        differ(
                "chancery.json#/management/address",
                old.management().address(),
                next.management().address());
        differ(
                "chancery.json#/limits/storeQueue",
                old.limits().storeQueue(),
                next.limits().storeQueue());
        differ(
                "chancery.json#/limits/pkcs11Sessions",
                old.limits().pkcs11Sessions(),
                next.limits().pkcs11Sessions());
        differ("chancery.json#/store", old.store(), next.store());
        differ(
                "chancery.json#/kms",
                List.of(old.kms().writeMissingCertificate(), old.kms().allowWeakKey()),
                List.of(next.kms().writeMissingCertificate(), next.kms().allowWeakKey()));
        differ(
                "chancery.json#/listeners/proxyAddress",
                old.proxies().address(),
                next.proxies().address());
        differ(
                "chancery.json#/trustedProxies",
                old.proxies().trusted(),
                next.proxies().trusted());
    }

    private static boolean sameStore(CaConfig.Db old, CaConfig.Db next) {
        if (old.postgres().isEmpty() || next.postgres().isEmpty()) {
            return old.postgres().isPresent() == next.postgres().isPresent();
        }
        return old.postgres().get().sameAs(next.postgres().get());
    }

    private void differ(String pointer, Object old, Object next) {
        if (!old.equals(next)) {
            pointers.add(pointer);
        }
    }
}
