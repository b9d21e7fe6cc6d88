package io.chancery.cli.cluster;

import io.chancery.signer.admin.Finding;
import io.chancery.signer.admin.Finding.Status;
import io.chancery.signer.admin.KeyAttributes;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Compares where nodes keep the key of one issuer, and what the tokens are like that it is on. Pure. */
final class TokenComparison {
    /** Of mechanisms; a token of another make may lack dozens. */
    private static final int MOST_NAMED = 6;

    private static final String TO_SIGN = " to sign";

    private final String issuer;
    private final SortedMap<String, JsonObject> tokens = new TreeMap<>();
    private final List<Finding> findings = new ArrayList<>();

    private TokenComparison(String issuer) {
        this.issuer = issuer;
    }

    /**
     * What was found, in words.
     *
     * @param says of the issuer, by node; a node of an older version does not tell of its token
     */
    static List<Finding> examine(String issuer, Map<String, JsonObject> says) {
        TokenComparison comparison = new TokenComparison(issuer);
        comparison.kept(says);
        new TreeMap<>(says).forEach(comparison::token);
        if (!comparison.tokens.isEmpty()) {
            comparison.makes();
            comparison.attributes();
            comparison.sessions();
            comparison.mechanisms();
        }
        return comparison.findings;
    }

    /** Notes in what a node says of each token how many signatures at once all issuers with keys on it want together. */
    static void addUp(JsonObject said) {
        List<JsonObject> tokens = said.getJsonArray("issuers").stream()
                .map(issuer -> ((JsonObject) issuer).getJsonObject("token"))
                .filter(token -> token != null && token.getLong("signaturesAtOnce") != null)
                .toList();
        Map<String, Long> together = new LinkedHashMap<>();
        tokens.forEach(token -> together.merge(identity(token), token.getLong("signaturesAtOnce"), Long::sum));
        tokens.forEach(token -> token.put("signaturesTogether", together.get(identity(token))));
    }

    private static String identity(JsonObject token) {
        return token.getString("label") + "/" + token.getString("serial") + "/" + token.getString("model");
    }

    private static long together(JsonObject token) {
        Long sum = token.getLong("signaturesTogether");
        return sum == null ? token.getLong("signaturesAtOnce") : sum;
    }

    private void add(String check, Status status, String found, String todo) {
        findings.add(new Finding(check, status, found, todo));
    }

    private void kept(Map<String, JsonObject> says) {
        SortedMap<String, SortedSet<String>> places = new TreeMap<>();
        says.forEach((node, said) -> {
            String place = said.getString("kept");
            if (place != null) {
                places.computeIfAbsent(place, first -> new TreeSet<>()).add(node);
            }
        });
        if (places.size() > 1) {
            add(
                    "key-kept",
                    Status.WARNING,
                    "the key of " + issuer + " is " + values(places),
                    "bring it to a token there, too (chancery hsm load), or take it off that node and let the others"
                            + " sign: it is as safe as the least safe place");
        }
    }

    private void token(String node, JsonObject said) {
        JsonObject token = said.getJsonObject("token");
        if (token == null) {
            return;
        }
        if (token.getString("why") == null) {
            tokens.put(node, token);
        } else {
            add(
                    "token",
                    Status.WARNING,
                    "the token with the key of " + issuer + " on " + node + " was not looked at: "
                            + token.getString("why"),
                    "once more; if it stays so, chancery hsm doctor there");
        }
    }

    private void makes() {
        SortedMap<String, SortedSet<String>> makes = by(token -> token.getString("model") + ", firmware "
                + token.getString("firmware") + ", library " + token.getString("library"));
        if (makes.size() > 1) {
            add(
                    "token",
                    Status.WARNING,
                    "the key of " + issuer + " is on tokens that differ: " + values(makes),
                    "let all have the same library and firmware, unless you are just changing them node by node");
        } else {
            add(
                    "token",
                    Status.OK,
                    "the key of " + issuer + " is on "
                            + values(by(token -> "token " + token.getString("label") + " (serial "
                                    + token.getString("serial") + ")"))
                            + "; " + makes.firstKey(),
                    "");
        }
    }

    private void attributes() {
        SortedMap<String, SortedSet<String>> weak =
                by(token -> String.join("; ", key(token).weaknesses()));
        weak.remove("");
        weak.forEach((weakness, nodes) -> add(
                "key-attributes",
                Status.WARNING,
                "the key of " + issuer + " is weak on " + and(nodes) + ": " + weakness,
                "make another key (chancery hsm keygen) and let it take this one's place (docs/rotation.md); kms.allowWeakKey"
                        + " lets this one be used until then"));
        List<String> different = new ArrayList<>();
        for (String name : key(tokens.values().iterator().next()).asMap().keySet()) {
            SortedMap<String, SortedSet<String>> values =
                    by(token -> String.valueOf(key(token).asMap().get(name)));
            if (values.size() > 1) {
                different.add(name + " is " + values(values));
            }
        }
        if (!different.isEmpty()) {
            add(
                    "key-attributes",
                    Status.WARNING,
                    "the key of " + issuer + " is not kept alike: " + String.join("; ", different),
                    "find out how the key came to each token (chancery hsm list there); where it is more open than it"
                            + " should be, bring it there anew from its backup, or make another");
        } else if (weak.isEmpty()) {
            add(
                    "key-attributes",
                    Status.OK,
                    "the key of " + issuer + " is on " + and(tokens.keySet()) + " "
                            + key(tokens.values().iterator().next()).text(),
                    "");
        }
    }

