package io.chancery.core.provisioner;

import io.chancery.core.chain.AbandonedIssuers;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.oidc.OpenIdEndpoint;
import io.chancery.core.oidc.OpenIdProviders;
import io.chancery.core.oidc.OpenIdSource;
import io.chancery.core.oidc.WantedKey;
import io.chancery.core.profile.Claims;
import io.chancery.core.template.LeafTemplate;
import io.chancery.core.template.TemplateSources;
import io.chancery.core.token.Audiences;
import io.chancery.core.token.OneTimeToken;
import io.chancery.core.token.TokenClaims;
import io.chancery.core.webhook.Webhook;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All provisioners of one configuration, in file order; immutable. */
public final class Provisioners {
    private static final int UID_LENGTH = 40;
    private static final int DEFAULT_LIMIT = 20;
    private static final int MAX_LIMIT = 100;

    /** {@code iss} of the tokens of Kubernetes' service accounts, and the id that their provisioner has. */
    static final String KUBERNETES = "kubernetes/serviceaccount";

    static final String KUBERNETES_ID = "k8ssa/k8sSA-default";

    private static final Set<ProvisionerType> WITHOUT_TOKENS = Set.of(ProvisionerType.ACME, ProvisionerType.SCEP);

    private final NavigableMap<String, Provisioner> byUid = new TreeMap<>();
    private final Map<String, Provisioner> byTokenId = new HashMap<>();
    private final Map<String, String> encryptedKeys = new HashMap<>();
    private final Map<String, List<Webhook>> webhooks = new HashMap<>();

    private final Claims authorityClaims;

    private Provisioners(Claims authorityClaims) {
        this.authorityClaims = authorityClaims;
    }

    /**
     * Those of a configuration without template files.
     *
     * @throws IllegalArgumentException a line for each thing that stops the start, with the index of its member
     */
    public static Provisioners of(List<Map<String, Object>> raw, Map<String, Object> authorityClaims, PublicKeys keys) {
        return of(raw, authorityClaims, keys, TemplateSources.NONE);
    }

