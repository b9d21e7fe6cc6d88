package io.chancery.core.provisioner;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import io.chancery.core.chain.ClientChain;
import io.chancery.core.crypto.JsonWebKeys;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.error.CaException;
import io.chancery.core.json.Json;
import io.chancery.core.oidc.OpenIdEndpoint;
import io.chancery.core.oidc.OpenIdProviders;
import io.chancery.core.oidc.OpenIdSource;
import io.chancery.core.profile.Claims;
import io.chancery.core.template.LeafTemplate;
import io.chancery.core.template.TemplateSources;
import io.chancery.core.webhook.Webhook;
import io.chancery.core.webhook.WebhookReader;
import java.io.IOException;
import java.text.ParseException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Turns one raw member of {@code authority.provisioners} into a provisioner; one that fails is listed and refuses. */
final class ProvisionerReader {
    private final Claims authority;
    private final PublicKeys keys;
    private final TemplateSources templates;

    ProvisionerReader(Claims authority, PublicKeys keys, TemplateSources templates) {
        this.authority = authority;
        this.keys = keys;
        this.templates = templates;
    }

    /**
     * What one member came to.
     *
     * @param provisioner empty where something of it stops the start
     * @param webhooks those of one that serves
     * @param problems all that stops the start
     */
    record Outcome(Optional<Provisioner> provisioner, List<Webhook> webhooks, List<String> problems) {}

    Outcome read(Map<String, Object> raw) {
        Set<String> found = new LinkedHashSet<>();
        Optional<Provisioner> one = noted(found, () -> provisioner(raw));
        if (one.isEmpty()) { // it stopped at the first
            for (String member : List.of("roots", "publicKeys")) {
                if (isOfType(raw, member.equals("roots") ? ProvisionerType.X5C : ProvisionerType.K8SSA)) {
                    Optional<PemMember> unused = noted(found, () -> PemMember.of(raw, member));
                }
            }
        }
        boolean serves = one.isEmpty() || one.get() instanceof TokenProvisioner;
        Optional<List<Webhook>> webhooks = serves ? noted(found, () -> webhooks(raw)) : Optional.empty();
        return new Outcome(found.isEmpty() ? one : Optional.empty(), webhooks.orElse(List.of()), List.copyOf(found));
    }

    private static boolean isOfType(Map<String, Object> raw, ProvisionerType type) {
        return ProvisionerType.named(text(raw, "type")).filter(type::equals).isPresent();
    }

