package io.chancery.gotemplate;

import io.chancery.gotemplate.budget.Budget;
import io.chancery.gotemplate.budget.BudgetExceeded;
import io.chancery.gotemplate.budget.Limits;
import io.chancery.gotemplate.budget.Surroundings;
import io.chancery.gotemplate.evaluation.Evaluator;
import io.chancery.gotemplate.evaluation.ExecutionError;
import io.chancery.gotemplate.function.FunctionSet;
import io.chancery.gotemplate.syntax.Node;
import io.chancery.gotemplate.syntax.Parser;
import io.chancery.gotemplate.syntax.SyntaxError;
import io.chancery.gotemplate.text.Utf8;
import io.chancery.gotemplate.value.Value;
import io.chancery.gotemplate.value.Values;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A compiled Go template. Immutable: any number of threads may execute it at once. It reaches nothing but its data, its functions
 * and its {@link Surroundings}, and each execution keeps to its {@link Limits}.
 */
public final class GoTemplate {
    /** The longest text of a template, in characters. */
    public static final int MAX_TEXT = 1 << 20;

    /** The longest message of an execution that failed, in characters. */
    private static final int MAX_MESSAGE = 1000;

    private final String name;
    private final String text;
    private final FunctionSet functions;
    private final Map<String, Node.Body> templates;

    private GoTemplate(String name, String text, FunctionSet functions, Map<String, Node.Body> templates) {
        this.name = name;
        this.text = text;
        this.functions = functions;
        this.templates = Map.copyOf(templates);
    }

    /**
     * Compiles a text.
     *
     * @param name how errors call it
     * @throws TemplateException with line and column, when the text is no template or names a function that is not there
     */
    public static GoTemplate compile(String name, String text, FunctionSet functions) throws TemplateException {
        if (text.length() > MAX_TEXT) {
            throw new TemplateException(
                    1, 1, "template: " + name + ": longer than " + MAX_TEXT + " characters", Optional.empty());
        }
        try {
            return new GoTemplate(name, text, functions, Parser.parse(name, text, functions));
        } catch (SyntaxError e) {
            throw new TemplateException(
                    e.line(),
                    column(text, e.at()) + 1,
                    "template: " + name + ":" + e.line() + ": " + e.getMessage(),
                    Optional.empty());
        }
    }

    /**
     * Executes the template.
     *
     * @param data what {@link Values#of} takes; it is copied first and never changed
     * @throws TemplateException when the template fails for this data or asks for more than the limits
     */
    public String execute(@Nullable Object data, Limits limits, Surroundings surroundings) throws TemplateException {
        Value root = Values.of(data);
        Node.Body body = Objects.requireNonNull(templates.get(name), "the text itself is a template");
        try {
            return Evaluator.run(templates, name, body, functions, root, new Budget(limits, surroundings));
        } catch (ExecutionError e) {
            int line = 1
                    + (int) text.substring(0, e.at())
                            .chars()
                            .filter(c -> c == '\n')
                            .count();
            int column = column(text, e.at());
            String message =
                    "template: " + name + ":" + line + ":" + column + ": " + e.context() + ": " + e.getMessage();
            throw new TemplateException(
                    line, column + 1, cut(message), e.words().map(GoTemplate::cut));
        } catch (BudgetExceeded e) {
            throw new TemplateException(1, 1, "template: " + name + ": " + e.getMessage(), Optional.empty());
        } catch (StackOverflowError e) {
            throw new TemplateException(1, 1, "template: " + name + ": a value is nested too deep", Optional.empty());
        }
    }

    // Go's messages hold whole values.
    private static String cut(String message) {
        return message.length() <= MAX_MESSAGE
                ? message
                : message.substring(0, message.offsetByCodePoints(0, MAX_MESSAGE / 2)) + "…";
    }

    private static int column(String text, int at) {
        return Utf8.length(text.substring(text.lastIndexOf('\n', at - 1) + 1, at));
    }
}
