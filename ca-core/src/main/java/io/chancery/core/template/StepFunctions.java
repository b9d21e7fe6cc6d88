package io.chancery.core.template;

import io.chancery.core.json.GoBase64;
import io.chancery.gotemplate.function.Arguments;
import io.chancery.gotemplate.function.Function;
import io.chancery.gotemplate.function.FunctionFailure;
import io.chancery.gotemplate.function.FunctionSet;
import io.chancery.gotemplate.sprig.Sprig;
import io.chancery.gotemplate.text.GoQuote;
import io.chancery.gotemplate.time.GoTimes;
import io.chancery.gotemplate.time.TimeParser;
import io.chancery.gotemplate.value.Float64;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.TimeValue;
import io.chancery.gotemplate.value.Value;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.BERTags;

/** Sprig's functions and those that step adds for times and ASN.1. Immutable, any thread. */
final class StepFunctions {
    private static final FunctionSet FUNCTIONS = KeyVariable.methodsIn(Sprig.functions())
            .with(List.of(
                    Function.of("toTime", "any", a -> new TimeValue(time(a.any(0), a))),
                    Function.of("formatTime", "any", a -> new Text(GoTimes.format(GoTimes.RFC3339, time(a.any(0), a)))),
                    Function.of("parseTime", "string...", a -> {
                        try {
                            return parsed(a);
                        } catch (FunctionFailure e) {
                            return new TimeValue(GoTimes.ZERO);
                        }
                    }),
                    Function.of("mustParseTime", "string...", StepFunctions::parsed),
                    Function.of("toTimeLayout", "string", a -> new Text(layout(a.text(0)))),
                    Function.of("asn1Enc", "string", a -> encoded(a.text(0))),
                    Function.of("asn1Marshal", "any string...", StepFunctions::marshalled),
                    Function.of("asn1Seq", "string...", a -> collected(a, BERTags.SEQUENCE)),
                    Function.of("asn1Set", "string...", a -> collected(a, BERTags.SET))));

    private StepFunctions() {}

    static FunctionSet functions() {
        return FUNCTIONS;
    }

    private static ZonedDateTime time(Value value, Arguments a) throws FunctionFailure {
        if (value instanceof TimeValue time) {
            return time.value().withZoneSameInstant(ZoneOffset.UTC);
        }
        if (value instanceof Int number) {
            return epoch(number.value());
        }
        return value instanceof Float64 number ? epoch((long) number.value()) : now(a);
    }

    private static ZonedDateTime now(Arguments a) {
        return a.budget().now().atZone(ZoneOffset.UTC);
    }

    private static ZonedDateTime epoch(long seconds) throws FunctionFailure {
        if (Math.abs(seconds / 32_000_000) > 900_000) { // far from where Java's own times end
            throw new FunctionFailure("a time out of range: " + seconds + " seconds");
        }
        return Instant.ofEpochSecond(seconds).atZone(ZoneOffset.UTC);
    }

    private static Value parsed(Arguments a) throws FunctionFailure {
        a.texts(0).forEach(text -> a.budget().charge(40L * text.length()));
        if (a.size() == 0) {
            return new TimeValue(now(a));
        }
        if (a.size() > 3) {
            throw new FunctionFailure("unsupported number of parameters");
        }
        String layout = a.size() == 1 ? GoTimes.RFC3339 : layout(a.text(0));
        ZoneId zone = a.size() < 3
                ? ZoneOffset.UTC
                : GoTimes.zone(a.text(2)).orElseThrow(() -> new FunctionFailure("unknown time zone " + a.text(2)));
        try {
            return new TimeValue(TimeParser.parse(layout, a.text(a.size() == 1 ? 0 : 1), zone));
        } catch (TimeParser.Mismatch e) {
            throw new FunctionFailure(String.valueOf(e.getMessage()));
        }
    }

    private static String layout(String name) {
        return GoTimes.namedLayout(name.startsWith("time.") ? name.substring(5) : name)
                .orElse(name);
    }

    private static Value encoded(String text) throws FunctionFailure {
        try {
            return base64(Asn1Text.encode(text, false));
        } catch (IllegalArgumentException e) {
            throw new FunctionFailure(String.valueOf(e.getMessage()));
        }
    }

    private static Value marshalled(Arguments a) throws FunctionFailure {
        try {
            return base64(Asn1Text.marshal(a.any(0), String.join(",", a.texts(1)), a.budget()));
        } catch (IllegalArgumentException e) {
            throw new FunctionFailure(String.valueOf(e.getMessage()));
        }
    }

    private static Value base64(ASN1Encodable value) {
        try {
            return new Text(
                    Base64.getEncoder().encodeToString(value.toASN1Primitive().getEncoded(ASN1Encoding.DER)));
        } catch (IOException e) {
            throw new IllegalStateException("what was made always encodes", e);
        }
    }

    // The members as they come: step sorts no set, and looks into none.
    private static Value collected(Arguments a, int tag) throws FunctionFailure {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (String each : a.texts(0)) {
            a.budget().charge(each.length());
            try {
                content.writeBytes(GoBase64.decode(each));
            } catch (IllegalArgumentException e) {
                throw new FunctionFailure("illegal base64 data: " + GoQuote.quoted(each));
            }
        }
        a.budget().charge(2L * content.size());
        return new Text(Base64.getEncoder().encodeToString(framed(tag, content.toByteArray())));
    }

    private static byte[] framed(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag | BERTags.CONSTRUCTED);
        if (content.length < 0x80) {
            out.write(content.length);
        } else {
            byte[] length = java.math.BigInteger.valueOf(content.length).toByteArray();
            int skip = length[0] == 0 ? 1 : 0;
            out.write(0x80 | (length.length - skip));
            out.write(length, skip, length.length - skip);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }
}
