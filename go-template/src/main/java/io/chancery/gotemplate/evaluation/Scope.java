package io.chancery.gotemplate.evaluation;

import io.chancery.gotemplate.value.Value;
import java.util.ArrayList;
import java.util.List;

/** The variables of a running template, innermost last. One thread. */
final class Scope {
    private static final class Variable {
        private final String name;
        private Value value;

        Variable(String name, Value value) {
            this.name = name;
            this.value = value;
        }
    }

    private final List<Variable> variables = new ArrayList<>();

    Scope(Value root) {
        push("$", root);
    }

    int mark() {
        return variables.size();
    }

    void pop(int mark) {
        variables.subList(mark, variables.size()).clear();
    }

    void push(String name, Value value) {
        variables.add(new Variable(name, value));
    }

    /** The variable that was pushed {@code fromTop} pushes ago (1 is the last). */
    void setTop(int fromTop, Value value) {
        variables.get(variables.size() - fromTop).value = value;
    }

    /** Whether there is a variable of this name: an assignment may name one that was never declared. */
    boolean has(String name) {
        return variables.stream().anyMatch(v -> v.name.equals(name));
    }

    void set(String name, Value value) {
        find(name).value = value;
    }

    Value get(String name) {
        return find(name).value;
    }

    private Variable find(String name) {
        for (int i = variables.size() - 1; i >= 0; i--) {
            if (variables.get(i).name.equals(name)) {
                return variables.get(i);
            }
        }
        throw new IllegalStateException("the parser lets no unknown variable through: " + name);
    }
}
