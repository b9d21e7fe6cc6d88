package io.chancery.gotemplate.evaluation;

import io.chancery.gotemplate.budget.Budget;
import io.chancery.gotemplate.budget.BudgetExceeded;
import io.chancery.gotemplate.format.Printer;
import io.chancery.gotemplate.function.FunctionSet;
import io.chancery.gotemplate.syntax.Node;
import io.chancery.gotemplate.text.GoQuote;
import io.chancery.gotemplate.value.Dict;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Nothing;
import io.chancery.gotemplate.value.Sequence;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.Value;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Walks through a template and writes its output. One thread, one execution. */
public final class Evaluator {
    /** How a body was left. */
    private enum Left {
        AT_ITS_END,
        BY_BREAK,
        BY_CONTINUE
    }

    private final Map<String, Node.Body> templates;
    private final Budget budget;
    private final Output out;
    private final Printer printer;
    private final Operands operands;
    private int depth;

    private Evaluator(
            Map<String, Node.Body> templates,
            FunctionSet functions,
            Budget budget,
            String name,
            Node root,
            Value data) {
        this.templates = templates;
        this.budget = budget;
        this.out = new Output(budget);
        this.printer = new Printer(budget);
        this.operands = new Operands(functions, budget, name, root, data);
    }

    /**
     * The output of the template of this name.
     *
     * @throws ExecutionError when the template fails for this data
     * @throws BudgetExceeded when it asks for more than its budget has
     */
    public static String run(
            Map<String, Node.Body> templates,
            String name,
            Node.Body root,
            FunctionSet functions,
            Value data,
            Budget budget) {
        Evaluator evaluator = new Evaluator(templates, functions, budget, name, root, data);
        Left unused = evaluator.body(data, root);
        budget.look();
        return evaluator.out.toString();
    }

    private Left body(Value dot, Node.Body body) {
        operands.deeper();
        Left left = Left.AT_ITS_END;
        for (Node.Statement statement : body.statements()) {
            left = statement(dot, statement);
            if (left != Left.AT_ITS_END) {
                break;
            }
        }
        operands.shallower();
        return left;
    }

    private Left statement(Value dot, Node.Statement statement) {
        operands.at(statement);
        budget.tick();
        if (statement instanceof Node.Literal literal) {
            out.write(literal.text());
        } else if (statement instanceof Node.Action action) {
            Value value = operands.pipeline(dot, action.pipeline());
            if (action.pipeline().declared().isEmpty()) {
                out.write(printed(value));
            }
        } else if (statement instanceof Node.Branch branch) {
            return branch(dot, branch);
        } else if (statement instanceof Node.Range range) {
            return range(dot, range);
        } else if (statement instanceof Node.Call call) {
            call(dot, call);
        } else if (statement instanceof Node.Body body) {
            return body(dot, body);
        } else if (statement instanceof Node.Break) {
            return Left.BY_BREAK;
        } else if (statement instanceof Node.Continue) {
            return Left.BY_CONTINUE;
        }
        return Left.AT_ITS_END;
    }

    private String printed(Value value) {
        return value == Nothing.NOTHING ? "<no value>" : printer.shown(value);
    }

    private Left branch(Value dot, Node.Branch branch) {
        int mark = operands.scope().mark();
        Value value = operands.pipeline(dot, branch.pipeline());
        Left left =
                value.truth() ? body(branch.with() ? value : dot, branch.body()) : otherwise(dot, branch.otherwise());
        operands.scope().pop(mark);
        return left;
    }

    private Left otherwise(Value dot, Node.@Nullable Body body) {
        return body == null ? Left.AT_ITS_END : body(dot, body);
    }

    private Left range(Value dot, Node.Range range) {
        int mark = operands.scope().mark();
        Value over = operands.pipeline(dot, range.pipeline());
        boolean ran = elements(over, range);
        Left left = ran ? Left.AT_ITS_END : otherwise(dot, range.otherwise());
        operands.scope().pop(mark);
        return left;
    }

    // Whether there was any element.
    private boolean elements(Value over, Node.Range range) {
        if (over instanceof Sequence list) {
            for (int i = 0; i < list.size(); i++) {
                if (element(Int.of(i), list.at(i), range) == Left.BY_BREAK) {
                    break;
                }
            }
            return list.size() > 0;
        }
        if (over instanceof Dict dict) {
            // The body may change the map: it runs over what was there at first.
            for (String key : List.copyOf(dict.entries().keySet())) {
                if (element(new Text(key), dict.get(key), range) == Left.BY_BREAK) {
                    break;
                }
            }
            return dict.size() > 0;
        }
        if (over instanceof Int number) {
            if (range.pipeline().declared().size() > 1) {
                throw operands.error("can't use " + number.decimal() + " to iterate over more than one variable");
            }
            for (long i = 0; i < number.value(); i++) {
                if (element(Nothing.NOTHING, new Int(number.type(), i), range) == Left.BY_BREAK) {
                    break;
                }
            }
            return number.value() > 0;
        }
        if (over == Nothing.NOTHING) {
            return false;
        }
        throw operands.error("range can't iterate over " + printer.shown(over));
    }

    private Left element(Value index, Value element, Node.Range range) {
        budget.tick();
        List<Node.Variable> declared = range.pipeline().declared();
        Scope scope = operands.scope();
        int mark = scope.mark();
        boolean both = declared.size() > 1;
        if (range.pipeline().assigns()) {
            if (!declared.isEmpty()) {
                operands.assign(declared.get(0).names().get(0), both ? index : element);
            }
            if (both) {
                operands.assign(declared.get(1).names().get(0), element);
            }
        } else if (!declared.isEmpty()) {
            scope.setTop(1, element);
            if (both) {
                scope.setTop(2, index);
            }
        }
        Left left = body(element, range.body());
        scope.pop(mark);
        return left;
    }

    private void call(Value dot, Node.Call call) {
        operands.at(call);
        Node.Body called = templates.get(call.name());
        if (called == null) {
            throw operands.error("template " + GoQuote.quoted(call.name()) + " not defined");
        }
        if (depth == budget.limits().templateDepth()) {
            throw operands.error("exceeded maximum template depth (" + depth + ")");
        }
        Value data = operands.pipeline(dot, call.pipeline());
        Scope outer = operands.scope();
        String caller = operands.template();
        operands.enter(call.name(), new Scope(data));
        depth++;
        Left unused = body(data, called);
        depth--;
        operands.enter(caller, outer);
    }
}
