package io.chancery.core.provisioner;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.name.GoUrl;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.oidc.IdTokenClaims;
import io.chancery.core.oidc.OpenIdProvider;
import io.chancery.core.oidc.OpenIdProviders;
import io.chancery.core.oidc.OpenIdSource;
import io.chancery.core.oidc.ProviderState;
import io.chancery.core.profile.Claims;
import io.chancery.core.profile.NameGrant;
import io.chancery.core.template.LeafTemplate;
import io.chancery.core.token.OneTimeToken;
import io.chancery.core.token.TokenClaims;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A provisioner whose tokens are ID tokens of an OpenID provider (wire contract s. 5.2). It serves as soon as the provider
 * has said who it is.
 *
 * @param template of its own; without one, an admin's certificate has the names of the request, anybody else's their own
 */
record OidcProvisioner(
        String name,
        OidcUsers users,
        OpenIdSource source,
        Claims claims,
        Optional<LeafTemplate> template,
        Map<String, Object> raw)
        implements TokenProvisioner {
    /** The same, by what others know of its provider. */
    OidcProvisioner asking(OpenIdProviders openId) {
        return new OidcProvisioner(name, users, source.knownTo(openId), claims, template, raw);
    }

    @Override
    public ProvisionerType type() {
        return ProvisionerType.OIDC;
    }

    @Override
    public String tokenId() {
        return users.clientId();
    }

    @Override
    public String credentialId() {
        return users.clientId();
    }

    @Override
    public boolean mayTakeLong() {
        return template.isPresent() || !users.admins().isEmpty();
    }

    /** As there; also PROVISIONER_DISABLED while its provider has not answered. */
    @Override
    public Entitlement verify(OneTimeToken token, TokenCheck check) {
        ProviderState state = source.state();
        OpenIdProvider provider = state.provider().orElseThrow(() -> disabled(state.reason()));
        TokenCheck.require(
                provider.keys().named(token.keyId()).stream().anyMatch(key -> token.signedBy(key, check.keys())),
                "its signature is by no known key of its provider");
        TokenClaims claims = token.claims();
        IdTokenClaims more = IdTokenClaims.of(token);
        TokenCheck.require(claims.issuer().equals(provider.issuer()), "iss is not the provider's");
        TokenCheck.require(claims.audience().contains(users.clientId()), "aud is not the provisioner's client");
        check.times(claims);
        users.check(more);
        boolean admin = users.isAdmin(more);
        // What somebody calls their address at the provider must not make them a host or a service.
        TokenCheck.require(
                admin
                        || address(more)
                                .filter(name -> name.kind() != SubjectAltName.Kind.EMAIL)
                                .isEmpty(),
                "email is no address");
        TokenCheck.require(
                admin || check.purpose() != TokenCheck.Purpose.REVOKE, "only admins of the provisioner may revoke");
        return new Entitlement(
                new NameGrant(
                        claims.subject(),
                        names(claims, more),
                        List.of(),
                        admin ? NameGrant.Rule.REQUESTED : NameGrant.Rule.WHATEVER_IS_ASKED),
                Optional.empty(),
                Optional.of(token.useKey(more.nonce())),
                List.of());
    }

    private CaException disabled(String reason) {
        return CaException.of(
                ErrorCode.PROVISIONER_DISABLED,
                "provisioner \"" + name + "\" is disabled due to an initialization error",
                "the OpenID provider of " + name + " has not said who it is: " + reason);
    }

    private static Optional<SubjectAltName> address(IdTokenClaims more) {
        return Optional.of(more.email()).filter(email -> !email.isEmpty()).map(SubjectAltName::guess);
    }

    /** The user's address, and their subject at their issuer where that is a URL. */
    private static List<SubjectAltName> names(TokenClaims claims, IdTokenClaims more) {
        List<SubjectAltName> names = new ArrayList<>();
        address(more).ifPresent(names::add);
        GoUrl.parse(claims.issuer())
                .map(url -> new GoUrl(
                                url.scheme(),
                                url.opaque(),
                                url.user(),
                                url.authority(),
                                url.host(),
                                url.path(),
                                url.query(),
                                GoUrl.escapedFragment(claims.subject()))
                        .print())
                .map(SubjectAltName::guess)
                .ifPresent(names::add);
        return names;
    }

    @Override
    public Map<String, Object> listed() {
        ProviderState state = source.state();
        return state.provider().isPresent() ? raw : ListedProvisioner.uninitialised(type(), raw, state.reason());
    }

    /** Never the client's secret, which clients may read, and logs may not. */
    @Override
    public String toString() {
        return "OidcProvisioner[" + name + "]";
    }
}
