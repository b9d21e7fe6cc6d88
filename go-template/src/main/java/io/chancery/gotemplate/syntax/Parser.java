package io.chancery.gotemplate.syntax;

import io.chancery.gotemplate.syntax.Token.Kind;
import io.chancery.gotemplate.text.GoQuote;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes trees of a template's text: the template itself and those that it defines. One thread, one use. */
public final class Parser {
    /** How deep parentheses and control structures may be nested, each. */
    public static final int MAX_DEPTH = 64;

    private final String name;
    private final Names functions;
    private final Lexer lexer;
    private final Deque<Token> pushed = new ArrayDeque<>();
    private final Map<String, Node.Body> trees = new HashMap<>();
    private List<String> variables = new ArrayList<>(List.of("$"));
    private Token latest = new Token(Kind.EOF, 0, "", 1);
    private int ranges;
    private int parentheses;
    private int controls;
    private int actionLine;
    private Kind ended = Kind.EOF;

    private Parser(String name, String text, Names functions) {
        this.name = name;
        this.functions = functions;
        this.lexer = new Lexer(text);
    }

    /** All templates of a text by name; the text itself has the given name, and is there even when empty. */
    public static Map<String, Node.Body> parse(String name, String text, Names functions) throws SyntaxError {
        Parser parser = new Parser(name, text, functions);
        parser.add(name, parser.top());
        return parser.trees;
    }

    private Node.Body top() throws SyntaxError {
        List<Node.Statement> statements = new ArrayList<>();
        int at = peek().at();
        while (peek().kind() != Kind.EOF) {
            if (peek().kind() == Kind.LEFT_DELIM) {
                Token delim = next();
                Token after = nextNonSpace();
                if (after.kind() == Kind.DEFINE) {
                    definition();
                    continue;
                }
                push(after);
                push(delim);
            }
            Node.Statement statement = statement();
            if (statement == null) {
                throw error("unexpected {{" + (ended == Kind.END ? "end" : "else") + "}}");
            }
            statements.add(statement);
        }
        return new Node.Body(at, statements);
    }

    private void definition() throws SyntaxError {
        String context = "define clause";
        Token given = nextNonSpace();
        if (given.kind() != Kind.STRING && given.kind() != Kind.RAW_STRING) {
            throw unexpected(given, context);
        }
        String defined = unquoted(given);
        expect(Kind.RIGHT_DELIM, context);
        add(defined, apart(context));
    }

    // A template within another: it has its own variables and no range around it.
    private Node.Body apart(String context) throws SyntaxError {
        List<String> outer = variables;
        int outerRanges = ranges;
        variables = new ArrayList<>(List.of("$"));
        ranges = 0;
        Node.Body body = list();
        if (ended != Kind.END) {
            throw error("unexpected {{else}} in " + context);
        }
        variables = outer;
        ranges = outerRanges;
        return body;
    }

    private void add(String defined, Node.Body body) throws SyntaxError {
        Node.Body before = trees.get(defined);
        if (before == null || isEmpty(before)) {
            trees.put(defined, body);
        } else if (!isEmpty(body)) {
            throw error("template: multiple definition of template " + GoQuote.quoted(defined));
        }
    }

    private static boolean isEmpty(Node.Body body) {
        return body.statements().stream()
                .allMatch(s -> s instanceof Node.Literal text && text.text().isBlank());
    }

    // Up to an end or else, which is in ended afterwards.
    private Node.Body list() throws SyntaxError {
        List<Node.Statement> statements = new ArrayList<>();
        int at = peekNonSpace().at();
        while (peekNonSpace().kind() != Kind.EOF) {
            Node.Statement statement = statement();
            if (statement == null) {
                return new Node.Body(at, statements);
            }
            statements.add(statement);
        }
        throw error("unexpected EOF");
    }

