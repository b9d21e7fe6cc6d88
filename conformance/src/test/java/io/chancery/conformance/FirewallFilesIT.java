package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped firewall, read and put in force by nftables in a network of its own. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class FirewallFilesIT {
    private static Commands.Result inItsOwnNetwork(Path folder, String script) throws Exception {
        return Commands.run(
                folder,
                Map.of(
                        "FILE",
                        DeployFiles.folder().resolve("wireguard/nftables.conf").toString()),
                "unshare",
                "--map-root-user", // so that nobody has to be root
                "--net",
                "sh",
                "-ec",
                "PATH=$PATH:/usr/sbin\n" + script);
    }

    @Test
    void nftables_takes_the_file_and_drops_what_it_does_not_name(@TempDir Path folder) throws Exception {
        Commands.Result possible = inItsOwnNetwork(folder, "nft add table ip t");
        if (possible.exitCode() != 0) {
            NotRun.because("the shipped firewall", "no network namespace with nftables: " + possible.output());
        }
        inItsOwnNetwork(folder, "nft --check --file \"$FILE\"").succeeded();
        // Twice, as its own first lines promise: the second takes the place of the first.
        String inForce = inItsOwnNetwork(
                        folder, "nft --file \"$FILE\"; nft --file \"$FILE\"; nft list chain inet chancery input")
                .succeeded()
                .output();
        assertThat(inForce).contains("policy drop").containsOnlyOnce("iifname \"wg-chancery\"");
    }
}
