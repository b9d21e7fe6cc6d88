package io.chancery.core.provisioner;

import io.chancery.core.profile.Claims;
import io.chancery.core.profile.NameGrant;
import io.chancery.core.template.LeafTemplate;
import io.chancery.core.token.OneTimeToken;
import io.chancery.core.token.TokenClaims;
import java.security.PublicKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The provisioner whose tokens Kubernetes mounts into pods (wire contract s. 5.2). They name no audience, may be used again
 * as often as their holder likes, and grant whatever names the CSR asks for, unless a template says otherwise.
 *
 * @param keys any of which may have signed a token
 * @param template of its own; without one its certificates have the CSR's subject and names
 */
public record K8sSaProvisioner(
        String name, List<PublicKey> keys, Claims claims, Optional<LeafTemplate> template, Map<String, Object> raw)
        implements TokenProvisioner {
    private static final String ACCOUNT = "kubernetes.io/serviceaccount/";

    public K8sSaProvisioner {
        keys = List.copyOf(keys);
    }

    @Override
    public ProvisionerType type() {
        return ProvisionerType.K8SSA;
    }

    @Override
    public String tokenId() {
        return Provisioners.KUBERNETES_ID;
    }

    @Override
    public String credentialId() {
        return "";
    }

    /** The CSR's names are read by a template. */
    @Override
    public boolean mayTakeLong() {
        return true;
    }

    @Override
    public Entitlement verify(OneTimeToken token, TokenCheck check) {
        TokenClaims claims = token.claims();
        TokenCheck.require(claims.issuer().equals(Provisioners.KUBERNETES), "iss is not Kubernetes");
        check.times(claims);
        TokenCheck.require(!claims.subject().isEmpty(), "sub is empty");
        for (String each : List.of("namespace", "secret.name", "service-account.uid")) {
            String unused = token.text(ACCOUNT + each); // of the right type, as step-ca wants it
        }
        String claim = ACCOUNT + "service-account.name";
        String account = TokenClaims.name(token.text(claim), claim);
        TokenCheck.require(
                keys.stream().anyMatch(key -> token.signedBy(key, check.keys())),
                "its signature is by none of the provisioner's keys");
        NameGrant names = new NameGrant(account, List.of(), List.of(), NameGrant.Rule.REQUESTED);
        return new Entitlement(names, Optional.empty(), Optional.empty(), List.of());
    }
}