    // Null for an end or else.
    private Node.@Nullable Statement statement() throws SyntaxError {
        Token token = nextNonSpace();
        if (token.kind() == Kind.TEXT) {
            return new Node.Literal(token.at(), token.text());
        }
        if (token.kind() != Kind.LEFT_DELIM) {
            throw unexpected(token, "input");
        }
        actionLine = token.line();
        Node.Statement action = action();
        actionLine = 0;
        return action;
    }

    private Node.@Nullable Statement action() throws SyntaxError {
        Token token = nextNonSpace();
        switch (token.kind()) {
            case BLOCK -> {
                return block();
            }
            case BREAK, CONTINUE -> {
                return jump(token);
            }
            case ELSE -> {
                Kind after = peekNonSpace().kind();
                if (after != Kind.IF && after != Kind.WITH) {
                    expect(Kind.RIGHT_DELIM, "else");
                }
                ended = Kind.ELSE;
                return null;
            }
            case END -> {
                expect(Kind.RIGHT_DELIM, "end");
                ended = Kind.END;
                return null;
            }
            case IF, RANGE, WITH -> {
                return control(token.kind());
            }
            case TEMPLATE -> {
                return call();
            }
            default -> {
                push(token);
                return new Node.Action(token.at(), pipeline("command", Kind.RIGHT_DELIM));
            }
        }
    }

    private Node.Statement jump(Token token) throws SyntaxError {
        String shown = "{{" + token.text() + "}}";
        Token after = nextNonSpace();
        if (after.kind() != Kind.RIGHT_DELIM) {
            throw unexpected(after, shown);
        }
        if (ranges == 0) {
            throw error(shown + " outside {{range}}");
        }
        return token.kind() == Kind.BREAK ? new Node.Break(token.at()) : new Node.Continue(token.at());
    }

    private Node.Statement control(Kind kind) throws SyntaxError {
        if (++controls > MAX_DEPTH) {
            throw error("control structures are nested deeper than " + MAX_DEPTH);
        }
        int known = variables.size();
        String context = kind == Kind.IF ? "if" : kind == Kind.WITH ? "with" : "range";
        Node.Pipeline pipeline = pipeline(context, Kind.RIGHT_DELIM);
        ranges += kind == Kind.RANGE ? 1 : 0;
        Node.Body body = list();
        ranges -= kind == Kind.RANGE ? 1 : 0;
        Node.Body otherwise = ended == Kind.ELSE ? otherwise(kind) : null;
        variables.subList(known, variables.size()).clear();
        controls--;
        return kind == Kind.RANGE
                ? new Node.Range(pipeline.at(), pipeline, body, otherwise)
                : new Node.Branch(pipeline.at(), kind == Kind.WITH, pipeline, body, otherwise);
    }

    private Node.Body otherwise(Kind kind) throws SyntaxError {
        if (kind != Kind.RANGE && peek().kind() == kind) {
            Token word = next();
            return new Node.Body(word.at(), List.of(control(kind)));
        }
        Node.Body body = list();
        if (ended != Kind.END) {
            throw error("expected end; found {{else}}");
        }
        return body;
    }

    private Node.Statement block() throws SyntaxError {
        String context = "block clause";
        Token given = nextNonSpace();
        String defined = templateName(given, context);
        Node.Pipeline pipeline = pipeline(context, Kind.RIGHT_DELIM);
        if (++controls > MAX_DEPTH) {
            throw error("control structures are nested deeper than " + MAX_DEPTH);
        }
        add(defined, apart(context));
        controls--;
        return new Node.Call(given.at(), defined, pipeline);
    }

    private Node.Statement call() throws SyntaxError {
        String context = "template clause";
        Token given = nextNonSpace();
        String called = templateName(given, context);
        Token after = nextNonSpace();
        if (after.kind() == Kind.RIGHT_DELIM) {
            return new Node.Call(given.at(), called, null);
        }
        push(after);
        return new Node.Call(given.at(), called, pipeline(context, Kind.RIGHT_DELIM));
    }

