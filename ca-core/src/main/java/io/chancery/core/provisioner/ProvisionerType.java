package io.chancery.core.provisioner;

import java.util.Arrays;
import java.util.Optional;

/** The types that step knows, with their number in the certificate extension (wire contract s. 5.1). */
public enum ProvisionerType {
    JWK(1),
    OIDC(2),
    GCP(3),
    AWS(4),
    AZURE(5),
    ACME(6),
    X5C(7),
    K8SSA(8),
    SSHPOP(9),
    SCEP(10),
    NEBULA(11);

    private final int number;

    ProvisionerType(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    public static Optional<ProvisionerType> named(String name) {
        return Arrays.stream(values())
                .filter(t -> t.name().equalsIgnoreCase(name))
                .findFirst();
    }
}