    private static KeyAttributes key(JsonObject token) {
        return KeyAttributes.told(token.getJsonObject("attributes").getMap());
    }

    private void sessions() {
        boolean enough = true;
        for (Map.Entry<String, JsonObject> each : tokens.entrySet()) {
            long limit = each.getValue().getLong("sessionLimit");
            // One more than signs: SunPKCS11 keeps a session for the login and for looking at objects.
            long wanted = together(each.getValue()) + 1;
            if (limit > 0 && (limit < wanted || each.getValue().getLong("sessionsOpen") >= limit)) {
                enough = false;
                add(
                        "sessions",
                        limit < wanted ? Status.FAILED : Status.WARNING,
                        "the token with the key of " + issuer + " on " + each.getKey() + ": "
                                + sessions(each.getValue()),
                        "lower limits.pkcs11Sessions in chancery.json there, set max-sessions in the URI, or raise the"
                                + " token's limit; see what else has sessions open");
            }
        }
        SortedMap<String, SortedSet<String>> configured =
                by(token -> token.getLong("signaturesAtOnce") + " at once and " + limit(token));
        if (configured.size() > 1) {
            add(
                    "sessions",
                    Status.WARNING,
                    "nodes sign with the key of " + issuer + " with different limits: " + values(configured),
                    "give all nodes the same limits.pkcs11Sessions (and max-sessions in the URI), and the tokens the same"
                            + " limit, unless one HSM is meant to do more than another");
        } else if (enough) {
            Map<String, String> nodes = new LinkedHashMap<>();
            tokens.forEach((node, token) -> nodes.put(node, node + ": " + sessions(token)));
            add("sessions", Status.OK, "for the key of " + issuer + ", " + String.join("; ", nodes.values()), "");
        }
    }

    private static String sessions(JsonObject token) {
        long open = token.getLong("sessionsOpen");
        long own = token.getLong("signaturesAtOnce");
        long all = together(token);
        return own + " signatures at once" + (all > own ? " (" + all + " with the other issuers there)" : "") + ", "
                + (open < 0 ? "an untold number of" : open) + " session(s) open, " + limit(token);
    }

    private static String limit(JsonObject token) {
        long limit = token.getLong("sessionLimit");
        return limit > 0 ? "a limit of " + limit : limit == 0 ? "no limit" : "a limit that is not told";
    }

    private void mechanisms() {
        SortedSet<String> all = new TreeSet<>();
        tokens.values().forEach(token -> all.addAll(mechanisms(token)));
        SortedMap<String, SortedSet<String>> lacking = by(token -> {
            SortedSet<String> absent = new TreeSet<>(all);
            absent.removeAll(mechanisms(token));
            absent.removeIf(name ->
                    name.endsWith(TO_SIGN) && absent.contains(name.substring(0, name.length() - TO_SIGN.length())));
            return brief(absent);
        });
        if (lacking.size() == 1) {
            add("mechanisms", Status.OK, "the same for the key of " + issuer + " on " + and(tokens.keySet()), "");
            return;
        }
        lacking.remove("");
        lacking.forEach((absent, nodes) -> add(
                "mechanisms",
                Status.WARNING,
                "the token with the key of " + issuer + " on " + and(nodes) + " lacks what others have: " + absent,
                "enable them with the maker's tool, or bring library and firmware to the others' version; what the issuer's"
                        + " signatureAlgorithm needs is in docs/hsm.md"));
    }

    private static SortedSet<String> mechanisms(JsonObject token) {
        SortedSet<String> names = new TreeSet<>();
        token.getJsonArray("mechanisms").forEach(name -> names.add((String) name));
        token.getJsonArray("signing").forEach(name -> names.add(name + TO_SIGN));
        return names;
    }

    private static String brief(SortedSet<String> names) {
        return names.stream().limit(MOST_NAMED).collect(Collectors.joining(", "))
                + (names.size() > MOST_NAMED ? " and " + (names.size() - MOST_NAMED) + " more" : "");
    }

    private SortedMap<String, SortedSet<String>> by(Function<JsonObject, String> value) {
        SortedMap<String, SortedSet<String>> nodes = new TreeMap<>();
        tokens.forEach((node, token) -> nodes.computeIfAbsent(value.apply(token), first -> new TreeSet<>())
                .add(node));
        return nodes;
    }

    /** As "this on n1 and n2, that on n3". */
    private static String values(SortedMap<String, SortedSet<String>> nodes) {
        return nodes.entrySet().stream()
                .map(each -> each.getKey() + " on " + and(each.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String and(Iterable<String> names) {
        return String.join(" and ", names);
    }
}
