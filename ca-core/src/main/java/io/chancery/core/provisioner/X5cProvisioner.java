package io.chancery.core.provisioner;

import io.chancery.core.certificate.PresentedCertificate;
import io.chancery.core.chain.AbandonedIssuers;
import io.chancery.core.chain.ClientChain;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.profile.Claims;
import io.chancery.core.profile.NameGrant;
import io.chancery.core.template.LeafTemplate;
import io.chancery.core.token.OneTimeToken;
import io.chancery.core.token.TokenClaims;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A provisioner whose tokens are signed with a certificate's key (wire contract s. 5.2): whoever holds a certificate for
 * clients that leads to one of its roots may have certificates for any name, none of which outlasts that certificate.
 *
 * @param chain to the provisioner's own roots
 * @param template of its own; without one its certificates are step's default leaf
 */
public record X5cProvisioner(
        String name, ClientChain chain, Claims claims, Optional<LeafTemplate> template, Map<String, Object> raw)
        implements TokenProvisioner {
    X5cProvisioner without(AbandonedIssuers issuers) {
        return new X5cProvisioner(name, chain.without(issuers), claims, template, raw);
    }

    @Override
    public ProvisionerType type() {
        return ProvisionerType.X5C;
    }

    @Override
    public String tokenId() {
        return "x5c/" + name;
    }

    @Override
    public String credentialId() {
        return "";
    }

    /** A path is built for each token. */
    @Override
    public boolean mayTakeLong() {
        return true;
    }

    @Override
    public Entitlement verify(OneTimeToken token, TokenCheck check) {
        TokenClaims claims = token.claims();
        // What costs nothing first: no answer says which check failed.
        TokenCheck.require(claims.issuer().equals(name), "iss is not the provisioner's name");
        check.times(claims);
        check.audience(claims.audience(), tokenId());
        TokenCheck.require(!claims.subject().isEmpty(), "sub is empty");
        List<PresentedCertificate> path = path(token, check);
        return new Entitlement(
                NameGrant.of(claims, List.of(claims.subject())),
                claims.csrFingerprint(),
                Optional.of(token.useKey()),
                path);
    }

    /** From the certificate that has signed it to a root, which is left out. */
    private List<PresentedCertificate> path(OneTimeToken token, TokenCheck check) {
        List<Der> sent = token.chain(OneTimeToken.Chain.X5C);
        TokenCheck.require(!sent.isEmpty(), "x5c is empty");
        try {
            PresentedCertificate leaf = PresentedCertificate.parse(sent.get(0));
            TokenCheck.require(ClientChain.maySign(leaf), "its certificate's key may not sign");
            List<Der> path = chain.path(leaf, sent.subList(1, sent.size()), check.now());
            TokenCheck.require(!path.isEmpty(), "its certificate leads to no root, or is not for clients");
            TokenCheck.require(
                    token.signedBy(check.keys().decode(leaf.keyInfo()), check.keys()),
                    "its signature is not the certificate's");
            return path.stream().map(PresentedCertificate::parse).toList();
        } catch (CaException e) {
            throw TokenCheck.invalid("x5c: " + e.getMessage()); // whatever is wrong with a certificate, too
        }
    }
}
