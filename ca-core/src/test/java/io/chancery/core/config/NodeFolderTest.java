package io.chancery.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class NodeFolderTest {
    private static final Path BESIDE = Path.of("/etc/chancery");
    private static final String POSTGRES = "{\"type\":\"postgresql\",\"dataSource\":\"postgresql://c@h/d\"}";
    private static final String SQLITE = "{\"type\":\"sqlite\",\"dataSource\":\"/data\"}";

    private static CaConfig ca(String db) {
        String json = "{\"root\":\"r\",\"crt\":\"c\",\"key\":\"k\",\"address\":\":0\",\"db\":" + db + "}";
        return CaConfigReader.read("ca.json", json, BESIDE, BESIDE).draft().orElseThrow();
    }

    private static ChanceryConfig chancery(String store) {
        return ChanceryConfigReader.read("chancery.json", "{\"store\":" + store + "}", BESIDE)
                .config()
                .orElseThrow();
    }

    @Test
    void a_node_on_PostgreSQL_keeps_its_own_files_where_chancery_json_says() {
        ChanceryConfig absolute = chancery("{\"folder\":\"/var/lib/chancery\"}");
        assertThat(NodeFolder.apply(ca(POSTGRES), absolute).db().folder()).isEqualTo(Path.of("/var/lib/chancery"));
        assertThat(NodeFolder.apply(ca(POSTGRES), absolute).db().postgres()).isPresent();
        assertThat(NodeFolder.check("chancery.json", ca(POSTGRES), absolute)).isEmpty();
        assertThat(NodeFolder.apply(ca(POSTGRES), chancery("{\"folder\":\"own\"}"))
                        .db()
                        .folder())
                .as("counted from chancery.json")
                .isEqualTo(BESIDE.resolve("own"));
    }

    @Test
    void without_a_word_it_is_the_folder_of_ca_json() {
        assertThat(NodeFolder.apply(ca(POSTGRES), ChanceryConfigReader.defaults())
                        .db()
                        .folder())
                .isEqualTo(BESIDE);
    }

    @Test
    void a_signer_whose_ca_json_names_no_store_keeps_its_own_files_there_too() {
        String json = "{\"root\":\"r\",\"crt\":\"c\",\"key\":\"k\",\"address\":\":0\"}";
        CaConfig ca =
                CaConfigReader.read("ca.json", json, BESIDE, BESIDE).draft().orElseThrow();
        ChanceryConfig own = chancery("{\"folder\":\"/var/lib/chancery\"}");
        assertThat(NodeFolder.apply(ca, own).db().folder()).isEqualTo(Path.of("/var/lib/chancery"));
        assertThat(NodeFolder.check("chancery.json", ca, own)).isEmpty();
    }

    @Test
    void with_SQLite_a_second_folder_is_an_error_and_changes_nothing() {
        ChanceryConfig own = chancery("{\"folder\":\"/var/lib/chancery\"}");
        assertThat(NodeFolder.apply(ca(SQLITE), own).db().folder()).isEqualTo(Path.of("/data"));
        assertThat(NodeFolder.check("chancery.json", ca(SQLITE), own))
                .singleElement()
                .satisfies(problem -> assertThat(problem.pointer()).isEqualTo("/store/folder"));
    }
}
