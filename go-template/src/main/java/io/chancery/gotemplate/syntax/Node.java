package io.chancery.gotemplate.syntax;

import io.chancery.gotemplate.text.GoQuote;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A piece of a parsed template. {@code at} is the index in the text that errors point to; {@code shown} is how they quote it. */
public sealed interface Node {
    int at();

    String shown();

    /** What is done in its place in the output. */
    sealed interface Statement extends Node {
        @Override
        default String shown() {
            return "";
        }
    }

    /** What has a value. */
    sealed interface Operand extends Node {}

    /** Statements one after the other. */
    record Body(int at, List<Statement> statements) implements Statement {}

    /** Text that stands for itself. */
    record Literal(int at, String text) implements Statement {}

    /** {@code {{pipeline}}}. */
    record Action(int at, Pipeline pipeline) implements Statement {}

    /** {@code {{break}}}. */
    record Break(int at) implements Statement {}

    /** {@code {{continue}}}. */
    record Continue(int at) implements Statement {}

    /** {@code {{if}}} and {@code {{with}}}. */
    record Branch(
            int at,
            boolean with,
            Pipeline pipeline,
            Body body,
            @Nullable Body otherwise) implements Statement {}

    /** {@code {{range}}}. */
    record Range(
            int at, Pipeline pipeline, Body body, @Nullable Body otherwise) implements Statement {}

    /** {@code {{template}}}, and the place of a {@code {{block}}}. */
    record Call(int at, String name, @Nullable Pipeline pipeline) implements Statement {
        @Override
        public String shown() {
            return "{{template " + GoQuote.quoted(name) + (pipeline == null ? "" : " " + pipeline.shown()) + "}}";
        }
    }

    /** Commands, each with the value of the one before as last argument. */
    record Pipeline(int at, List<Variable> declared, boolean assigns, List<Command> commands) implements Operand {
        @Override
        public String shown() {
            String head = declared.isEmpty()
                    ? ""
                    : declared.stream().map(Node::shown).collect(Collectors.joining(", ")) + (assigns ? " = " : " := ");
            return head + commands.stream().map(Command::shown).collect(Collectors.joining(" | "));
        }
    }

    /** An operand with its arguments. */
    record Command(int at, List<Operand> words) implements Node {
        @Override
        public String shown() {
            return words.stream()
                    .map(w -> w instanceof Pipeline ? "(" + w.shown() + ")" : w.shown())
                    .collect(Collectors.joining(" "));
        }
    }

    /** {@code .A.B}. */
    record Field(int at, List<String> names) implements Operand {
        @Override
        public String shown() {
            return "." + String.join(".", names);
        }
    }

    /** {@code $x.A}: the first name is the variable's, with its dollar. */
    record Variable(int at, List<String> names) implements Operand {
        @Override
        public String shown() {
            return String.join(".", names);
        }
    }

    /** {@code (pipeline).A}. */
    record Chain(int at, Operand start, List<String> names) implements Operand {
        @Override
        public String shown() {
            String first = start instanceof Pipeline ? "(" + start.shown() + ")" : start.shown();
            return first + "." + String.join(".", names);
        }
    }

    /** A function's name. */
    record Identifier(int at, String name) implements Operand {
        @Override
        public String shown() {
            return name;
        }
    }

    record BoolConstant(int at, boolean value) implements Operand {
        @Override
        public String shown() {
            return Boolean.toString(value);
        }
    }

    record Dot(int at) implements Operand {
        @Override
        public String shown() {
            return ".";
        }
    }

    record Nil(int at) implements Operand {
        @Override
        public String shown() {
            return "nil";
        }
    }

    /**
     * A number, which is whatever its place needs: an integer when it has an integer's value, a float always.
     *
     * @param looksFloat whether it is a float where nothing else decides
     */
    record NumberConstant(int at, String text, Optional<BigInteger> integer, double floating, boolean looksFloat)
            implements Operand {
        @Override
        public String shown() {
            return text;
        }
    }

    record StringConstant(int at, String literal, String text) implements Operand {
        @Override
        public String shown() {
            return literal;
        }
    }
}
