package io.chancery.gotemplate.function;

import io.chancery.gotemplate.budget.Budget;
import io.chancery.gotemplate.value.Bool;
import io.chancery.gotemplate.value.Dict;
import io.chancery.gotemplate.value.Float64;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Sequence;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.TimeValue;
import io.chancery.gotemplate.value.Value;
import java.time.ZonedDateTime;
import java.util.List;

/** What a function was called with; the types were checked against its parameters before. */
public record Arguments(List<Value> all, Budget budget) {
    public int size() {
        return all.size();
    }

    /** As given; boxed when it lies in an interface and the parameter is {@code value}. */
    public Value value(int index) {
        return all.get(index);
    }

    /** Without the interface around it. */
    public Value any(int index) {
        return all.get(index).unboxed();
    }

    /** Those from this one on, without interfaces around them. */
    public List<Value> from(int index) {
        return all.subList(index, all.size()).stream().map(Value::unboxed).toList();
    }

    public String text(int index) {
        return ((Text) any(index)).value();
    }

    public List<String> texts(int index) {
        return from(index).stream().map(t -> ((Text) t).value()).toList();
    }

    public long integer(int index) {
        return ((Int) any(index)).value();
    }

    public double floating(int index) {
        return ((Float64) any(index)).value();
    }

    public boolean truth(int index) {
        return ((Bool) any(index)).truth();
    }

    public Dict dict(int index) {
        return (Dict) any(index);
    }

    public Sequence list(int index) {
        return (Sequence) any(index);
    }

    public ZonedDateTime time(int index) {
        return ((TimeValue) any(index)).value();
    }
}
