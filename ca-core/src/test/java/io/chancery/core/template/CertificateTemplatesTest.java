package io.chancery.core.template;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.TestKeys;
import io.chancery.core.csr.CertificateRequest;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.json.Json;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.pem.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.Extension;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against what step's own code makes of the same templates for the same request, recorded in a table. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("unchecked") // JSON of the table
class CertificateTemplatesTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    record Row(int line, Map<String, Object> row, TemplateRequest request) {
        @Override
        public String toString() {
            return line + " " + row.get("template");
        }
    }

    static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        TemplateRequest request = null;
        int number = 0;
        for (String line : Files.readAllLines(
                Path.of("src/test/resources/go/certificate-templates.jsonl"), StandardCharsets.UTF_8)) {
            number++;
            Map<String, Object> row = (Map<String, Object>) Json.parse(line);
            if (row.containsKey("csr")) {
                request = new TemplateRequest(
                        (String) row.get("subject"),
                        ((List<String>) row.get("sans"))
                                .stream().map(SubjectAltName::guess).toList(),
                        List.of(),
                        (Map<String, Object>) row.get("token"),
                        CertificateRequest.read(
                                Pem.first((String) row.get("csr")).orElseThrow().der(), TestKeys.KEYS),
                        row.get("user"));
            } else {
                rows.add(new Row(number, row, request));
            }
        }
        return rows;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void a_template_gives_what_step_makes_of_it(Row row) {
        assertThat(outcome(row)).isEqualTo(expected(row.row()));
    }

    @Test
    void the_table_is_large() throws IOException {
        assertThat(rows()).hasSizeGreaterThan(150);
    }

    private static String expected(Map<String, Object> row) {
        Map<String, Object> certificate = (Map<String, Object>) row.get("certificate");
        return certificate == null
                ? (String) row.get("error")
                : text(
                        (String) certificate.get("subject"),
                        (String) certificate.get("notBefore"),
                        (String) certificate.get("notAfter"),
                        ((List<Map<String, Object>>) certificate.getOrDefault("extensions", List.of()))
                                .stream()
                                        .map(e -> e.get("id")
                                                + (e.containsKey("critical") ? " critical " : " ")
                                                + e.get("value")));
    }

    private static String outcome(Row row) {
        Map<String, Object> x509 = new TreeMap<>();
        String template = (String) row.row().getOrDefault("template", "");
        x509.put("templateFile", "leaf.tpl");
        x509.put("templateData", row.row().getOrDefault("data", Map.of()));
        try {
            TemplatedCertificate made = LeafTemplate.of(
                            x509, new TemplateSources(Map.of("leaf.tpl", template), () -> 0, bound -> 0))
                    .orElseThrow()
                    .apply(row.request(), SubjectDefaults.NONE, NOW);
            return text(
                    HexFormat.of().formatHex(made.subject().getEncoded()),
                    made.notBefore().map(Instant::toString).orElse(null),
                    made.notAfter().map(Instant::toString).orElse(null),
                    Stream.concat(made.before().stream(), made.after().stream()).map(CertificateTemplatesTest::text));
        } catch (CaException e) {
            return e.code() == ErrorCode.MALFORMED ? "fail: " + e.publicDetail() : "error";
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(Extension each) {
        return each.getExtnId()
                + (each.isCritical() ? " critical " : " ")
                + HexFormat.of().formatHex(each.getExtnValue().getOctets());
    }

    private static String text(String subject, String notBefore, String notAfter, Stream<String> extensions) {
        return "subject " + subject + "\nnotBefore " + notBefore + "\nnotAfter " + notAfter + "\n"
                + String.join("\n", extensions.toList());
    }
}
