package io.chancery.core.template;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.gotemplate.GoTemplate;
import io.chancery.gotemplate.TemplateException;
import io.chancery.gotemplate.budget.Limits;
import io.chancery.gotemplate.budget.Surroundings;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;

/** A text with a template's actions in it, made of the variables that certificate templates have. Immutable, any thread. */
public final class RequestText {
    private final GoTemplate template;
    private final Map<String, Object> data;
    private final TemplateSources sources;

    private RequestText(GoTemplate template, Map<String, Object> data, TemplateSources sources) {
        this.template = template;
        this.data = data;
        this.sources = sources;
    }

    /**
     * Compiles it.
     *
     * @param place what errors name
     * @param data the provisioner's own, more variables
     * @throws IllegalArgumentException naming the place, line and column, when it cannot be used
     */
    public static RequestText compile(String place, String text, Map<String, Object> data, TemplateSources sources) {
        try {
            return new RequestText(GoTemplate.compile("template", text, StepFunctions.functions()), data, sources);
        } catch (TemplateException e) {
            throw new IllegalArgumentException(
                    place + ", line " + e.line() + ", column " + e.column() + ": " + e.getMessage(), e);
        }
    }

    /**
     * The text for this request.
     *
     * @throws CaException MALFORMED with the template's own words when it called {@code fail}; TEMPLATE_FAILED when it
     *     broke off or took too long
     */
    public String of(TemplateRequest request, Instant now) {
        Surroundings surroundings = new Surroundings(InstantSource.fixed(now), sources.nanoClock(), sources.random());
        try {
            return template.execute(TemplateVariables.of(request, data), Limits.STANDARD, surroundings);
        } catch (TemplateException e) {
            throw e.words()
                    .filter(words -> !words.isEmpty())
                    .map(words -> CaException.of(ErrorCode.MALFORMED, words))
                    .orElseGet(() -> CaException.hidden(ErrorCode.TEMPLATE_FAILED, String.valueOf(e.getMessage())));
        } catch (IllegalArgumentException e) {
            // data nested too deep
            throw CaException.hidden(ErrorCode.TEMPLATE_FAILED, String.valueOf(e.getMessage()));
        }
    }
}
