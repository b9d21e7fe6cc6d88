package io.chancery.core.config;

import io.chancery.core.provisioner.Provisioners;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What of ca.json's provisioners stops the start although the file can be read: templates, bundles and webhooks. */
public final class ProvisionerProblems {
    private static final Pattern MEMBER = Pattern.compile(
            "((?:options|roots|publicKeys)[^:,\\s]*)(?:, (line \\d+, column \\d+))?: (.*)", Pattern.DOTALL);
    private static final String ALLOWED = "; allowed: ";

    private ProvisionerProblems() {}

    /** @param file the name of ca.json, for messages */
    public static ConfigProblem of(String file, Provisioners.Unusable unusable) {
        String provisioner = "/authority/provisioners/" + unusable.index();
        String what = unusable.what();
        Matcher member = MEMBER.matcher(what);
        if (!member.matches()) {
            return ConfigProblem.error(file, provisioner, what, "a provisioner as step writes it");
        }
        String place = member.group(1);
        String found =
                Optional.ofNullable(member.group(2)).map(line -> line + ": ").orElse("")
                        + member.group(3).replace('\n', ' ');
        int allowed = found.indexOf(ALLOWED);
        return allowed < 0
                ? ConfigProblem.error(file, provisioner + "/" + place, found, allowed(place))
                : ConfigProblem.error(
                        file,
                        provisioner + "/" + place,
                        found.substring(0, allowed),
                        found.substring(allowed + ALLOWED.length()));
    }

    private static String allowed(String place) {
        return switch (place) {
            case "options/x509/template" -> "a Go template that gives a certificate as JSON, or the Base64 of one";
            case "options/x509/templateFile" ->
                "the path of a file with a Go template that gives a certificate as JSON";
            case "roots", "publicKeys" -> "the Base64 of PEM blocks, as step writes it";
            default -> place.endsWith("/url") ? "a URL such as \"https://host/path\"" : "what step takes there";
        };
    }
}
