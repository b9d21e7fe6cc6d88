package io.chancery.node.step;

import io.chancery.core.chain.AbandonedIssuers;
import io.chancery.core.config.CaConfig;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.issuance.Issuance;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.renewal.StepRenewal;
import io.chancery.core.revocation.StepRevocation;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What the step API speaks for: one configuration's certificates and rules.
 *
 * @param roots this CA's own
 * @param federated those of others that it vouches for
 * @param issuers who signs, each with its chain
 * @param abandoned nothing below them is believed
 */
public record Authority(
        List<X509Certificate> roots,
        List<X509Certificate> federated,
        Issuers issuers,
        AbandonedIssuers abandoned,
        Provisioners provisioners,
        Issuance rules,
        StepRenewal renewal,
        StepRevocation revocation,
        PublicKeys keys,
        CaConfig.Tls tls) {
    public Authority {
        roots = List.copyOf(roots);
        federated = List.copyOf(federated);
    }
}