    private String templateName(Token token, String context) throws SyntaxError {
        if (token.kind() != Kind.STRING && token.kind() != Kind.RAW_STRING) {
            throw unexpected(token, context);
        }
        return unquoted(token);
    }

    private Node.Pipeline pipeline(String context, Kind end) throws SyntaxError {
        int at = peekNonSpace().at();
        List<Node.Variable> declared = new ArrayList<>();
        boolean assigns = false;
        while (peekNonSpace().kind() == Kind.VARIABLE) {
            Token variable = next();
            Token behind = peek();
            Token sign = peekNonSpace();
            boolean comma = sign.kind() == Kind.CHAR && sign.text().equals(",");
            boolean assignment = sign.kind() == Kind.ASSIGN || sign.kind() == Kind.DECLARE;
            if (!comma && !assignment) {
                if (behind.kind() == Kind.SPACE) {
                    push(behind);
                }
                push(variable);
                break;
            }
            dropSpace();
            pushed.pop();
            declared.add(new Node.Variable(variable.at(), List.of(variable.text())));
            variables.add(variable.text());
            if (assignment) {
                assigns = sign.kind() == Kind.ASSIGN;
                break;
            }
            if (!context.equals("range") || declared.size() > 1) {
                throw error("too many declarations in " + context);
            }
            Kind next = peekNonSpace().kind();
            if (next != Kind.VARIABLE && next != Kind.RIGHT_DELIM && next != Kind.RIGHT_PAREN) {
                throw error("range can only initialize variables");
            }
        }
        return new Node.Pipeline(at, declared, assigns, commands(context, end));
    }

    private List<Node.Command> commands(String context, Kind end) throws SyntaxError {
        List<Node.Command> commands = new ArrayList<>();
        while (true) {
            Token token = nextNonSpace();
            if (token.kind() == end) {
                break;
            }
            switch (token.kind()) {
                case BOOL,
                        CHARACTER_CONSTANT,
                        COMPLEX,
                        DOT,
                        FIELD,
                        IDENTIFIER,
                        NUMBER,
                        NIL,
                        RAW_STRING,
                        STRING,
                        VARIABLE,
                        LEFT_PAREN -> {
                    push(token);
                    commands.add(command());
                }
                default -> throw unexpected(token, context);
            }
        }
        if (commands.isEmpty()) {
            throw error("missing value for " + context);
        }
        for (int i = 1; i < commands.size(); i++) {
            if (isConstant(commands.get(i).words().get(0))) {
                throw error("non executable command in pipeline stage " + (i + 1));
            }
        }
        return commands;
    }

    private static boolean isConstant(Node.Operand word) {
        return word instanceof Node.BoolConstant
                || word instanceof Node.Dot
                || word instanceof Node.Nil
                || word instanceof Node.NumberConstant
                || word instanceof Node.StringConstant;
    }

    private Node.Command command() throws SyntaxError {
        int at = peekNonSpace().at();
        List<Node.Operand> words = new ArrayList<>();
        while (true) {
            dropSpace();
            Node.Operand operand = operand();
            if (operand != null) {
                words.add(operand);
            }
            Token token = next();
            if (token.kind() == Kind.SPACE) {
                continue;
            }
            if (token.kind() == Kind.RIGHT_DELIM || token.kind() == Kind.RIGHT_PAREN) {
                push(token);
            } else if (token.kind() != Kind.PIPE) {
                throw unexpected(token, "operand");
            }
            break;
        }
        if (words.isEmpty()) {
            throw error("empty command");
        }
        return new Node.Command(at, words);
    }

