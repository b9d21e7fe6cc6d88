package io.chancery.core.provisioner;

import io.chancery.core.template.LeafTemplate;
import java.security.PublicKey;
import java.util.Map;
import java.util.Optional;

/**
 * A provisioner whose tokens are signed with one JSON Web Key.
 *
 * @param keyId the key's {@code kid}
 * @param template of its own; without one its certificates are step's default leaf
 * @param encryptedKey compact JWE of the private key, for clients that know its password
 */
public record JwkProvisioner(
        String name,
        String keyId,
        PublicKey key,
        Optional<String> encryptedKey,
        Claims claims,
        Optional<LeafTemplate> template,
        Map<String, Object> raw)
        implements Provisioner {
    @Override
    public ProvisionerType type() {
        return ProvisionerType.JWK;
    }

    @Override
    public String tokenId() {
        return name + ":" + keyId;
    }

    @Override
    public Map<String, Object> listed() {
        return raw;
    }
}
