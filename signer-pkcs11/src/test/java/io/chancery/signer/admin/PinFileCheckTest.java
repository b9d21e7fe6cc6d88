package io.chancery.signer.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.signer.hsm.Pkcs11Uri;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PinFileCheckTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void pin() throws Exception {
        file = Files.writeString(folder.resolve("pin"), "1234");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private Finding check(String source) {
        return check(Pkcs11Uri.parse("pkcs11:token=t?pin-source=" + Pkcs11Uri.encoded(source)), Optional.empty());
    }

    private Finding check(Pkcs11Uri uri, Optional<Path> configuration) {
        Findings findings = new Findings();
        PinFileCheck.run(uri, configuration, false, findings);
        assertThat(findings.all()).hasSize(1);
        return findings.all().get(0);
    }

    @Test
    void the_file_is_the_one_that_the_signer_reads_however_its_URI_is_written() {
        for (String written : new String[] {"", "file:", "FILE:", "file://", "File://"}) {
            assertThat(check(written + file).status()).as(written).isEqualTo(Finding.Status.OK);
        }
    }

    @Test
    void a_file_URI_with_a_relative_path_is_looked_for_where_the_signer_looks() {
        Finding finding = check("file:no-such-pin");
        assertThat(finding.status()).isEqualTo(Finding.Status.FAILED);
        assertThat(finding.found()).isEqualTo("no-such-pin does not exist");
    }

    @Test
    void a_file_that_only_the_CA_sees_is_not_missed_where_the_PIN_was_given_apart() {
        for (Path seen : List.of(file, file.resolveSibling("none"))) {
            Findings findings = new Findings();
            PinFileCheck.run(
                    Pkcs11Uri.parse("pkcs11:token=t?pin-source=" + Pkcs11Uri.encoded(seen.toString())),
                    Optional.empty(),
                    true,
                    findings);
            assertThat(findings.all())
                    .extracting(Finding::status)
                    .containsExactly(seen.equals(file) ? Finding.Status.OK : Finding.Status.SKIPPED);
        }
    }

    @Test
    void a_configuration_in_which_the_PIN_stands_is_looked_at_as_a_file_of_its_own() throws Exception {
        Pkcs11Uri without = Pkcs11Uri.parse("pkcs11:token=t");
        assertThat(check(without, Optional.empty()).status()).isEqualTo(Finding.Status.SKIPPED);
        assertThat(check(without, Optional.of(file)).status()).isEqualTo(Finding.Status.OK);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThat(check(without, Optional.of(file)).status()).isEqualTo(Finding.Status.FAILED);
    }

    @Test
    void whoever_owns_the_file_must_be_the_CAs_user_or_root() {
        assertThat(PinFileCheck.isTrusted("chancery", "chancery")).isTrue();
        assertThat(PinFileCheck.isTrusted("root", "chancery")).isTrue();
        assertThat(PinFileCheck.isTrusted("chancery", "root"))
                .as("root is told whose it is")
                .isTrue();
        assertThat(PinFileCheck.isTrusted("mallory", "chancery")).isFalse();
        assertThat(check(file.toString()).found())
                .contains(ProcessHandle.current().info().user().orElseThrow());
    }

    @Test
    void a_file_URI_that_is_none_is_a_finding_as_any_other() {
        Finding finding = check("file:/a pin");
        assertThat(finding.status()).isEqualTo(Finding.Status.FAILED);
        assertThat(finding.found()).contains("file: URI");
        assertThat(finding.todo()).contains("plain path");
    }

    @Test
    void a_credential_of_systemd_whose_access_list_shows_as_the_groups_is_its_services_alone() {
        Path given = Path.of("/run/credentials/chancery.service/pin");
        assertThat(PinFileCheck.isCredential(given, "root", Optional.empty())).isTrue();
        assertThat(PinFileCheck.isCredential(Path.of("/credentials/pin"), "root", Optional.of("/credentials")))
                .isTrue();
        assertThat(PinFileCheck.isCredential(given, "mallory", Optional.empty()))
                .isFalse();
        assertThat(PinFileCheck.isCredential(Path.of("/run/credentials/../pin"), "root", Optional.of("/credentials")))
                .isFalse();
        assertThat(PinFileCheck.isOpen(PosixFilePermissions.fromString("r--r-----"), true))
                .isFalse();
        assertThat(PinFileCheck.isOpen(PosixFilePermissions.fromString("r--r-----"), false))
                .isTrue();
        assertThat(PinFileCheck.isOpen(PosixFilePermissions.fromString("r--rw----"), true))
                .isTrue();
        assertThat(PinFileCheck.isOpen(PosixFilePermissions.fromString("r--r--r--"), true))
                .isTrue();
    }
}
