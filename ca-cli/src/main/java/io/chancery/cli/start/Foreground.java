package io.chancery.cli.start;

import io.chancery.core.config.CaConfig;
import io.chancery.core.der.Sha256;
import java.io.PrintStream;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;

/** A CA in the foreground of a terminal: says where it is, and stops with the process. */
public final class Foreground {
    private Foreground() {}

    /** Prints address, root fingerprint and the line that a client begins with. */
    public static void announce(Ca ca, int port, PrintStream out) throws CertificateEncodingException {
        String url = url(ca.caJson(), port);
        out.println("ready: " + url);
        for (X509Certificate root : ca.roots()) {
            String fingerprint = Sha256.digest(root.getEncoded()).hex();
            out.println("root fingerprint: " + fingerprint);
            out.println("to trust it: step ca bootstrap --ca-url " + url + " --fingerprint " + fingerprint);
        }
        out.println("management: http://" + host(ca.managementHost()) + ":" + ca.managementPort() + "/can-issue");
        out.flush();
    }

    /** The first name that clients use, with the port unless it is the usual one. */
    public static String url(CaConfig config, int port) {
        return "https://"
                + host(CaConfig.Listeners.withoutPort(
                        config.listeners().dnsNames().get(0))) + (port == 443 ? "" : ":" + port);
    }

    /** As it stands in a URL: an IPv6 literal in brackets. */
    private static String host(String name) {
        return name.contains(":") && !name.startsWith("[") ? "[" + name + "]" : name;
    }

    /** Returns only when this process has to end by itself, and then its exit code; else it ends by a signal. */
    public static int untilStopped(Ca ca) throws InterruptedException {
        Signals.endWellOnTerm();
        return ca.awaitEnd();
    }
}
