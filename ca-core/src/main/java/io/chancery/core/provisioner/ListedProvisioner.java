package io.chancery.core.provisioner;

import java.util.LinkedHashMap;
import java.util.Map;

/** A provisioner that is listed and refuses: its type is not built yet, or it could not be initialised. */
public record ListedProvisioner(
        String name, ProvisionerType type, String tokenId, String reason, Map<String, Object> raw)
        implements Provisioner {
    @Override
    public Map<String, Object> listed() {
        Map<String, Object> all = new LinkedHashMap<>(raw);
        all.put("state", "Uninitialized");
        all.put("stateReason", reason);
        return all;
    }
}
