package io.chancery.cli.ceremony;

import io.chancery.cli.UsageException;
import io.chancery.cli.ceremony.CeremonyPlan.Authority;
import io.chancery.cli.ceremony.CeremonyPlan.KeyPlan;
import io.chancery.cli.ceremony.CeremonyPlan.Person;
import io.chancery.cli.hsm.CaFields;
import io.chancery.cli.hsm.PemFiles;
import io.chancery.core.certificate.CaNames;
import io.chancery.core.pem.PemBlock;
import io.chancery.signer.admin.KeyAlgorithm;
import io.chancery.signer.admin.KeyShares;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import org.bouncycastle.asn1.x500.X500Name;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads a ceremony's plan (YAML), and finds everything that is wrong with it before anything is done. */
final class PlanReader {
    private static final Set<String> TOP =
            Set.of("title", "people", "confirmations", "sameToken", "cloneTool", "authorities");
    private static final Set<String> OF_PERSON = Set.of("name", "key");
    private static final Set<String> OF_AUTHORITY = Set.of(
            "name",
            "kms",
            "algorithm",
            "backup",
            "request",
            "issuer",
            "subject",
            "validity",
            "pathLength",
            "permit",
            "exclude");
    private static final String NAME = "[a-z0-9][a-z0-9-]{0,40}";

    private final Path folder;
    private final List<String> problems = new ArrayList<>();

    private PlanReader(Path folder) {
        this.folder = folder;
    }

    /** UsageException lists all problems, each with its place. */
    static CeremonyPlan read(Path file) throws UsageException {
        try {
            String text = Files.readString(file, StandardCharsets.UTF_8);
            Path parent = file.toAbsolutePath().getParent();
            PlanReader reader = new PlanReader(parent == null ? Path.of("/") : parent);
            CeremonyPlan plan = reader.plan(text);
            if (!reader.problems.isEmpty()) {
                throw new UsageException(file + " cannot be followed:\n  " + String.join("\n  ", reader.problems));
            }
            return plan;
        } catch (IOException e) {
            throw new UsageException("cannot read the plan " + file);
        } catch (YamlEngineException e) {
            throw new UsageException(file + " is no YAML: " + e.getMessage());
        }
    }

    private CeremonyPlan plan(String text) {
        // Duplicates are errors in this library, and values are plain: no code of the plan's choosing runs.
        Object root = new Load(LoadSettings.builder().build()).loadFromString(text);
        Map<?, ?> top = map("", root, TOP);
        List<Person> people = new ArrayList<>();
        each(top, "people", (place, one) -> people.add(person(place, map(place, one, OF_PERSON))));
        List<Authority> authorities = new ArrayList<>();
        each(top, "authorities", (place, one) -> authorities.add(authority(place, map(place, one, OF_AUTHORITY))));
        int needed = number("", top, "confirmations").orElse(people.size());
        CeremonyPlan plan = new CeremonyPlan(
                text("", top, "title"),
                text,
                people,
                needed,
                "allowed".equals(top.get("sameToken")),
                optional("", top, "cloneTool").map(folder::resolve),
                authorities);
        check(plan);
        return plan;
    }

    private void check(CeremonyPlan plan) {
        if (plan.people().isEmpty()) {
            problem("people", "nobody", "at least one who confirms");
        }
        if (plan.needed() < 1 || plan.needed() > plan.people().size()) {
            problem("confirmations", String.valueOf(plan.needed()), "from 1 to the number of people");
        }
        Set<PublicKey> keys = new HashSet<>();
        Set<String> names = new HashSet<>();
        for (Person person : plan.people()) {
            if (!keys.add(person.key()) || !names.add(person.name())) {
                problem("people", person.name(), "each has a name and a key of their own");
            }
        }
        Set<String> before = new HashSet<>();
        for (Authority authority : plan.authorities()) {
            boolean known = authority
                    .issuer()
                    .map(it -> it.equals(Authority.ELSEWHERE) || before.contains(it))
                    .orElse(true);
            if (!known) {
                problem(authority.name() + "/issuer", authority.issuer().get(), "elsewhere, or one that stands above");
            }
            if (!before.add(authority.name())) {
                problem("authorities", authority.name(), "each name once");
            }
            authority
                    .issuer()
                    .filter(it ->
                            before.contains(it) && plan.authority(it).place().isEmpty())
                    .ifPresent(it -> problem(authority.name() + "/issuer", it, "one whose key is in this ceremony"));
        }
        if (plan.authorities().isEmpty()) {
            problem("authorities", "none", "at least one");
        }
    }

    private Person person(String place, Map<?, ?> map) {
        String file = text(place, map, "key");
        PublicKey key = null;
        try {
            for (PemBlock block : PemFiles.blocks(folder.resolve(file))) {
                if (block.type().equals("PUBLIC KEY")) {
                    key = publicKey(block.der().bytes());
                }
            }
        } catch (UsageException e) {
            problem(place + "/key", String.valueOf(e.getMessage()), "a PEM file");
        }
        if (key == null) {
            problem(place + "/key", file, "a file with a PEM block PUBLIC KEY, EC or RSA");
        }
        return new Person(name(place, map), key == null ? new NoKey() : key);
    }

    static @Nullable PublicKey publicKey(byte[] encoded) {
        X509EncodedKeySpec spec = new X509EncodedKeySpec(encoded);
        try {
            return KeyFactory.getInstance("EC").generatePublic(spec);
        } catch (GeneralSecurityException e) {
            return rsaKey(spec);
        }
    }

