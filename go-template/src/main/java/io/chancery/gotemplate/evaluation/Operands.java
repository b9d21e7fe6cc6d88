package io.chancery.gotemplate.evaluation;

import io.chancery.gotemplate.budget.Budget;
import io.chancery.gotemplate.budget.BudgetExceeded;
import io.chancery.gotemplate.function.Arguments;
import io.chancery.gotemplate.function.Function;
import io.chancery.gotemplate.function.FunctionFailure;
import io.chancery.gotemplate.function.FunctionSet;
import io.chancery.gotemplate.syntax.Node;
import io.chancery.gotemplate.text.GoQuote;
import io.chancery.gotemplate.value.Bool;
import io.chancery.gotemplate.value.Boxed;
import io.chancery.gotemplate.value.Dict;
import io.chancery.gotemplate.value.Float64;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Nothing;
import io.chancery.gotemplate.value.Struct;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.Type;
import io.chancery.gotemplate.value.Value;
import io.chancery.gotemplate.value.Values;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates pipelines. {@code here} follows the node that errors point to, in the order in which Go moves it. A final argument
 * that is null means: none was piped in. One thread, one execution.
 */
final class Operands {
    /** Pipelines and templates within each other; keeps the Java stack small. */
    private static final int MAX_NESTING = 400;

    private final FunctionSet functions;
    private final Budget budget;
    private Scope scope;
    private String template;
    private Node here;
    private int nesting;

    Operands(FunctionSet functions, Budget budget, String template, Node root, Value data) {
        this.functions = functions;
        this.budget = budget;
        this.template = template;
        this.here = root;
        this.scope = new Scope(data);
    }

    Scope scope() {
        return scope;
    }

    String template() {
        return template;
    }

    void enter(String called, Scope own) {
        template = called;
        scope = own;
    }

    void at(Node node) {
        here = node;
    }

    void deeper() {
        if (++nesting > MAX_NESTING) {
            throw new BudgetExceeded("the template is nested deeper than " + MAX_NESTING);
        }
    }

    void shallower() {
        nesting--;
    }

    ExecutionError error(String message) {
        return error(message, Optional.empty());
    }

    private ExecutionError error(String message, Optional<String> words) {
        String context = "executing " + GoQuote.quoted(template) + " at <" + here.shown() + ">";
        return new ExecutionError(here.at(), context, message, words);
    }

    Value pipeline(Value dot, Node.@Nullable Pipeline pipeline) {
        if (pipeline == null) {
            return Nothing.NOTHING;
        }
        at(pipeline);
        budget.tick();
        deeper();
        Value value = null;
        for (Node.Command command : pipeline.commands()) {
            value = command(dot, command, value).unboxed();
        }
        shallower();
        Value result = value == null ? Nothing.NOTHING : value;
        for (Node.Variable variable : pipeline.declared()) {
            if (pipeline.assigns()) {
                assign(variable.names().get(0), result);
            } else {
                scope.push(variable.names().get(0), result);
            }
        }
        return result;
    }

    void assign(String variable, Value value) {
        if (!scope.has(variable)) {
            throw error("undefined variable: " + variable);
        }
        scope.set(variable, value);
    }

    private Value command(Value dot, Node.Command command, @Nullable Value last) {
        List<Node.Operand> words = command.words();
        Node.Operand first = words.get(0);
        if (first instanceof Node.Field field) {
            return field(dot, field, words, last);
        }
        if (first instanceof Node.Chain chain) {
            return chain(dot, chain, words, last);
        }
        if (first instanceof Node.Identifier identifier) {
            return function(dot, identifier, command, words, last);
        }
        if (first instanceof Node.Pipeline inner) {
            notAFunction(words, last);
            return pipeline(dot, inner);
        }
        if (first instanceof Node.Variable variable) {
            return variable(dot, variable, words, last);
        }
        at(first);
        notAFunction(words, last);
        if (first instanceof Node.Dot) {
            return dot;
        }
        if (first instanceof Node.Nil) {
            throw error("nil is not a command");
        }
        return constant(first);
    }

    private void notAFunction(List<Node.Operand> words, @Nullable Value last) {
        if (words.size() > 1 || last != null) {
            throw error("can't give argument to non-function " + words.get(0).shown());
        }
    }

