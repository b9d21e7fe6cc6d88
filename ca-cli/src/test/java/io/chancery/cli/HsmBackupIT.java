package io.chancery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.signer.admin.PinCheck;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.softhsm.Pkcs11Shim;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The drill for a lost token: what was backed up signs again, on another one. */
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class HsmBackupIT {
    private static SoftHsmToken token;
    private static HsmShell shell;

    @TempDir
    private Path folder;

    @BeforeAll
    static void token(SoftHsmToken given) {
        token = given;
        shell = new HsmShell(given);
    }

    private HsmShell.Result restore(String uri, Path backup, String... shares) {
        String[] words = new String[7 + shares.length];
        System.arraycopy(
                new String[] {
                    "hsm",
                    "restore",
                    "--kms",
                    uri,
                    "--backup",
                    backup.resolve("backup").toString(),
                    "--cert=" + folder.resolve("root.crt")
                },
                0,
                words,
                0,
                7);
        for (int i = 0; i < shares.length; i++) {
            words[7 + i] = backup.resolve(shares[i]).toString();
        }
        return HsmShell.run(words);
    }

    @Test
    @Tag("long")
    void two_of_three_shares_bring_a_root_back_on_an_empty_token_and_one_does_not() throws Exception {
        Path backup = folder.resolve("shares");
        shell.done("keygen", "shared", "--shares", "2of3", "--backup-folder", backup.toString());
        Files.writeString(
                folder.resolve("root.crt"),
                shell.done("selfsign", "shared", "--subject", "CN=Shared", "--path-length", "1"));
        assertThat(shell.done("list", "shared")).contains("imported, sensitive, not extractable");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(backup.resolve("share-1"))))
                .isEqualTo("rw-------");

        String second =
                "pkcs11:module-path=" + token.modulePath() + ";token=second;object=back?pin-source=" + token.pinFile();
        String pin = "file:" + token.pinFile();
        assertThat(HsmShell.run(
                                "hsm",
                                "init-token",
                                "--module=" + token.modulePath(),
                                "--label=second",
                                "--pin=" + pin,
                                "--so-pin=" + pin)
                        .exitCode())
                .isZero();
        HsmShell.Result few = restore(second, backup, "share-2");
        assertThat(few.exitCode()).isEqualTo(1);
        assertThat(few.err()).contains("needs 2 of 3 shares");
        assertThat(HsmShell.run("hsm", "list", "--kms", second).out()).isEmpty();

        Path noted = backup.resolve("share-3");
        Files.writeString(noted, Files.readString(noted) + "bei Frau Müller im Tresor, Zürich\n");
        assertThat(restore(second, backup, "share-3", "share-1").out()).contains("object=back");
        HsmShell.Result doctor = HsmShell.run("hsm", "doctor", "--kms", second);
        assertThat(doctor.out()).contains("ok\ttest-signature");
        shell.done("keygen", "below");
        Path csr = Files.writeString(folder.resolve("csr"), shell.done("csr", "below", "--subject", "CN=Below"));
        assertThat(HsmShell.run("hsm", "sign-intermediate", "--kms", second, csr.toString())
                        .out())
                .contains("BEGIN CERTIFICATE");
    }

    @Test
    void a_copied_token_opens_elsewhere_and_a_copy_over_something_is_refused() {
        shell.done("keygen", "copied");
        Path copy = folder.resolve("copy");
        HsmShell.Result made = shell.hsm("backup", "copied", "--to", copy.toString());
        assertThat(made.exitCode()).as(made.err()).isZero();
        Pkcs11Uri uri = Pkcs11Uri.parse(token.uri("copied"));
        assertThat(PinCheck.run(
                                uri,
                                uri.pin().orElseThrow(),
                                Map.of(
                                        "SOFTHSM2_CONF",
                                        copy.resolve("softhsm2.conf").toString()))
                        .verdict())
                .isEqualTo(PinCheck.Verdict.ACCEPTED);
        assertThat(shell.hsm("backup", "copied", "--to", copy.toString()).err()).contains("is there already");
        HsmShell.Result over = HsmShell.run("hsm", "restore", "--clone", copy.toString());
        assertThat(over.exitCode()).isEqualTo(1);
        assertThat(over.err()).contains("nothing was written over");
    }

    @Test
    void a_makers_tool_is_called_with_the_token_and_its_failure_is_no_backup() throws Exception {
        Path called = folder.resolve("called");
        Path tool = folder.resolve("clone-it");
        Files.writeString(tool, "#!/bin/sh\necho \"$1\" > '" + called + "'\n[ -n \"$2\" ]\n");
        Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwx------"));
        shell.done("backup", "any", "--tool", tool.toString());
        assertThat(called).hasContent(token.label());
        Files.writeString(tool, "#!/bin/sh\nexit 3\n");
        HsmShell.Result failed = shell.hsm("backup", "any", "--tool", tool.toString());
        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(failed.err()).contains("exit code 3", "there is no clone");
        assertThat(shell.hsm("backup", "any").exitCode()).isEqualTo(2);
    }

    @Test
    void no_share_is_left_of_a_key_that_the_token_does_not_take() throws Exception {
        Path taken = folder.resolve("taken");
        shell.done("keygen", "taken");
        HsmShell.Result refused = shell.hsm("keygen", "taken", "--shares=2of3", "--backup-folder=" + taken);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("object=taken already");
        assertThat(taken).doesNotExist();
        Path broken = folder.resolve("broken");
        try (Pkcs11Shim hsm = Pkcs11Shim.around(token.modulePath())) {
            hsm.fail("C_UnwrapKey", 0x30);
            HsmShell.Result failed = HsmShell.run(
                    "hsm", "keygen", "--kms", hsm.uri(token, "broken"), "--shares=2of3", "--backup-folder=" + broken);
            assertThat(failed.exitCode()).isEqualTo(1);
            assertThat(failed.err()).contains("CKR_DEVICE_ERROR");
        }
        assertThat(broken).doesNotExist();
    }

    @Test
    void a_key_that_cannot_leave_its_token_is_not_promised_shares() {
        shell.done("keygen", "inside");
        HsmShell.Result refused = shell.hsm(
                "backup", "inside", "--shares", "--to", folder.resolve("x").toString());
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("cannot be taken out", "keygen --shares");
        assertThat(folder.resolve("x")).doesNotExist();
        assertThat(shell.hsm(
                                "keygen",
                                "y",
                                "--shares",
                                "1of1",
                                "--backup-folder",
                                folder.resolve("y").toString())
                        .exitCode())
                .isEqualTo(2);
    }
}
