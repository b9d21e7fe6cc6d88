package io.chancery.signer.hsm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LibraryFileTest {
    @Test
    void one_library_by_two_names_is_one_and_is_not_started_again_under_the_other_ones_calls(@TempDir Path folder)
            throws Exception {
        Path file = Files.createFile(folder.toRealPath().resolve("lib.so.1"));
        Path link = Files.createSymbolicLink(folder.resolve("lib.so"), file);
        assertThat(LibraryFile.path(link.toString())).isEqualTo(file.toString());
        assertThat(library(link)).isSameAs(library(file));
    }

    private static HsmLibrary library(Path module) {
        return HsmLibrary.of(Pkcs11Uri.parse("pkcs11:module-path=" + module + ";token=any"));
    }
}