    private Value constant(Node.Operand node) {
        if (node instanceof Node.BoolConstant bool) {
            return Bool.of(bool.value());
        }
        if (node instanceof Node.StringConstant text) {
            return new Text(text.text());
        }
        if (node instanceof Node.NumberConstant number) {
            at(number);
            if (number.looksFloat()) {
                return new Float64(number.floating());
            }
            return Int.of(integer(number).orElseThrow(() -> error(number.text() + " overflows int")));
        }
        throw error("can't evaluate command " + GoQuote.quoted(node.shown()));
    }

    private static Optional<Long> integer(Node.NumberConstant number) {
        return number.integer().filter(n -> n.bitLength() < 64).map(BigInteger::longValue);
    }

    private Value field(Value dot, Node.Field field, List<Node.Operand> words, @Nullable Value last) {
        at(field);
        return fields(dot, dot, field, field.names(), words, last);
    }

    private Value chain(Value dot, Node.Chain chain, List<Node.Operand> words, @Nullable Value last) {
        at(chain);
        if (chain.start() instanceof Node.Nil) {
            throw error("indirection through explicit nil in " + chain.shown());
        }
        Value start = argument(dot, Type.VALUE, chain.start());
        return fields(dot, start, chain, chain.names(), words, last);
    }

    private Value variable(Value dot, Node.Variable variable, List<Node.Operand> words, @Nullable Value last) {
        at(variable);
        if (!scope.has(variable.names().get(0))) {
            throw error("undefined variable: " + variable.names().get(0));
        }
        Value value = scope.get(variable.names().get(0));
        if (variable.names().size() == 1) {
            notAFunction(words, last);
            return value;
        }
        List<String> rest = variable.names().subList(1, variable.names().size());
        return fields(dot, value, variable, rest, words, last);
    }

    private Value fields(
            Value dot, Value start, Node node, List<String> names, List<Node.Operand> words, @Nullable Value last) {
        Value receiver = start;
        for (String name : names.subList(0, names.size() - 1)) {
            receiver = field(dot, name, node, List.of(), null, receiver);
        }
        return field(dot, names.get(names.size() - 1), node, words, last, receiver);
    }

    private Value field(
            Value dot, String name, Node node, List<Node.Operand> words, @Nullable Value last, Value receiver) {
        if (receiver == Nothing.NOTHING) {
            return Nothing.NOTHING;
        }
        Type seen = receiver.type();
        Value value = receiver.unboxed();
        if (value == Nothing.NOTHING) {
            throw error("nil pointer evaluating " + seen + "." + name);
        }
        Optional<Function> method = functions.method(value, name);
        if (method.isPresent()) {
            return call(dot, method.get(), node, words, last, value);
        }
        boolean given = words.size() > 1 || last != null;
        if (value instanceof Struct struct && struct.field(name).isPresent()) {
            if (given) {
                throw error(name + " has arguments but cannot be invoked as function");
            }
            return struct.field(name).get();
        }
        if (value instanceof Dict dict) {
            if (given) {
                throw error(name + " is not a method but has arguments");
            }
            return dict.get(name);
        }
        throw error("can't evaluate field " + name + " in type " + seen);
    }

    private Value function(
            Value dot, Node.Identifier identifier, Node command, List<Node.Operand> words, @Nullable Value last) {
        at(identifier);
        Function function = functions
                .function(identifier.name())
                .orElseThrow(() -> error(GoQuote.quoted(identifier.name()) + " is not a defined function"));
        return call(dot, function, command, words, last, null);
    }

    private Value call(
            Value dot,
            Function function,
            Node node,
            List<Node.Operand> words,
            @Nullable Value last,
            @Nullable Value receiver) {
        List<Node.Operand> given = words.isEmpty() ? words : words.subList(1, words.size());
        List<Type> types = function.parameters();
        if (receiver != null) {
            types = types.subList(1, types.size());
        }
        count(function, types.size(), given.size(), last != null);
        if (function.name().equals("and") || function.name().equals("or")) {
            return shortCircuit(dot, function.name().equals("or"), given, last);
        }
        List<Value> arguments = new ArrayList<>(given.size() + 2);
        if (receiver != null) {
            arguments.add(receiver);
        }
        for (int i = 0; i < given.size(); i++) {
            arguments.add(argument(dot, types.get(Math.min(i, types.size() - 1)), given.get(i)));
        }
        if (last != null) {
            arguments.add(fitting(last, types.get(Math.min(given.size(), types.size() - 1))));
        }
        return result(function, node, arguments);
    }

