package io.chancery.cli.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.certificate.SerialNumber;
import io.chancery.node.store.CertificateQuery;
import io.chancery.node.store.CertificateSearch.Found;
import io.chancery.node.store.CertificateSearch.History;
import io.chancery.node.store.CertificateSearch.Validity;
import io.chancery.node.store.CertificateState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CertificateTableTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "issued,    true,  revoked",
        "issued,    false, issued",
        "abandoned, true,  abandoned",
        "reserved,  false, reserved",
        "voided,    false, voided"
    })
    void a_certificate_that_was_issued_and_is_revoked_is_listed_as_revoked(
            CertificateState state, boolean revoked, String shown) {
        Found one = new Found(
                SerialNumber.parseDecimal("4711"),
                state,
                "a",
                List.of("a.example"),
                "admin",
                new Validity(NOW, NOW),
                new History(1, false, NOW, Optional.of(NOW), revoked ? Optional.of(NOW) : Optional.empty(), List.of()),
                Optional.empty());
        assertThat(CertificateTable.line(one)).startsWith("4711\t" + shown + "\t1\t");
    }

    @ParameterizedTest
    @CsvSource({"revoked, issued, true", "issued, issued, false", "abandoned, abandoned,"})
    void a_search_for_a_state_is_for_the_rows_that_are_listed_so(
            String asked, CertificateState state, @Nullable Boolean revoked) throws Exception {
        SearchOptions options = CommandLine.populateCommand(new SearchOptions(), "--state", asked);
        CertificateQuery query = options.query(NOW);
        assertThat(query.state()).contains(state);
        assertThat(query.revoked()).isEqualTo(Optional.ofNullable(revoked));
    }
}
