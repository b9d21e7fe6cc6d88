package io.chancery.cli.ceremony;

import io.chancery.cli.UsageException;
import io.chancery.cli.ceremony.CeremonyPlan.Authority;
import io.chancery.cli.ceremony.CeremonyPlan.KeyPlan;
import io.chancery.cli.ceremony.CeremonyPlan.Person;
import io.chancery.cli.hsm.CaFields;
import io.chancery.cli.hsm.PemFiles;
import io.chancery.core.certificate.CaNames;
import io.chancery.core.crypto.SignatureScheme;
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
            "signatureAlgorithm",
            "backup",
            "request",
            "issuer",
            "subject",
            "validity",
            "pathLength",
            "permit",
            "exclude",
            "crlUrls");
    private static final String NAME = "[a-z0-9][a-z0-9-]{0,40}";

    private final Path folder;
    private final PlanText plan = new PlanText();

    private PlanReader(Path folder) {
        this.folder = folder;
    }

    /** UsageException lists all problems, each with its place. */
    static CeremonyPlan read(Path file) throws UsageException {
        try {
            String text = Files.readString(file, StandardCharsets.UTF_8);
            Path parent = file.toAbsolutePath().getParent();
            PlanReader reader = new PlanReader(parent == null ? Path.of("/") : parent);
            CeremonyPlan read = reader.plan(text);
            if (!reader.plan.problems().isEmpty()) {
                throw new UsageException(
                        file + " cannot be followed:\n  " + String.join("\n  ", reader.plan.problems()));
            }
            return read;
        } catch (IOException e) {
            throw new UsageException("cannot read the plan " + file);
        } catch (YamlEngineException e) {
            throw new UsageException(file + " is no YAML: " + e.getMessage());
        }
    }

    private CeremonyPlan plan(String text) {
        // Duplicates are errors in this library, and values are plain: no code of the plan's choosing runs.
        Object root = new Load(LoadSettings.builder().build()).loadFromString(text);
        Map<?, ?> top = plan.map("", root, TOP);
        List<Person> people = new ArrayList<>();
        plan.each(top, "people", (place, one) -> people.add(person(place, plan.map(place, one, OF_PERSON))));
        List<Authority> authorities = new ArrayList<>();
        plan.each(
                top,
                "authorities",
                (place, one) -> authorities.add(authority(place, plan.map(place, one, OF_AUTHORITY))));
        int needed = plan.number("", top, "confirmations").orElse(people.size());
        CeremonyPlan read = new CeremonyPlan(
                plan.text("", top, "title"),
                text,
                people,
                needed,
                "allowed".equals(top.get("sameToken")),
                plan.optional("", top, "cloneTool").map(folder::resolve),
                authorities);
        check(read);
        return read;
    }

    private void check(CeremonyPlan read) {
        if (read.people().isEmpty()) {
            plan.problem("people", "nobody", "at least one who confirms");
        }
        if (read.needed() < 1 || read.needed() > read.people().size()) {
            plan.problem("confirmations", String.valueOf(read.needed()), "from 1 to the number of people");
        }
        Set<PublicKey> keys = new HashSet<>();
        Set<String> names = new HashSet<>();
        for (Person person : read.people()) {
            if (!keys.add(person.key()) || !names.add(person.name())) {
                plan.problem("people", person.name(), "each has a name and a key of their own");
            }
        }
        Set<String> before = new HashSet<>();
        for (Authority authority : read.authorities()) {
            boolean known = authority
                    .issuer()
                    .map(it -> it.equals(Authority.ELSEWHERE) || before.contains(it))
                    .orElse(true);
            if (!known) {
                plan.problem(
                        authority.name() + "/issuer", authority.issuer().get(), "elsewhere, or one that stands above");
            }
            if (!before.add(authority.name())) {
                plan.problem("authorities", authority.name(), "each name once");
            }
            authority
                    .issuer()
                    .filter(it ->
                            before.contains(it) && read.authority(it).place().isEmpty())
                    .ifPresent(
                            it -> plan.problem(authority.name() + "/issuer", it, "one whose key is in this ceremony"));
        }
        if (read.authorities().isEmpty()) {
            plan.problem("authorities", "none", "at least one");
        }
    }

    private Person person(String place, Map<?, ?> map) {
        String file = plan.text(place, map, "key");
        PublicKey key = null;
        try {
            for (PemBlock block : PemFiles.blocks(folder.resolve(file))) {
                if (block.type().equals("PUBLIC KEY")) {
                    key = publicKey(block.der().bytes());
                }
            }
        } catch (UsageException e) {
            plan.problem(place + "/key", String.valueOf(e.getMessage()), "a PEM file");
        }
        if (key == null) {
            plan.problem(place + "/key", file, "a file with a PEM block PUBLIC KEY, EC or RSA");
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
        Optional<Path> request = plan.optional(place, map, "request").map(folder::resolve);
        Optional<String> kms = plan.optional(place, map, "kms");
        if (kms.isPresent() == request.isPresent()) {
            plan.problem(place, "kms and request", "one of them: a key made here, or a request made elsewhere");
        }
        Optional<String> issuer = plan.optional(place, map, "issuer");
        if (request.isPresent()
                && issuer.filter(it -> !it.equals(Authority.ELSEWHERE)).isEmpty()) {
            plan.problem(place + "/issuer", issuer.orElse("nothing"), "who signs the request: a CA that stands above");
        }
        if (request.isPresent() && map.containsKey("signatureAlgorithm")) {
            plan.problem(place + "/signatureAlgorithm", "one", "none beside request: its issuer's counts");
        }
        if (map.containsKey("crlUrls")
                && issuer.filter(it -> !it.equals(Authority.ELSEWHERE)).isEmpty()) {
            plan.problem(
                    place + "/crlUrls",
                    "some",
                    "none where " + (issuer.isEmpty() ? "there is no issuer" : "the certificate is made elsewhere")
                            + ": they name where the issuer's list is");
        }
        int length = plan.number(place, map, "pathLength").orElse(0);
        return new Authority(
                name,
                kms.map(it -> keyPlan(place, map, it)),
                request,
                issuer,
                plan.or(
                        place + "/subject",
                        CaNames.subject("unknown"),
                        () -> subject(plan.text(place, map, "subject"))),
                plan.or(
                        place + "/validity",
                        java.time.Duration.ofDays(1),
                        () -> CaFields.duration(plan.text(place, map, "validity"))),
                length < 0 ? OptionalInt.empty() : OptionalInt.of(length),
                plan.or(
                        place,
                        Optional.empty(),
                        () -> CaNames.constraints(plan.texts(place, map, "permit"), plan.texts(place, map, "exclude"))),
                "permitted " + plan.texts(place, map, "permit") + ", excluded " + plan.texts(place, map, "exclude"),
                plan.or(place + "/crlUrls", List.of(), () -> CaNames.crlUrls(plan.texts(place, map, "crlUrls"))));
    }

    private static X500Name subject(String text) {
        return CaNames.subject(text);
    }

    private KeyPlan keyPlan(String place, Map<?, ?> map, String kms) {
        String unused = plan.or(place + "/kms", "", () -> {
            Pkcs11Uri uri = Pkcs11Uri.parse(kms);
            if (uri.object().isEmpty() || kms.contains("pin-value=")) {
                throw new IllegalArgumentException(
                        "it needs object=, the new key's label, and has no pin-value: the plan"
                                + " is in the transcript");
            }
            return "";
        });
        KeyAlgorithm algorithm = plan.or(
                place + "/algorithm",
                KeyAlgorithm.EC_P256,
                () -> KeyAlgorithm.parse(plan.text(place, map, "algorithm")));
        Optional<SignatureScheme> scheme = plan.or(
                place + "/signatureAlgorithm",
                Optional.empty(),
                () -> plan.optional(place, map, "signatureAlgorithm")
                        .map(name -> fitting(algorithm, CaFields.scheme(name))));
        String backup = plan.text(place, map, "backup");
        Optional<KeyShares.Split> shares = backup.startsWith("shares ")
                ? plan.or(
                        place + "/backup",
                        Optional.empty(),
                        () -> Optional.of(KeyShares.Split.parse(backup.substring("shares ".length()))))
                : Optional.empty();
        if (shares.isEmpty() && !backup.equals("none") && !backup.equals("clone")) {
            plan.problem(place + "/backup", backup, "none, clone, or \"shares 2 of 3\"");
        }
        return new KeyPlan(kms, algorithm, scheme, shares, backup.equals("clone"));
    }

    private static SignatureScheme fitting(KeyAlgorithm algorithm, SignatureScheme scheme) {
        if (scheme == SignatureScheme.ED25519 || algorithm.isRsa() != scheme.isRsa()) {
            throw new IllegalArgumentException("a key of " + algorithm + " does not sign with " + scheme.text());
        }
        return scheme;
    }

    private String name(String place, Map<?, ?> map) {
        String name = plan.text(place, map, "name");
        if (!name.matches(NAME)) {
            plan.problem(place + "/name", name, "small letters, digits and hyphens");
        }
        return name;
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
