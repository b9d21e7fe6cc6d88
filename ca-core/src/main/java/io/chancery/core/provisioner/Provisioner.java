package io.chancery.core.provisioner;

import io.chancery.core.profile.Claims;
import java.util.Map;

/** Who may ask, and for what: step-ca's one noun for it. */
public sealed interface Provisioner permits TokenProvisioner, ListedProvisioner {
    String name();

    /** As step spells it; compared without regard to case on reading. */
    ProvisionerType type();

    /** What tokens of it are found by (wire contract s. 4.3). */
    String tokenId();

    /** What it allows, also for the renewal of certificates that it vouched for. */
    Claims claims();

    /** The member as it stands in ca.json. */
    Map<String, Object> raw();

    /** The member as {@code /provisioners} lists it. */
    default Map<String, Object> listed() {
        return raw();
    }
}