    private void count(Function function, int parameters, int given, boolean piped) {
        int all = given + (piped ? 1 : 0);
        if (function.variadic() && all < parameters - 1) {
            throw error("wrong number of args for " + function.name() + ": want at least " + (parameters - 1) + " got "
                    + given);
        }
        if (!function.variadic() && all != parameters) {
            throw error("wrong number of args for " + function.name() + ": want " + parameters + " got " + all);
        }
    }

    private Value shortCircuit(Value dot, boolean or, List<Node.Operand> given, @Nullable Value last) {
        Value value = Nothing.NOTHING;
        for (Node.Operand each : given) {
            value = argument(dot, Type.VALUE, each);
            if (value.truth() == or) {
                return value;
            }
        }
        return last == null ? value : last;
    }

    private Value result(Function function, Node node, List<Value> arguments) {
        budget.tick();
        boolean large = arguments.stream().anyMatch(each -> each.unboxed() instanceof Text text && isLarge(text));
        if (large) {
            budget.look();
        }
        try {
            Value value = function.body().call(new Arguments(arguments, budget));
            if (large) {
                budget.look();
            }
            if (value instanceof Text text) {
                budget.charge(text.value().length());
            }
            return value == Nothing.NOTHING ? Boxed.NIL : value;
        } catch (FunctionFailure e) {
            at(node);
            throw error("error calling " + function.name() + ": " + e.getMessage(), e.words());
        } catch (BudgetExceeded | ExecutionError e) {
            throw e;
        } catch (RuntimeException e) { // an oversight in a function is the template's failure, not the caller's
            at(node);
            throw error(
                    "error calling " + function.name() + ": " + e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }

    // Work on such a text may take longer than many ticks.
    private static boolean isLarge(Text text) {
        return text.value().length() > 1024;
    }

    private Value fitting(Value value, Type type) {
        if (value == Nothing.NOTHING) {
            if (type.equals(Type.VALUE)) {
                return value;
            }
            if (type.canBeNil()) {
                return Values.zero(type);
            }
            throw error("invalid value; expected " + type);
        }
        if (type.equals(Type.VALUE) || type.equals(Type.ANY) || type.takes(value.type())) {
            return value;
        }
        if (value instanceof Boxed boxed && boxed.value() != Nothing.NOTHING) {
            Value inner = boxed.value();
            if (type.takes(inner.type())) {
                return inner;
            }
            throw error("wrong type for value; expected " + type + "; got " + inner.type());
        }
        throw error("wrong type for value; expected " + type + "; got " + value.type());
    }

    private Value argument(Value dot, Type type, Node.Operand node) {
        at(node);
        if (node instanceof Node.Dot) {
            return fitting(dot, type);
        }
        if (node instanceof Node.Nil) {
            if (type.canBeNil()) {
                return type.equals(Type.VALUE) ? Nothing.NOTHING : Values.zero(type);
            }
            throw error("cannot assign nil to " + type);
        }
        if (node instanceof Node.Field field) {
            return fitting(field(dot, field, List.of(field), null), type);
        }
        if (node instanceof Node.Variable variable) {
            return fitting(variable(dot, variable, List.of(), null), type);
        }
        if (node instanceof Node.Pipeline inner) {
            return fitting(pipeline(dot, inner), type);
        }
        if (node instanceof Node.Identifier identifier) {
            return fitting(function(dot, identifier, identifier, List.of(), null), type);
        }
        if (node instanceof Node.Chain chain) {
            return fitting(chain(dot, chain, List.of(), null), type);
        }
        return constant(type, node);
    }

    private Value constant(Type type, Node.Operand node) {
        if (type.equals(Type.ANY) || type.equals(Type.VALUE)) {
            return constant(node);
        }
        switch (type.kind()) {
            case BOOL -> {
                if (node instanceof Node.BoolConstant bool) {
                    return Bool.of(bool.value());
                }
                throw error("expected bool; found " + node.shown());
            }
            case STRING -> {
                if (node instanceof Node.StringConstant text) {
                    return new Text(text.text());
                }
                throw error("expected string; found " + node.shown());
            }
            case INT, INT32, INT64 -> {
                Optional<Long> integer = node instanceof Node.NumberConstant n ? integer(n) : Optional.empty();
                return new Int(type, integer.orElseThrow(() -> error("expected integer; found " + node.shown())));
            }
            case FLOAT64 -> {
                if (node instanceof Node.NumberConstant number) {
                    return new Float64(number.floating());
                }
                throw error("expected float; found " + node.shown());
            }
            default -> throw error("can't handle " + node.shown() + " for arg of type " + type);
        }
    }
}