    private static @Nullable PublicKey rsaKey(X509EncodedKeySpec spec) {
        try {
            return KeyFactory.getInstance("RSA").generatePublic(spec);
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    private Authority authority(String place, Map<?, ?> map) {
        String name = name(place, map);
        Optional<Path> request = optional(place, map, "request").map(folder::resolve);
        Optional<String> kms = optional(place, map, "kms");
        if (kms.isPresent() == request.isPresent()) {
            problem(place, "kms and request", "one of them: a key made here, or a request made elsewhere");
        }
        Optional<String> issuer = optional(place, map, "issuer");
        if (request.isPresent()
                && issuer.filter(it -> !it.equals(Authority.ELSEWHERE)).isEmpty()) {
            problem(place + "/issuer", issuer.orElse("nothing"), "who signs the request: a CA that stands above");
        }
        int length = number(place, map, "pathLength").orElse(0);
        return new Authority(
                name,
                kms.map(it -> keyPlan(place, map, it)),
                request,
                issuer,
                or(place + "/subject", CaNames.subject("unknown"), () -> subject(text(place, map, "subject"))),
                or(
                        place + "/validity",
                        java.time.Duration.ofDays(1),
                        () -> CaFields.duration(text(place, map, "validity"))),
                length < 0 ? OptionalInt.empty() : OptionalInt.of(length),
                or(
                        place,
                        Optional.empty(),
                        () -> CaNames.constraints(texts(place, map, "permit"), texts(place, map, "exclude"))),
                "permitted " + texts(place, map, "permit") + ", excluded " + texts(place, map, "exclude"));
    }

    private static X500Name subject(String text) {
        return CaNames.subject(text);
    }

    private KeyPlan keyPlan(String place, Map<?, ?> map, String kms) {
        String unused = or(place + "/kms", "", () -> {
            Pkcs11Uri uri = Pkcs11Uri.parse(kms);
            if (uri.object().isEmpty() || kms.contains("pin-value=")) {
                throw new IllegalArgumentException(
                        "it needs object=, the new key's label, and has no pin-value: the plan"
                                + " is in the transcript");
            }
            return "";
        });
        KeyAlgorithm algorithm =
                or(place + "/algorithm", KeyAlgorithm.EC_P256, () -> KeyAlgorithm.parse(text(place, map, "algorithm")));
        String backup = text(place, map, "backup");
        Optional<KeyShares.Split> shares = backup.startsWith("shares ")
                ? or(
                        place + "/backup",
                        Optional.empty(),
                        () -> Optional.of(KeyShares.Split.parse(backup.substring("shares ".length()))))
                : Optional.empty();
        if (shares.isEmpty() && !backup.equals("none") && !backup.equals("clone")) {
            problem(place + "/backup", backup, "none, clone, or \"shares 2 of 3\"");
        }
        return new KeyPlan(kms, algorithm, shares, backup.equals("clone"));
    }

    private <T> T or(String place, T otherwise, Supplier<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            problem(place, String.valueOf(e.getMessage()), "see there");
            return otherwise;
        }
    }

    private String name(String place, Map<?, ?> map) {
        String name = text(place, map, "name");
        if (!name.matches(NAME)) {
            problem(place + "/name", name, "small letters, digits and hyphens");
        }
        return name;
    }

    private interface Item {
        void read(String place, @Nullable Object value);
    }

    private void each(Map<?, ?> map, String name, Item item) {
        if (map.get(name) instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                item.read(name + "/" + i, list.get(i));
            }
        } else {
            problem(name, "no list", "a list");
        }
    }

    private Map<?, ?> map(String place, @Nullable Object value, Set<String> known) {
        if (!(value instanceof Map<?, ?> map)) {
            problem(
                    place,
                    "no mapping",
                    String.join(", ", known.stream().sorted().toList()));
            return Map.of();
        }
        for (Object key : map.keySet()) {
            if (!known.contains(String.valueOf(key))) {
                problem(
                        place + "/" + key,
                        "not known",
                        String.join(", ", known.stream().sorted().toList()));
            }
        }
        return map;
    }

    private String text(String place, Map<?, ?> map, String name) {
        Optional<String> value = optional(place, map, name);
        if (value.isEmpty()) {
            problem(place + "/" + name, "nothing", "a text");
        }
        return value.orElse("");
    }

    private Optional<String> optional(String place, Map<?, ?> map, String name) {
        Object value = map.get(name);
        if (value != null && !(value instanceof String)) {
            problem(place + "/" + name, String.valueOf(value), "a text");
        }
        return value instanceof String text ? Optional.of(text) : Optional.empty();
    }

    private OptionalInt number(String place, Map<?, ?> map, String name) {
        Object value = map.get(name);
        if (value != null && !(value instanceof Integer)) {
            problem(place + "/" + name, String.valueOf(value), "a whole number");
        }
        return value instanceof Integer number ? OptionalInt.of(number) : OptionalInt.empty();
    }

    private List<String> texts(String place, Map<?, ?> map, String name) {
        List<String> texts = new ArrayList<>();
        if (map.get(name) != null && !(map.get(name) instanceof List<?>)) {
            problem(place + "/" + name, String.valueOf(map.get(name)), "a list of texts");
        } else if (map.get(name) != null) {
            each(map, name, (at, value) -> texts.add(String.valueOf(value)));
        }
        return texts;
    }

    private void problem(String place, String found, String allowed) {
        problems.add(place + ": found " + found + "; allowed: " + allowed);
    }

    /** Stands where a key could not be read, until all problems are told. */
    private static final class NoKey implements PublicKey {
        private static final long serialVersionUID = 1L;

        @Override
        public String getAlgorithm() {
            return "none";
        }

        @Override
        public String getFormat() {
            return "none";
        }

        @Override
        public byte[] getEncoded() {
            return new byte[0];
        }
    }
}
