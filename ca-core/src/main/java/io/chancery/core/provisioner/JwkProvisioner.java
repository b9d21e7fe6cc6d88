package io.chancery.core.provisioner;

import io.chancery.core.profile.Claims;
import io.chancery.core.profile.NameGrant;
import io.chancery.core.template.LeafTemplate;
import io.chancery.core.token.OneTimeToken;
import io.chancery.core.token.TokenClaims;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A provisioner whose tokens are signed with one JSON Web Key (wire contract s. 4.5).
 *
 * @param keyId the key's {@code kid}
 * @param template of its own; without one its certificates are step's default leaf
 */
public record JwkProvisioner(
        String name,
        String keyId,
        PublicKey key,
        Claims claims,
        Optional<LeafTemplate> template,
        Map<String, Object> raw)
        implements TokenProvisioner {
    @Override
    public ProvisionerType type() {
        return ProvisionerType.JWK;
    }

    @Override
    public String tokenId() {
        return name + ":" + keyId;
    }

    @Override
    public String credentialId() {
        return keyId;
    }

    @Override
    public boolean mayTakeLong() {
        return template.isPresent();
    }

    @Override
    public Entitlement verify(OneTimeToken token, TokenCheck check) {
        TokenClaims claims = token.claims();
        TokenCheck.require(token.signedBy(key, check.keys()), "its signature is not the provisioner's");
        TokenCheck.require(claims.issuer().equals(name), "iss is not the provisioner's name");
        check.times(claims);
        check.audience(claims.audience());
        TokenCheck.require(!claims.subject().isEmpty(), "sub is empty");
        List<String> commonNames = new ArrayList<>();
        commonNames.add(claims.subject());
        commonNames.addAll(claims.sans());
        return new Entitlement(
                NameGrant.of(claims, commonNames), claims.csrFingerprint(), Optional.of(token.useKey()), List.of());
    }
}
