package io.chancery.core.issuance;

import io.chancery.core.certificate.PresentedCertificate;
import io.chancery.core.csr.CertificateRequest;
import io.chancery.core.der.Sha256;
import io.chancery.core.provisioner.Entitlement;
import io.chancery.core.provisioner.TokenProvisioner;
import io.chancery.core.template.TemplateRequest;
import io.chancery.core.token.OneTimeToken;
import io.chancery.core.webhook.Webhook;
import io.chancery.core.webhook.WebhookCall;
import io.chancery.core.webhook.WebhookDescription;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request whose CSR and token are good and fit each other, before others have had their say. Immutable.
 *
 * @param webhooks of its provisioner, in the order of the calls
 * @param answers data of the enriching ones that have been asked, by their names
 */
public record VerifiedRequest(
        SignCommand command,
        CertificateRequest csr,
        OneTimeToken token,
        TokenProvisioner provisioner,
        Entitlement entitlement,
        List<Webhook> webhooks,
        Map<String, @Nullable Object> answers) {
    public VerifiedRequest {
        webhooks = List.copyOf(webhooks);
        answers = Collections.unmodifiableMap(new LinkedHashMap<>(answers)); // with nulls
    }

    /** What is used up when it is granted; empty for a token that may be used again and again. */
    public Optional<TokenUse> tokenUse() {
        return entitlement.useKey().map(key -> TokenUse.of(token, key, provisioner.name()));
    }

    /** As {@link PreparedIssuance#requestHash} has it. */
    public Sha256 requestHash() {
        Sha256 request = Sha256.digest(csr.der().bytes());
        // A repeat is one by the same token, too, where that is not used up.
        return entitlement.useKey().isPresent()
                ? request
                : Sha256.digest(token.useKey().value(), request.value());
    }

    /** Those to be asked before {@link Issuance#prepare(VerifiedRequest, Instant, io.chancery.core.certificate.SerialNumber)}. */
    public List<Webhook> enriching() {
        return of(Webhook.Kind.ENRICHING);
    }

    List<Webhook> of(Webhook.Kind kind) {
        return webhooks.stream().filter(each -> each.kind() == kind).toList();
    }

    /**
     * What is asked of an enriching webhook; those before it have been asked.
     *
     * @throws io.chancery.core.error.CaException FORBIDDEN, TEMPLATE_FAILED
     */
    public WebhookCall enrichment(Webhook webhook, Instant now) {
        return webhook.call(forTemplates(), told(WebhookDescription.REQUEST, WebhookDescription.of(csr)), now);
    }

    /** What a webhook is told: the description, and of the certificate that signed the token where one did. */
    Map<String, @Nullable Object> told(String member, Map<String, @Nullable Object> description) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put(member, description);
        entitlement.authorizedBy().stream()
                .findFirst()
                .map(WebhookDescription::ofAuthorizing)
                .ifPresent(all::putAll);
        return all;
    }

    /** The same request, when an enriching webhook has allowed it. */
    public VerifiedRequest answered(Webhook webhook, @Nullable Object data) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>(answers);
        all.put(webhook.name(), data);
        return new VerifiedRequest(command, csr, token, provisioner, entitlement, webhooks, all);
    }

    TemplateRequest forTemplates() {
        return new TemplateRequest(
                entitlement.names().subject(),
                entitlement.names().names(),
                entitlement.authorizedBy().stream()
                        .map(PresentedCertificate::der)
                        .toList(),
                token.payload(),
                csr,
                command.templateData(),
                answers);
    }

    /** Never the token. */
    @Override
    public String toString() {
        return "VerifiedRequest[provisioner=" + provisioner.name() + ", csr=" + csr.der() + "]";
    }
}
