package io.chancery.cli.ceremony;

import io.chancery.cli.UsageException;
import io.chancery.cli.ceremony.CeremonyPlan.Authority;
import io.chancery.cli.ceremony.CeremonyPlan.KeyPlan;
import io.chancery.cli.hsm.CaFields;
import io.chancery.cli.hsm.SignIntermediateCommand;
import io.chancery.core.certificate.CaCertificateCheck;
import io.chancery.core.certificate.CaTemplate;
import io.chancery.signer.admin.CaSigning;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.HsmException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Signs an authority's certificate: its bytes are made and checked first, and people confirm their hash. */
final class CertificateStep implements CeremonyStep {
    private final Authority authority;
    private final Optional<Authority> issuer;
    private final Workshop workshop;
    private @Nullable CaTemplate prepared;

    /**
     * @param issuer empty for a root
     */
    CertificateStep(Authority authority, Optional<Authority> issuer, Workshop workshop) {
        this.authority = authority;
        this.issuer = issuer;
        this.workshop = workshop;
    }

    @Override
    public String what() {
        return what(authority.name(), issuer.map(Authority::name));
    }

    /** @param issuer empty for a root */
    static String what(String name, Optional<String> issuer) {
        return "sign the certificate of " + name
                + issuer.map(it -> " with the key of " + it).orElse(" with its own key");
    }

    @Override
    public Map<String, String> facts() throws UsageException, IOException {
        CaTemplate template = template();
        prepared = template;
        check(template);
        return CertificateFacts.of(template.tbs(), authority.constraintsText(), issuer.isEmpty());
    }

    /** Before people confirm it; what is signed is checked again. */
    private void check(CaTemplate template) throws IOException {
        try {
            CaCertificateCheck.refuse(template.subject(), template.tbs(), issuer.map(workshop::certificate));
        } catch (IllegalArgumentException e) {
            throw HsmException.misconfigured(authority.name() + ": " + e.getMessage());
        }
    }

    private CaTemplate template() throws UsageException {
        return new PlannedCertificate(authority, issuer, issuer.map(workshop::certificate))
                .template(
                        subjectKey(),
                        CaFields.serial(workshop.surroundings()),
                        workshop.surroundings().clock().instant().truncatedTo(ChronoUnit.SECONDS));
    }

    private PublicKey subjectKey() throws UsageException {
        if (authority.request().isPresent()) {
            return SignIntermediateCommand.request(authority.request().get()).key();
        }
        KeyPlan place = authority.place().orElseThrow();
        try (TokenSession session = workshop.open(place)) {
            return session.key(Workshop.uri(place)).publicKey();
        }
    }

    @Override
    public JsonObject run() throws UsageException, IOException, GeneralSecurityException {
        CaTemplate template = prepared;
        if (template == null) {
            throw new IllegalStateException("nobody has confirmed what is to be signed");
        }
        KeyPlan signer = issuer.orElse(authority).place().orElseThrow();
        X509Certificate certificate;
        try (TokenSession session = workshop.open(signer)) {
            certificate = CaSigning.certificate(
                    template, session.key(Workshop.uri(signer)), issuer.map(workshop::certificate));
        }
        if (authority.place().isPresent()) {
            KeyPlan own = authority.place().get();
            try (TokenSession session = workshop.open(own)) {
                session.key(Workshop.uri(own)).writeCertificate(certificate, false);
            }
        }
        return workshop.keep(authority, certificate)
                .put("authority", authority.name())
                .put("issuer", issuer.map(Authority::name).orElse(authority.name()));
    }
}
