package io.chancery.core.config;

import io.chancery.core.provisioner.ProvisionerType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code authority.provisioners} of ca.json as far as all types are alike, and sees which members step knows of each
 * (wire contract s. 5.1 and 5.2); what the members of a type hold is for those who make provisioners of them.
 */
final class ProvisionersReader {
    private static final String[] TEMPLATE = {"template", "templateFile", "templateData"};

    private final Problems problems;
    private final ClaimsReader claims;
    private final Map<String, Integer> names = new HashMap<>();

    ProvisionersReader(Problems problems) {
        this.problems = problems;
        this.claims = new ClaimsReader(problems);
    }

    /** @param ofAuthority the claims that hold for all of them */
    List<Map<String, Object>> read(Node authority, Map<String, Object> ofAuthority) {
        List<Map<String, Object>> all = new ArrayList<>();
        Object raw = authority.raw("provisioners");
        if (raw instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                String where = authority.pointer("provisioners") + "/" + i;
                if (list.get(i) instanceof Map<?, ?> map) {
                    @SuppressWarnings("unchecked") // JSON objects have string keys
                    Node one = new Node(problems, where, (Map<String, @Nullable Object>) map);
                    all.add(provisioner(one, i, ofAuthority));
                } else {
                    problems.error(where, "no object", "a provisioner");
                    all.add(Map.of()); // the others keep their index
                }
            }
        } else if (raw != null) {
            problems.error(authority.pointer("provisioners"), "no list", "a list of provisioners");
        }
        return all;
    }

    private Map<String, Object> provisioner(Node one, int index, Map<String, Object> ofAuthority) {
        checkName(one, index);
        String text = one.required("type", "a type of provisioner, such as JWK");
        Optional<ProvisionerType> type = ProvisionerType.named(text);
        if (!text.isEmpty() && type.isEmpty()) {
            problems.error(one.pointer("type"), Node.quoted(text), "JWK, or another type that step knows");
        }
        claims.ofProvisioner(one.object("claims"), ofAuthority);
        if (type.isPresent()) { // of another one nobody knows what it may have
            one.accept(members(type.get()));
            if (type.get() != ProvisionerType.SSHPOP) {
                checkOptions(one.object("options"), type.get());
            }
            one.reportUnknown(false);
        }
        return CaConfigReader.withoutNulls(one.members());
    }

    private void checkName(Node one, int index) {
        String name = one.required("name", "a name");
        Integer before = name.isEmpty() ? null : names.putIfAbsent(name, index);
        if (before != null) {
            problems.error(
                    one.pointer("name"),
                    Node.quoted(name) + ", as /authority/provisioners/" + before + " is called",
                    "a name that no other provisioner has");
        }
    }

    private void checkOptions(Node options, ProvisionerType type) {
        Node x509 = options.object("x509");
        x509.accept(TEMPLATE);
        x509.reportUnknown(false);
        checkData(x509);
        Node ssh = options.object("ssh"); // step writes an empty one for every provisioner
        ssh.unsupported(TEMPLATE);
        ssh.reportUnknown(false);
        options.accept("wire");
        checkWebhooks(options, type);
        options.reportUnknown(false);
    }

    // step lets it change its own template's variables: who relies on that gets other certificates here.
    private void checkData(Node x509) {
        if (x509.raw("templateData") != null && x509.raw("template") == null && x509.raw("templateFile") == null) {
            problems.warning(
                    x509.pointer("templateData"), "data without a template", "nothing; only a template's own is used");
        }
    }

    private void checkWebhooks(Node options, ProvisionerType type) {
        if (options.raw("webhooks") instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                if (list.get(i) instanceof Map<?, ?> map) {
                    @SuppressWarnings("unchecked") // JSON objects have string keys
                    Node webhook = new Node(
                            problems, options.pointer("webhooks") + "/" + i, (Map<String, @Nullable Object>) map);
                    checkWebhook(webhook, type);
                }
            }
        }
    }

    private void checkWebhook(Node webhook, ProvisionerType type) {
        if ("SSH".equals(webhook.raw("certType"))) {
            problems.warning(
                    webhook.pointer("certType"),
                    "\"SSH\", which is not supported yet",
                    "X509 or ALL; nobody asks this webhook");
        }
        if (!asksWebhooks(type)) {
            webhook.accept("id", "name", "url", "kind", "disableTLSClientAuth");
            webhook.reportUnknown(false);
        }
    }

    /** Where they are asked, a member that nobody knows stops the start: it may be a secret, and the list is public. */
    private static boolean asksWebhooks(ProvisionerType type) {
        return switch (type) {
            case JWK, X5C, K8SSA, OIDC -> true;
            case GCP, AWS, AZURE, ACME, SSHPOP, SCEP, NEBULA -> false;
        };
    }

    /** Besides type, name, claims and options. */
    private static String[] members(ProvisionerType type) {
        return switch (type) {
            case JWK -> new String[] {"key", "encryptedKey"};
            case OIDC ->
                new String[] {
                    "clientID",
                    "clientSecret",
                    "configurationEndpoint",
                    "tenantID",
                    "admins",
                    "domains",
                    "groups",
                    "listenAddress",
                    "scopes",
                    "authParams"
                };
            case GCP ->
                new String[] {
                    "serviceAccounts",
                    "projectIDs",
                    "organizationID",
                    "disableCustomSANs",
                    "disableTrustOnFirstUse",
                    "disableSSHCAUser",
                    "disableSSHCAHost",
                    "instanceAge"
                };
            case AWS ->
                new String[] {
                    "accounts", "disableCustomSANs", "disableTrustOnFirstUse", "imdsVersions", "instanceAge", "iidRoots"
                };
            case AZURE ->
                new String[] {
                    "tenantID",
                    "resourceGroups",
                    "subscriptionIDs",
                    "objectIDs",
                    "audience",
                    "disableCustomSANs",
                    "disableTrustOnFirstUse"
                };
            case ACME ->
                new String[] {
                    "forceCN",
                    "termsOfService",
                    "website",
                    "caaIdentities",
                    "requireEAB",
                    "challenges",
                    "attestationFormats",
                    "attestationRoots"
                };
            case X5C, NEBULA -> new String[] {"roots"};
            case K8SSA -> new String[] {"publicKeys"};
            case SSHPOP -> new String[0];
            case SCEP ->
                new String[] {
                    "forceCN",
                    "challenge",
                    "capabilities",
                    "includeRoot",
                    "excludeIntermediate",
                    "minimumPublicKeyLength",
                    "decrypterCertificate",
                    "decrypterKeyPEM",
                    "decrypterKey",
                    "decrypterKeyPassword",
                    "encryptionAlgorithmIdentifier"
                };
        };
    }
}