    private static <T> Optional<T> noted(Set<String> found, Supplier<T> reading) {
        try {
            return Optional.of(reading.get());
        } catch (IllegalArgumentException e) {
            found.add(String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    /** IllegalArgumentException when type or name are missing or unknown to step, or for a bad template: that stops the start. */
    private Provisioner provisioner(Map<String, Object> raw) {
        String typeName = text(raw, "type");
        ProvisionerType type = ProvisionerType.named(typeName)
                .orElseThrow(
                        () -> new IllegalArgumentException("a provisioner type that step does not know: " + typeName));
        String name = text(raw, "name");
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a provisioner without a name");
        }
        Making making = making(type, name, raw);
        try {
            return making.make(authority.overlaid(object(raw, "claims")).checked());
        } catch (IllegalArgumentException | ParseException | JOSEException | CaException | IOException e) {
            return new ListedProvisioner(
                    name, type, tokenId(type, name, raw), String.valueOf(e.getMessage()), claimsOrNoRenewal(raw), raw);
        }
    }

    /** What is left to do when what would stop the start is behind; where it fails, the provisioner refuses. */
    private interface Making {
        Provisioner make(Claims claims) throws ParseException, JOSEException, IOException;
    }

    private Making making(ProvisionerType type, String name, Map<String, Object> raw) {
        return switch (type) {
            case JWK -> {
                Optional<LeafTemplate> template = LeafTemplate.of(x509(raw), templates);
                yield claims -> jwk(name, claims, template, raw);
            }
            case X5C -> {
                Optional<LeafTemplate> template = LeafTemplate.of(x509(raw), templates);
                PemMember roots = PemMember.of(raw, "roots");
                yield claims -> new X5cProvisioner(
                        name, new ClientChain(roots.certificates(), List.of(), keys), claims, template, raw);
            }
            case K8SSA -> {
                Optional<LeafTemplate> template = LeafTemplate.of(x509(raw), templates);
                PemMember signers = PemMember.of(raw, "publicKeys");
                yield claims -> new K8sSaProvisioner(name, signers.publicKeys(keys), claims, template, raw);
            }
            case OIDC -> {
                Optional<LeafTemplate> template = LeafTemplate.of(x509(raw), templates);
                yield claims -> oidc(name, claims, template, raw);
            }
            case GCP, AWS, AZURE, ACME, SSHPOP, SCEP, NEBULA ->
                claims -> {
                    throw new IllegalArgumentException("type " + text(raw, "type") + " is not supported yet");
                };
        };
    }

    private Claims claimsOrNoRenewal(Map<String, Object> raw) {
        try {
            return authority.overlaid(object(raw, "claims")).checked();
        } catch (IllegalArgumentException e) {
            return authority.overlaid(Map.of("disableRenewal", true));
        }
    }

    /** The template file that a provisioner names and that must be read first. */
    static Optional<String> templateFile(Map<String, Object> raw) {
        try {
            return LeafTemplate.fileOf(x509(raw));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // what cannot be read is named when the provisioner is
        }
    }

    /** IllegalArgumentException, which stops the start, for one that cannot be used. */
    private List<Webhook> webhooks(Map<String, Object> raw) {
        return new WebhookReader(LeafTemplate.dataOf(x509(raw)), templates)
                .read(Json.member(object(raw, "options"), "webhooks"));
    }

    private Provisioner oidc(String name, Claims claims, Optional<LeafTemplate> template, Map<String, Object> raw) {
        return new OidcProvisioner(
                name,
                OidcUsers.of(raw),
                new OpenIdSource(
                        OpenIdEndpoint.of(text(raw, "configurationEndpoint"), text(raw, "tenantID")),
                        OpenIdProviders.NONE),
                claims,
                template,
                raw);
    }

    private Provisioner jwk(String name, Claims claims, Optional<LeafTemplate> template, Map<String, Object> raw)
            throws ParseException, JOSEException, IOException {
        JWK key = JWK.parse(object(raw, "key"));
        if (key.isPrivate()) {
            throw new IllegalArgumentException("key is a private key; only its public part belongs here");
        }
        return new JwkProvisioner(name, kid(raw), JsonWebKeys.publicKey(key, keys), claims, template, raw);
    }

    private static String tokenId(ProvisionerType type, String name, Map<String, Object> raw) {
        return switch (type) {
            case JWK -> name + ":" + kid(raw);
            case OIDC -> text(raw, "clientID");
            case AZURE -> text(raw, "tenantID");
            case K8SSA -> Provisioners.KUBERNETES_ID;
            case GCP -> "gcp/" + name;
            case AWS -> "aws/" + name;
            case ACME -> "acme/" + name;
            case X5C -> "x5c/" + name;
            case SSHPOP -> "sshpop/" + name;
            case SCEP -> "scep/" + name;
            case NEBULA -> "nebula/" + name;
        };
    }

    /** Compact JWE of the private key of a JWK provisioner; empty where there is none. */
    static String encryptedKey(Provisioner one) {
        return one.type() == ProvisionerType.JWK ? text(one.raw(), "encryptedKey") : "";
    }

    static String kid(Map<String, Object> raw) {
        return text(object(raw, "key"), "kid");
    }

    private static String text(Map<String, Object> raw, String name) {
        return Json.member(raw, name) instanceof String text ? text : "";
    }

    @SuppressWarnings("unchecked") // JSON objects have string keys
    private static Map<String, Object> object(Map<String, Object> raw, String name) {
        return Json.member(raw, name) instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    // Nobody means to have no template when what should hold it is misspelt.
    private static Map<String, Object> x509(Map<String, Object> raw) {
        Object options = Json.member(raw, "options");
        if (options != null && !(options instanceof Map<?, ?>)) {
            throw new IllegalArgumentException("options: not an object");
        }
        Object x509 = Json.member(object(raw, "options"), "x509");
        if (x509 != null && !(x509 instanceof Map<?, ?>)) {
            throw new IllegalArgumentException("options/x509: not an object");
        }
        return object(object(raw, "options"), "x509");
    }
}
