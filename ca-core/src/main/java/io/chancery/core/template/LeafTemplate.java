package io.chancery.core.template;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.json.GoBase64;
import io.chancery.core.json.Json;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A provisioner's own template for leaf certificates (wire contract s. 7.4), compiled. Immutable, any thread. */
public final class LeafTemplate {
    /** Names of members are matched without regard to case, as Go does it, and those of usages as step does it. */
    private static final Pattern OF_CA = Pattern.compile(
            "\"isCA\"\\s*:\\s*true\\b|\"keyUsage\"\\s*:\\s*(\\[[^\\]]*)?\"(cert|crl)_?sign\"",
            Pattern.CASE_INSENSITIVE);

    private static final String REQUESTED = "{\"subject\":{{ toJson .Insecure.CR.Subject }},"
            + "\"dnsNames\":{{ toJson .Insecure.CR.DNSNames }},\"ipAddresses\":{{ toJson .Insecure.CR.IPAddresses }},"
            + "\"emailAddresses\":{{ toJson .Insecure.CR.EmailAddresses }},\"uris\":{{ toJson .Insecure.CR.URIs }},"
            + "\"keyUsage\":[\"digitalSignature\"{{ if typeIs \"*rsa.PublicKey\" .Insecure.CR.PublicKey }},"
            + "\"keyEncipherment\"{{ end }}],\"extKeyUsage\":[\"serverAuth\",\"clientAuth\"]}";

    /** Subject and names as the CSR has them, all else as in step's default leaf. */
    public static final LeafTemplate OF_REQUEST = compiled("template", REQUESTED, Map.of(), TemplateSources.NONE);

    private final RequestText text;
    private final boolean seemsToMakeCas;

    private LeafTemplate(RequestText text, boolean seemsToMakeCas) {
        this.text = text;
        this.seemsToMakeCas = seemsToMakeCas;
    }

    /**
     * The template that {@code options.x509} of a provisioner describes; empty when it describes none.
     *
     * @throws IllegalArgumentException saying member, line and column, when the template cannot be used
     */
    public static Optional<LeafTemplate> of(Map<String, Object> x509, TemplateSources sources) {
        Members options = options(x509);
        String inline = options.text("template");
        String file = options.text("templateFile");
        Map<String, Object> data = data(options);
        if (!inline.isEmpty()) {
            return Optional.of(compiled("template", inlineText(inline), data, sources));
        }
        if (file.isEmpty()) {
            return Optional.empty();
        }
        String text = sources.files().get(file);
        if (text == null) {
            throw new IllegalArgumentException("options/x509/templateFile: " + file + " was not read");
        }
        return Optional.of(compiled("templateFile", text, data, sources));
    }

    /** The file that {@code options.x509} names and that must be read first. */
    public static Optional<String> fileOf(Map<String, Object> x509) {
        Members options = options(x509);
        String file = options.text("templateFile");
        return options.text("template").isEmpty() && !file.isEmpty() ? Optional.of(file) : Optional.empty();
    }

    private static LeafTemplate compiled(
            String member, String text, Map<String, Object> data, TemplateSources sources) {
        return new LeafTemplate(
                RequestText.compile("options/x509/" + member, text, data, sources),
                OF_CA.matcher(text).find());
    }

    /**
     * Whether its text has a CA flag that is set, or the key usage of a CA. What it gives in the end is known at a request:
     * one whose variables make the flag is not recognised, and one that has it in a branch or a comment is.
     */
    public boolean seemsToMakeCas() {
        return seemsToMakeCas;
    }

    /** The variables that {@code options.x509} adds to those of every request. */
    public static Map<String, Object> dataOf(Map<String, Object> x509) {
        return data(options(x509));
    }

    // As step reads it: what starts with a brace is the template, all else the Base64 of one.
    private static String inlineText(String inline) {
        String text = inline.strip();
        if (text.startsWith("{")) {
            return text;
        }
        try {
            return new String(GoBase64.decode(text), java.nio.charset.StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "options/x509/template: neither a template that starts with { nor the Base64 of one", e);
        }
    }

    @SuppressWarnings("NullAway") // members of JSON may be null, whoever holds them
    private static Members options(Map<String, Object> x509) {
        return new Members("options/x509/", x509);
    }

    @SuppressWarnings("unchecked") // JSON objects have string keys
    private static Map<String, Object> data(Members options) {
        Object value = options.raw("templateData");
        if (value == null || value instanceof Map<?, ?>) {
            return value == null ? Map.of() : (Map<String, Object>) value;
        }
        throw options.wrong("templateData", "not an object");
    }

    /**
     * The certificate that the template describes for this request.
     *
     * @param defaults what its subject has where the template does not say
     * @throws CaException MALFORMED with the template's own words when it called {@code fail}; TEMPLATE_FAILED when it
     *     broke off, took too long, or describes no certificate; FORBIDDEN when it gives what it must not
     */
    public TemplatedCertificate apply(TemplateRequest request, SubjectDefaults defaults, Instant now) {
        String json = text.of(request, now);
        try {
            if (Json.parse(json) instanceof Map<?, ?> map) {
                @SuppressWarnings("unchecked") // JSON objects have string keys
                Map<String, @Nullable Object> members = (Map<String, @Nullable Object>) map;
                return new CertificateReader(members, defaults).read();
            }
        } catch (IllegalArgumentException e) {
            throw CaException.of(
                    ErrorCode.TEMPLATE_FAILED, "error applying certificate template", String.valueOf(e.getMessage()));
        }
        throw CaException.of(
                ErrorCode.TEMPLATE_FAILED, "error applying certificate template", "the template gives no JSON object");
    }
}
