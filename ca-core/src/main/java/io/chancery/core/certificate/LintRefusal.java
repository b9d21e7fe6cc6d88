package io.chancery.core.certificate;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.lint.Finding;
import io.chancery.core.lint.LintRule.Part;
import java.util.Optional;

/** Says no to a certificate that breaks a rule, before anything of it is recorded. */
final class LintRefusal {
    private LintRefusal() {}

    /**
     * @param templateError what a caller reads who cannot help it: the operator's template wrote all but the key
     * @throws CaException FORBIDDEN, or TEMPLATE_FAILED when the template is to blame; rule and field are named, in the
     *     log alone then
     */
    static void check(PreparedCertificate prepared, Optional<String> templateError) {
        IssuerCertificate issuer = prepared.issuer();
        Optional<Finding> finding = issuer.lint().first(prepared.tbs(), Optional.of(issuer.signing()));
        if (finding.isEmpty()) {
            return;
        }
        String text = "the certificate is refused: " + finding.get().text();
        if (templateError.isEmpty() || finding.get().rule().part() == Part.KEY) {
            throw CaException.of(ErrorCode.FORBIDDEN, text);
        }
        throw CaException.of(ErrorCode.TEMPLATE_FAILED, templateError.get(), text);
    }
}