    /** As {@link #of(List, Map, PublicKeys)}, with what templates need. */
    public static Provisioners of(
            List<Map<String, Object>> raw,
            Map<String, Object> authorityClaims,
            PublicKeys keys,
            TemplateSources templates) {
        List<Unusable> problems = new ArrayList<>();
        Provisioners all = read(raw, authorityClaims, keys, templates, problems::add);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(problems.stream()
                    .map(each -> "/authority/provisioners/" + each.index() + ": "
                            + each.what().replace('\n', ' '))
                    .collect(Collectors.joining("\n")));
        }
        return all;
    }

    /**
     * Those that can be used; whatever cannot is told, and stops the start. Of OpenID providers they know nothing yet.
     *
     * @param raw members of {@code authority.provisioners}
     * @param authorityClaims member {@code authority.claims}, or an empty map; what cannot be read in it is told elsewhere
     * @param templates what templates need that the core cannot get; the files are {@link #templateFiles}
     */
    public static Provisioners read(
            List<Map<String, Object>> raw,
            Map<String, Object> authorityClaims,
            PublicKeys keys,
            TemplateSources templates,
            Consumer<Unusable> problem) {
        Provisioners all = new Provisioners(ofAuthority(authorityClaims));
        ProvisionerReader reader = new ProvisionerReader(all.authorityClaims, keys, templates);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < raw.size(); i++) {
            int index = i;
            ProvisionerReader.Outcome read = reader.read(raw.get(i));
            read.problems().forEach(what -> problem.accept(new Unusable(index, what)));
            read.provisioner().ifPresent(one -> {
                if (!names.add(one.name())) {
                    problem.accept(new Unusable(index, "two provisioners with the name " + one.name()));
                } else if (all.byTokenId.putIfAbsent(one.tokenId(), one) != null) {
                    problem.accept(new Unusable(index, "two provisioners with the same key or id"));
                } else {
                    all.add(uid(one, index), one, read.webhooks());
                }
            });
        }
        return all;
    }

    /**
     * The same ones, with somebody who knows OpenID providers.
     *
     * @param openId asked at each request
     */
    public Provisioners asking(OpenIdProviders openId) {
        return each(one -> one instanceof OidcProvisioner oidc ? oidc.asking(openId) : one);
    }

    /** The same ones, that take no token of a certificate below these issuers. */
    public Provisioners without(AbandonedIssuers issuers) {
        return each(one -> one instanceof X5cProvisioner x5c ? x5c.without(issuers) : one);
    }

    /** @param change keeps name, type and id */
    private Provisioners each(UnaryOperator<Provisioner> change) {
        Provisioners all = new Provisioners(authorityClaims);
        byUid.forEach((uid, one) -> {
            Provisioner changed = change.apply(one);
            all.byTokenId.put(one.tokenId(), changed);
            all.add(uid, changed, webhooks(one.name()));
        });
        return all;
    }

    /** What holds where no provisioner says otherwise. */
    public Claims authorityClaims() {
        return authorityClaims;
    }

    /** Claims that cannot be read are told elsewhere. */
    private static Claims ofAuthority(Map<String, Object> claims) {
        try {
            return Claims.BUILT_IN.overlaid(claims);
        } catch (IllegalArgumentException e) {
            return Claims.BUILT_IN;
        }
    }

    /**
     * What stops the start.
     *
     * @param index of the provisioner
     * @param what begins with the member that is wrong, slashes between it and those it is in, and a colon, where one is
     */
    public record Unusable(int index, String what) {}

    /** Those whose tokens buy any number of certificates, as step-ca has it: of Kubernetes' service accounts. */
    public List<String> reusing() {
        return byUid.values().stream()
                .filter(K8sSaProvisioner.class::isInstance)
                .map(Provisioner::name)
                .toList();
    }

    /** Those that serve and whose templates seem to make certificates of CAs, as {@link LeafTemplate#seemsToMakeCas}. */
    public List<String> makingCas() {
        return byUid.values().stream()
                .filter(each -> each instanceof TokenProvisioner serving
                        && serving.template()
                                .filter(LeafTemplate::seemsToMakeCas)
                                .isPresent())
                .map(Provisioner::name)
                .toList();
    }

    /** The template files that these provisioners name, as they are written. */
    public static Set<String> templateFiles(List<Map<String, Object>> raw) {
        return raw.stream()
                .flatMap(one -> ProvisionerReader.templateFile(one).stream())
                .collect(Collectors.toSet());
    }

    private void add(String uid, Provisioner one, List<Webhook> asked) {
        byUid.put(uid, one);
        webhooks.put(one.name(), asked);
        String key = ProvisionerReader.encryptedKey(one);
        if (!key.isEmpty()) { // of two with one kid the later one's, as step-ca has it
            encryptedKeys.put(ProvisionerReader.kid(one.raw()), key);
        }
    }

    /**
     * The provisioner a token speaks for, found before anything in it is verified (wire contract s. 4.3).
     *
     * @throws CaException TOKEN_INVALID when there is none, MALFORMED when it is of a type that has no tokens,
     *     PROVISIONER_DISABLED when it cannot serve
     */
    public TokenProvisioner find(OneTimeToken token, Audiences audiences) {
        Provisioner found = candidates(token, audiences).stream()
                .map(byTokenId::get)
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow(() -> CaException.hidden(ErrorCode.TOKEN_INVALID, "token: no provisioner of ours"));
        if (found instanceof TokenProvisioner serving) {
            return serving;
        }
        if (WITHOUT_TOKENS.contains(found.type())) {
            throw CaException.of(ErrorCode.MALFORMED, "token flow is not supported");
        }
        throw CaException.of(
                ErrorCode.PROVISIONER_DISABLED,
                "provisioner \"" + found.name() + "\" is disabled due to an initialization error");
    }

    /** Ids under which the token's provisioner may stand, the first that does counts. */
    private static List<String> candidates(OneTimeToken token, Audiences audiences) {
        TokenClaims claims = token.claims();
        if (audiences.allowAny(claims.audience())) {
            return List.of(
                    Audiences.fragment(claims.audience()).orElseGet(() -> claims.issuer() + ":" + token.keyId()));
        }
        // What an identity provider made is for its client, not for this CA.
        List<String> ids = new ArrayList<>(List.of(token.text("azp")));
        if (!token.text("tid").isEmpty()) {
            if (!token.text("email").isEmpty()) {
                ids.addAll(first(claims.audience()));
            }
            ids.add(token.text("tid"));
        }
        if (claims.issuer().equals(KUBERNETES)) {
            return List.of(KUBERNETES_ID);
        }
        ids.addAll(first(claims.audience()));
        ids.removeIf(String::isEmpty);
        return ids;
    }

    private static List<String> first(List<String> audience) {
        return audience.subList(0, Math.min(1, audience.size()));
    }

    /** Where the OpenID providers of these are. */
    public Set<OpenIdEndpoint> openIdEndpoints() {
        return openIdSources().map(OpenIdSource::endpoint).collect(Collectors.toSet());
    }

    private Stream<OpenIdSource> openIdSources() {
        return byUid.values().stream()
                .filter(OidcProvisioner.class::isInstance)
                .map(each -> ((OidcProvisioner) each).source());
    }

    /**
     * The key of an OpenID provider that a token seems to be signed with, where it is not known: the provider may have
     * made it since it was last asked. Empty for all other tokens, good or bad.
     */
    public Optional<WantedKey> wantedKey(String ott, Audiences audiences) {
        if (openIdSources().findAny().isEmpty()) {
            return Optional.empty();
        }
        return spokenFor(
                ott,
                audiences,
                (token, provisioner) -> provisioner instanceof OidcProvisioner oidc
                        ? oidc.source().wanted(token.keyId())
                        : Optional.empty());
    }

    /** Something about the provisioner that a token names; empty for one that names none. */
    private <T> Optional<T> spokenFor(
            String ott, Audiences audiences, BiFunction<OneTimeToken, TokenProvisioner, Optional<T>> what) {
        try {
            OneTimeToken token = OneTimeToken.parse(ott);
            return what.apply(token, find(token, audiences));
        } catch (CaException e) {
            return Optional.empty(); // what is wrong with it is said in its turn
        }
    }

    /** Those that are asked about certificates of a provisioner, in the order of the calls. */
    public List<Webhook> webhooks(String provisioner) {
        return webhooks.getOrDefault(provisioner, List.of());
    }

    /** The one of a name, whatever its type and whether or not it can serve. */
    public Optional<Provisioner> named(String name) {
        return byUid.values().stream().filter(one -> one.name().equals(name)).findFirst();
    }

    /** The encrypted private key published under a {@code kid}, whether or not its provisioner can serve. */
    public Optional<String> encryptedKey(String keyId) {
        return Optional.ofNullable(encryptedKeys.get(keyId));
    }

    /** Whether any webhook is ever asked. */
    public boolean haveWebhooks() {
        return webhooks.values().stream().anyMatch(each -> !each.isEmpty());
    }

    /** As {@link #mayTakeLong}, or webhooks are asked about its certificates. */
    public boolean certificateMayTakeLong(String ott, Audiences audiences) {
        return speaksFor(ott, audiences, named -> named.mayTakeLong() || asksWebhooks(named));
    }

    /**
     * Whether the provisioner that a token names may take long over it or over a certificate. One that names none is
     * refused at once.
     */
    public boolean mayTakeLong(String ott, Audiences audiences) {
        return speaksFor(ott, audiences, TokenProvisioner::mayTakeLong);
    }

    private boolean asksWebhooks(TokenProvisioner provisioner) {
        return !webhooks(provisioner.name()).isEmpty();
    }

    /** Whether a token names such a provisioner; it is read only where there is one. */
    private boolean speaksFor(String ott, Audiences audiences, Predicate<TokenProvisioner> such) {
        return byUid.values().stream().anyMatch(each -> each instanceof TokenProvisioner serving && such.test(serving))
                && spokenFor(ott, audiences, (token, named) -> Optional.of(such.test(named)))
                        .orElse(false);
    }

    /** Those that are listed and refuse. */
    public List<ListedProvisioner> refusing() {
        return byUid.values().stream()
                .filter(ListedProvisioner.class::isInstance)
                .map(ListedProvisioner.class::cast)
                .toList();
    }

    /**
     * A page of the list, as {@code GET /provisioners} answers it.
     *
     * @param cursor where the page starts, or empty for the first
     * @param limit at most so many; 0 or less means 20, more than 100 means 100
     */
    public Page page(String cursor, int limit) {
        int size = limit <= 0 ? DEFAULT_LIMIT : Math.min(limit, MAX_LIMIT);
        String start = cursor.length() >= UID_LENGTH ? cursor : "0".repeat(UID_LENGTH - cursor.length()) + cursor;
        List<Map<String, Object>> listed = new ArrayList<>();
        for (Map.Entry<String, Provisioner> entry : byUid.tailMap(start, true).entrySet()) {
            if (listed.size() == size) {
                return new Page(listed, entry.getKey().replaceFirst("^0+", ""));
            }
            listed.add(Redaction.ofWebhooks(entry.getValue().listed()));
        }
        return new Page(listed, "");
    }

    /** Insertion counter, then the hash of the id: order is insertion order, and the cursor survives a restart. */
    private static String uid(Provisioner one, int index) {
        try {
            byte[] sum = MessageDigest.getInstance("SHA-1").digest(one.tokenId().getBytes(StandardCharsets.UTF_8));
            return String.format(java.util.Locale.ROOT, "%08x", index)
                    + HexFormat.of().formatHex(sum, 4, sum.length);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }

    /** One page. An empty cursor says it is the last. */
    public record Page(List<Map<String, Object>> provisioners, String nextCursor) {
        public Page {
            provisioners = List.copyOf(provisioners);
        }
    }
}
