package io.chancery.cli.quickstart;

import io.chancery.cli.Surroundings;
import io.chancery.cli.start.Ca;
import io.chancery.cli.start.Foreground;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chancery quickstart}: what {@code ./run ca} runs once the SoftHSM token is there. */
@Command(
        name = "quickstart",
        description = "Make a PKI with its key in SoftHSM (the first time), start it, and issue a first certificate.",
        mixinStandardHelpOptions = true)
public final class QuickstartCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "FOLDER", description = "where the PKI is kept; its file pin opens the token \"chancery\"")
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Option(names = "--once", description = "stop after the first certificate")
    private boolean once;

    public QuickstartCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        QuickstartPki pki = new QuickstartPki(folder, surroundings);
        try {
            pki.makeIfMissing();
        } catch (FileSystemException e) {
            throw e; // names its file
        } catch (IOException e) {
            throw new IOException("the PKI in " + folder + " could not be made: " + e.getMessage(), e);
        }
        Ca ca = Ca.start(pki.caJson(), surroundings);
        surroundings.end().stopBefore(ca);
        int port = ca.awaitReady();
        Foreground.announce(ca, port, surroundings.out());
        String url = Foreground.url(ca.caJson(), port);
        X509Certificate first =
                new FirstCertificate(surroundings, ca.roots().get(0), url).get(pki.provisionerPassword());
        surroundings.out().println();
        surroundings.out().println("a first certificate, by the API above, signed by a key that stays in the token:");
        surroundings
                .out()
                .println("  names:   "
                        + first.getSubjectAlternativeNames().iterator().next().get(1));
        surroundings.out().println("  serial:  " + first.getSerialNumber());
        surroundings.out().println("  issuer:  " + first.getIssuerX500Principal());
        surroundings
                .out()
                .println("  valid:   " + first.getNotBefore().toInstant() + " to "
                        + first.getNotAfter().toInstant());
        surroundings.out().println();
        surroundings.out().println("the next one, with step (after the bootstrap line above):");
        surroundings
                .out()
                .println("  step ca certificate my.example my.crt my.key --provisioner "
                        + QuickstartPki.PROVISIONER + " --provisioner-password-file "
                        + quoted(pki.caJson().resolveSibling("provisioner-password")));
        tellOfTheToken(pki.caJson());
        surroundings.out().println(once ? "done" : "Ctrl-C stops the CA; the next start keeps this PKI");
        surroundings.out().flush();
        if (once) {
            return 0;
        }
        return Foreground.untilStopped(ca);
    }

    /** Every other command on this PKI needs what this process was started with. */
    private void tellOfTheToken(Path caJson) {
        String conf = System.getenv("SOFTHSM2_CONF");
        if (conf != null) {
            surroundings
                    .out()
                    .println("before other commands with this PKI, such as bin/chancery hsm doctor --config "
                            + quoted(caJson) + ":");
            surroundings.out().println("  export SOFTHSM2_CONF=" + quoted(Path.of(conf)));
            surroundings.out().println();
        }
    }

    /** As a shell takes it. */
    private static String quoted(Path path) {
        String text = path.toString();
        return text.matches("[A-Za-z0-9_./-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
