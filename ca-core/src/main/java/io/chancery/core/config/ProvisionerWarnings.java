package io.chancery.core.config;

import io.chancery.core.provisioner.ListedProvisioner;
import io.chancery.core.provisioner.Provisioners;
import java.util.ArrayList;
import java.util.List;

/** What of ca.json's provisioners does not stop the start and is not what it seems: their requests are refused. */
public final class ProvisionerWarnings {
    private ProvisionerWarnings() {}

    /**
     * One for each provisioner that is listed and cannot serve.
     *
     * @param known what has been told already, of the claims that are the reason
     */
    public static List<ConfigProblem> refusing(
            String file, CaConfig ca, Provisioners provisioners, List<ConfigProblem> known) {
        List<ConfigProblem> warnings = new ArrayList<>();
        for (ListedProvisioner each : provisioners.refusing()) {
            String pointer = pointer(ca, each.name());
            boolean told = known.stream()
                    .anyMatch(problem -> problem.file().equals(file)
                            && problem.pointer().equals(pointer + "/claims")
                            && each.reason().endsWith(problem.found()));
            if (!told) {
                warnings.add(warning(
                        file,
                        pointer,
                        "provisioner " + Node.quoted(each.name()) + ", which cannot serve: " + each.reason(),
                        "one that can; this one is listed, and its requests are refused"));
            }
        }
        return warnings;
    }

    /** One for each whose certificates are to be those of CAs, where {@code keyRules} of chancery.json allow none. */
    public static List<ConfigProblem> makingCas(
            String file, CaConfig ca, ChanceryConfig chancery, Provisioners provisioners) {
        List<ConfigProblem> warnings = new ArrayList<>();
        if (!chancery.keyRules().allowCa()) {
            provisioners
                    .makingCas()
                    .forEach(name -> warnings.add(warning(
                            file,
                            pointer(ca, name) + "/options/x509",
                            "a template of provisioner " + Node.quoted(name)
                                    + " that makes CA certificates; requests for those are refused",
                            "such a template where chancery.json says \"keyRules\": {\"allowCa\": true}")));
        }
        return warnings;
    }

    private static String pointer(CaConfig ca, String name) {
        return "/authority/provisioners/" + ProvisionerNames.names(ca).indexOf(name);
    }

    private static ConfigProblem warning(String file, String pointer, String found, String allowed) {
        return new ConfigProblem(file, pointer, found, allowed, ConfigProblem.Severity.WARNING);
    }
}
