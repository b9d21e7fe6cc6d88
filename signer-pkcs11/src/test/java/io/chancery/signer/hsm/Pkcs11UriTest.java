package io.chancery.signer.hsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.der.Der;
import io.chancery.core.secret.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class Pkcs11UriTest {
    @Test
    void attributes_may_stand_in_path_or_query() {
        Pkcs11Uri uri = Pkcs11Uri.parse(
                "pkcs11:token=My%20CA;object=a%3Bb;slot-id=7?module-path=/usr/lib/x.so&serial=0a;max-sessions=4");
        assertThat(uri.token()).contains("My CA");
        assertThat(uri.object()).contains("a;b");
        assertThat(uri.slotId()).contains(7L);
        assertThat(uri.modulePath()).isEqualTo("/usr/lib/x.so");
        assertThat(uri.serial()).contains("0a");
        assertThat(uri.maxSessions()).contains(4L);
        assertThat(uri.pin()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0a10,0a10", "0x0A10,0a10", "0a:10,0a10", "a10,0a10", "%0a%10,0a10", "%FF,ff", "%35%36,56", "key,6b6579"
    })
    void an_id_is_hex_or_its_own_octets_as_in_step(String id, String octets) {
        assertThat(Pkcs11Uri.parse("pkcs11:id=" + id).id())
                .contains(Der.of(HexFormat.of().parseHex(octets)));
    }

    @ParameterizedTest
    @CsvSource({
        "pkcs11:token=a;token=b,token",
        "pkcs11:slot-id=x,slot-id",
        "pkcs11:slot-id=-1,slot-id",
        "pkcs11:max-sessions=0,max-sessions",
        "pkcs11:object=%2,object",
        "pkcs11:object=%zz,object",
        "pkcs11:token=%ff,token",
        "pkcs11:type=public,type",
        "pkcs11:pin-source=|x,pin-source",
        "pkcs11:tokn=a,token",
        "file:/x,pkcs11:"
    })
    void an_error_names_the_bad_part(String text, String part) {
        assertThatThrownBy(() -> Pkcs11Uri.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(part);
    }

    @Test
    void a_pin_is_shown_nowhere() {
        Pkcs11Uri uri = Pkcs11Uri.parse("pkcs11:token=t?pin-value=s3cr3t");
        assertThat(uri.toString()).doesNotContain("s3cr3t");
        assertThat(uri.pin().map(Pkcs11UriTest::text)).contains("s3cr3t");
        // A separator that was not encoded cuts the PIN in two; neither half is shown.
        assertThatThrownBy(() -> Pkcs11Uri.parse("pkcs11:token=t?pin-value=s3cr3t;s3cr3t"))
                .hasMessageNotContaining("s3cr3t");
        assertThatThrownBy(() -> Pkcs11Uri.parse("pkcs11:token=t?pin-value=a;s3cr3t=b"))
                .hasMessageNotContaining("s3cr3t");
        assertThatThrownBy(() -> Pkcs11Uri.parse("pkcs11:token=t?pin-value=s3cr3t%"))
                .hasMessageNotContaining("s3cr3t");
    }

    @Test
    void a_pin_source_is_a_path_or_a_file_uri(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("pin file.txt");
        Files.writeString(file, "1234\n");
        assertThat(Pkcs11Uri.parse("pkcs11:token=t?pin-source=" + file).pin().map(Pkcs11UriTest::text))
                .contains("1234");
        assertThat(Pkcs11Uri.parse("pkcs11:token=t?pin-source="
                                + file.toUri().toString().replace("%", "%25"))
                        .pin()
                        .map(Pkcs11UriTest::text))
                .contains("1234");
        assertThatThrownBy(() -> Pkcs11Uri.parse("pkcs11:token=t?pin-source=" + folder.resolve("none"))
                        .pin())
                .isInstanceOf(HsmException.class)
                .hasMessageContaining("none");
    }

    @Test
    void the_kms_uri_fills_in_what_the_key_leaves_out_and_no_more() {
        Pkcs11Uri kms = Pkcs11Uri.parse("pkcs11:module-path=/kms.so;token=kms?pin-value=1");
        Pkcs11Uri merged = Pkcs11Uri.parse("pkcs11:object=k").withDefaults(kms);
        assertThat(merged.token()).contains("kms");
        assertThat(merged.modulePath()).isEqualTo("/kms.so");
        assertThat(merged.pin().map(Pkcs11UriTest::text)).contains("1");

        Pkcs11Uri own =
                Pkcs11Uri.parse("pkcs11:serial=9;object=k?pin-source=/own").withDefaults(kms);
        assertThat(own.token()).isEmpty();
        assertThat(own.toString()).doesNotContain("pin-value");
    }

    @Test
    void the_pin_of_another_token_is_never_taken_over_and_that_of_the_same_one_is() {
        Pkcs11Uri kms = Pkcs11Uri.parse("pkcs11:token=a;serial=1;manufacturer=m;model=m1?pin-source=/a");
        for (String other : List.of("token=b", "token=a;serial=2", "slot-id=5", "serial=2", "token=b;serial=1")) {
            Pkcs11Uri merged = Pkcs11Uri.parse("pkcs11:object=k;" + other).withDefaults(kms);
            assertThat(merged.pinSource()).as(other).isEmpty();
            assertThat(merged.model()).as(other).isEmpty();
            assertThat(merged.manufacturer()).as(other).isEmpty();
        }
        for (String same : List.of("token=a", "serial=1", "token=a;serial=1", "object=k")) {
            assertThat(Pkcs11Uri.parse("pkcs11:" + same).withDefaults(kms).pinSource())
                    .as(same)
                    .contains("/a");
        }
        Pkcs11Uri byLabel = Pkcs11Uri.parse("pkcs11:token=a;object=k").withDefaults(kms);
        assertThat(byLabel.serial())
                .as("else the PIN would go to another token of that label")
                .contains("1");
        assertThat(Pkcs11Uri.parse("pkcs11:serial=1").withDefaults(kms).token()).contains("a");
        Pkcs11Uri nowhere = Pkcs11Uri.parse("pkcs11:module-path=/m.so?pin-source=/a");
        assertThat(Pkcs11Uri.parse("pkcs11:token=b").withDefaults(nowhere).pinSource())
                .as("a PIN for whatever token the key names")
                .contains("/a");
    }

    @Test
    void every_attribute_of_RFC_7512_is_read_and_the_library_may_be_named_without_its_place() {
        Pkcs11Uri uri = Pkcs11Uri.parse("pkcs11:token=t;library-manufacturer=m;library-description=d;library-version=3;"
                + "slot-manufacturer=s;slot-description=x?module-name=softhsm2");
        assertThat(uri.token()).contains("t");
        assertThat(uri.modulePath()).isEqualTo("libsofthsm2.so");
        assertThat(Pkcs11Uri.parse("pkcs11:?module-name=p11-kit-proxy").modulePath())
                .isEqualTo("p11-kit-proxy.so");
        assertThat(Pkcs11Uri.parse("pkcs11:?module-name=a&module-path=/b.so").modulePath())
                .isEqualTo("/b.so");
        assertThatThrownBy(() -> Pkcs11Uri.parse("pkcs11:?module-name=../a")).hasMessageContaining("module-path");
    }

    @Test
    void a_library_that_is_named_in_either_way_is_the_one_that_counts() {
        Pkcs11Uri byPath = Pkcs11Uri.parse("pkcs11:module-path=/a.so;slot-id=0?pin-source=/a");
        Pkcs11Uri byName = Pkcs11Uri.parse("pkcs11:slot-id=0?module-name=b");
        assertThat(byName.withDefaults(byPath).modulePath()).isEqualTo("libb.so");
        assertThat(byPath.withDefaults(byName).modulePath()).isEqualTo("/a.so");
        assertThat(byName.withDefaults(byPath).pinSource())
                .as("of slot 0 of another library")
                .isEmpty();
        Pkcs11Uri elsewhere = Pkcs11Uri.parse("pkcs11:module-path=/b.so;object=k");
        Pkcs11Uri merged = elsewhere.withDefaults(byPath);
        assertThat(merged.slotId()).as("of another library").isEmpty();
        assertThat(merged.pinSource()).as("of slot 0 of another library").isEmpty();
        Pkcs11Uri nowhere = Pkcs11Uri.parse("pkcs11:module-path=/a.so?pin-source=/a");
        assertThat(elsewhere.withDefaults(nowhere).pinSource())
                .as("of whatever token of another library")
                .isEmpty();
        Pkcs11Uri ofToken = Pkcs11Uri.parse("pkcs11:module-path=/a.so;slot-id=0;token=t?pin-source=/a");
        assertThat(elsewhere.withDefaults(ofToken).pinSource())
                .as("of the token t, by whatever library")
                .contains("/a");
        assertThat(elsewhere.withDefaults(ofToken).slotId()).isEmpty();
        Pkcs11Uri slot = Pkcs11Uri.parse("pkcs11:slot-id=0;object=k");
        assertThat(slot.withDefaults(byPath).pinSource()).contains("/a");
    }

    @Test
    void max_sessions_leaves_one_for_the_login_and_never_raises_the_limit() {
        assertThat(Pkcs11Uri.parse("pkcs11:max-sessions=3").signaturesAtOnce(8)).isEqualTo(2);
        assertThat(Pkcs11Uri.parse("pkcs11:max-sessions=1").signaturesAtOnce(8)).isEqualTo(1);
        assertThat(Pkcs11Uri.parse("pkcs11:max-sessions=99999999999").signaturesAtOnce(8))
                .isEqualTo(8);
        assertThat(Pkcs11Uri.parse("pkcs11:token=t").signaturesAtOnce(8)).isEqualTo(8);
    }

    @Test
    void a_key_is_named_by_one_of_the_two_alone() {
        Pkcs11Uri issuing = Pkcs11Uri.parse("pkcs11:token=a;object=issuing;id=01");
        Pkcs11Uri byLabel = Pkcs11Uri.parse("pkcs11:object=new").withDefaults(issuing);
        assertThat(byLabel.object()).contains("new");
        assertThat(byLabel.id()).isEmpty();
        Pkcs11Uri byId = Pkcs11Uri.parse("pkcs11:id=02").withDefaults(issuing);
        assertThat(byId.object()).isEmpty();
        assertThat(byId.token()).contains("a");
    }

    private static String text(Secret secret) {
        return new String(secret.chars());
    }

    @Test
    void for_a_configuration_it_is_written_whole_and_without_the_key_or_the_pin_where_that_is_asked() {
        Pkcs11Uri uri = Pkcs11Uri.parse(
                "pkcs11:object=a%3Bb;id=01;token=the%20one;module-path=/lib/x.so" + "?pin-source=/etc/a%26b");
        assertThat(uri.forConfiguration())
                .isEqualTo("pkcs11:id=01;module-path=/lib/x.so;object=a%3Bb;token=the%20one?pin-source=/etc/a%26b");
        assertThat(Pkcs11Uri.parse(uri.forConfiguration()).forConfiguration()).isEqualTo(uri.forConfiguration());
        assertThat(uri.ofToken().forConfiguration())
                .isEqualTo("pkcs11:module-path=/lib/x.so;token=the%20one?pin-source=/etc/a%26b");
        assertThat(uri.withoutPin().forConfiguration())
                .isEqualTo("pkcs11:id=01;module-path=/lib/x.so;object=a%3Bb;token=the%20one");
        assertThat(Pkcs11Uri.parse("pkcs11:token=x?pin-value=1%262")
                        .withoutPin()
                        .pin())
                .isEmpty();
    }
}
