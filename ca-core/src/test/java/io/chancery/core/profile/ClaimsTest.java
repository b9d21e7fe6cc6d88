package io.chancery.core.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ClaimsTest {
    @Test
    void the_built_in_limits_are_those_of_step() {
        assertThat(Claims.BUILT_IN)
                .isEqualTo(new Claims(
                        Duration.ofMinutes(5), Duration.ofHours(24), Duration.ofHours(24), false, false, false));
        assertThat(Claims.BUILT_IN.overlaid(Map.of()).checked()).isEqualTo(Claims.BUILT_IN);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a default above the inherited maximum lifts it      | defaultTLSCertDuration=48h | 5m | 48h | 48h",
                "a default below the inherited minimum lowers it     | defaultTLSCertDuration=1m | 1m | 24h | 1m",
                "a default between them moves nothing                | defaultTLSCertDuration=1h | 5m | 24h | 1h",
                "a maximum of its own is kept beside its default     | defaultTLSCertDuration=48h,maxTLSCertDuration=72h | 5m | 72h | 48h",
                "a minimum of its own is kept beside its default     | defaultTLSCertDuration=2m,minTLSCertDuration=1m | 1m | 24h | 2m",
                "a maximum alone leaves the default                  | maxTLSCertDuration=72h | 5m | 72h | 24h",
                "a name in another case is the same                  | MAXTLSCERTDURATION=72h | 5m | 72h | 24h",
                "names of other things are passed over               | maxUserSSHCertDuration=1h,x=y | 5m | 24h | 24h"
            })
    void layers(String what, String claims, String min, String max, String dflt) {
        Claims overlaid = Claims.BUILT_IN.overlaid(map(claims)).checked();
        assertThat(overlaid.minTls()).isEqualTo(io.chancery.core.time.GoDuration.parse(min));
        assertThat(overlaid.maxTls()).isEqualTo(io.chancery.core.time.GoDuration.parse(max));
        assertThat(overlaid.defaultTls()).isEqualTo(io.chancery.core.time.GoDuration.parse(dflt));
    }

    @Test
    void a_provisioner_inherits_what_the_authority_set_and_may_lift_it() {
        Claims authority = Claims.BUILT_IN.overlaid(Map.of("maxTLSCertDuration", "30h", "disableRenewal", true));
        Claims one = authority.overlaid(Map.of("defaultTLSCertDuration", "40h"));
        assertThat(one.maxTls()).isEqualTo(Duration.ofHours(40));
        assertThat(one.disableRenewal()).isTrue();
        assertThat(authority.overlaid(Map.of("disableRenewal", false)).disableRenewal())
                .isFalse();
        assertThat(authority.overlaid(Map.of("defaultTLSCertDuration", "29h")).maxTls())
                .isEqualTo(Duration.ofHours(30));
    }

    @ParameterizedTest
    @CsvSource({
        "minTLSCertDuration=0s, minTLSCertDuration",
        "minTLSCertDuration=-1m, minTLSCertDuration",
        "minTLSCertDuration=25h, maxTLSCertDuration",
        "'maxTLSCertDuration=1h', defaultTLSCertDuration",
        "'minTLSCertDuration=2h,defaultTLSCertDuration=1h', defaultTLSCertDuration"
    })
    void limits_out_of_order_are_named(String claims, String named) {
        assertThatThrownBy(() -> Claims.BUILT_IN.overlaid(map(claims)).checked())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(named);
    }

    @Test
    void a_claim_of_another_type_is_named() {
        assertThatThrownBy(() -> Claims.BUILT_IN.overlaid(Map.of("maxTLSCertDuration", 5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxTLSCertDuration");
        assertThatThrownBy(() -> Claims.BUILT_IN.overlaid(Map.of("maxTLSCertDuration", "1d")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Claims.BUILT_IN.overlaid(Map.of("disableRenewal", "true")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("disableRenewal");
    }

    private static Map<String, Object> map(String claims) {
        Map<String, Object> map = new java.util.HashMap<>();
        for (String each : claims.split(",")) {
            map.put(each.split("=")[0], each.split("=")[1]);
        }
        return map;
    }
}