    private Node.@Nullable Operand operand() throws SyntaxError {
        Node.Operand term = term();
        if (term == null || peek().kind() != Kind.FIELD) {
            return term;
        }
        int at = peek().at();
        List<String> names = new ArrayList<>();
        while (peek().kind() == Kind.FIELD) {
            names.add(next().text().substring(1));
        }
        if (term instanceof Node.Field field) {
            return new Node.Field(at, joined(field.names(), names));
        }
        if (term instanceof Node.Variable variable) {
            return new Node.Variable(at, joined(variable.names(), names));
        }
        if (isConstant(term)) {
            throw error("unexpected . after term " + GoQuote.quoted(term.shown()));
        }
        return new Node.Chain(at, term, names);
    }

    private static List<String> joined(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    private Node.@Nullable Operand term() throws SyntaxError {
        Token token = nextNonSpace();
        switch (token.kind()) {
            case IDENTIFIER -> {
                return identifier(token);
            }
            case DOT -> {
                return new Node.Dot(token.at());
            }
            case NIL -> {
                return new Node.Nil(token.at());
            }
            case VARIABLE -> {
                if (!variables.contains(token.text())) {
                    throw error("undefined variable " + GoQuote.quoted(token.text()));
                }
                return new Node.Variable(token.at(), List.of(token.text()));
            }
            case FIELD -> {
                return new Node.Field(token.at(), List.of(token.text().substring(1)));
            }
            case BOOL -> {
                return new Node.BoolConstant(token.at(), token.text().equals("true"));
            }
            case CHARACTER_CONSTANT, COMPLEX, NUMBER -> {
                return Constants.number(token).orElseThrow(() -> error(Constants.complaint(token)));
            }
            case LEFT_PAREN -> {
                if (++parentheses > MAX_DEPTH) {
                    throw error("max expression depth exceeded");
                }
                Node.Pipeline inner = pipeline("parenthesized pipeline", Kind.RIGHT_PAREN);
                parentheses--;
                return inner;
            }
            case STRING, RAW_STRING -> {
                return new Node.StringConstant(token.at(), token.text(), unquoted(token));
            }
            default -> {
                push(token);
                return null;
            }
        }
    }

    private Node.Operand identifier(Token token) throws SyntaxError {
        String function = token.text();
        if (functions.refused(function).isPresent()) {
            throw error("function " + GoQuote.quoted(function) + " is not available here: "
                    + functions.refused(function).get());
        }
        if (!functions.has(function)) {
            throw error("function " + GoQuote.quoted(function) + " not defined");
        }
        return new Node.Identifier(token.at(), function);
    }

    private String unquoted(Token token) throws SyntaxError {
        return GoQuote.unquoted(token.text()).orElseThrow(() -> error("invalid syntax"));
    }

    private Token next() {
        Token token = pushed.poll();
        if (token == null) {
            latest = lexer.next();
            return latest;
        }
        return token;
    }

    private void push(Token token) {
        pushed.push(token);
    }

    private Token peek() {
        Token token = next();
        push(token);
        return token;
    }

    private Token nextNonSpace() {
        Token token = next();
        while (token.kind() == Kind.SPACE) {
            token = next();
        }
        return token;
    }

    private Token peekNonSpace() {
        Token token = nextNonSpace();
        push(token);
        return token;
    }

    private void dropSpace() {
        Token token = nextNonSpace();
        push(token);
    }

    private void expect(Kind kind, String context) throws SyntaxError {
        Token token = nextNonSpace();
        if (token.kind() != kind) {
            throw unexpected(token, context);
        }
    }

    private SyntaxError unexpected(Token token, String context) {
        if (token.kind() != Kind.ERROR) {
            return error("unexpected " + token.shown() + " in " + context);
        }
        String extra = "";
        if (actionLine != 0 && actionLine != token.line()) {
            extra = " in action started at " + name + ":" + actionLine;
            extra = token.text().endsWith(" action") ? extra.substring(" in action".length()) : extra;
        }
        return error(token.text() + extra);
    }

    private SyntaxError error(String message) {
        return new SyntaxError(latest.line(), latest.at(), message);
    }
}
