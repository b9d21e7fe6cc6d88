package io.chancery.gotemplate.sprig;

import io.chancery.gotemplate.function.Arguments;
import io.chancery.gotemplate.function.Function;
import io.chancery.gotemplate.function.FunctionFailure;
import io.chancery.gotemplate.json.JsonReader;
import io.chancery.gotemplate.json.JsonWriter;
import io.chancery.gotemplate.text.Utf8;
import io.chancery.gotemplate.value.Nothing;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.Value;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.Adler32;

/** JSON, Base64, Base32 and sums. Pure, any thread. */
final class Encodings {
    static final List<Function> FUNCTIONS = List.of(
            Function.of("toJson", "any", a -> new Text(json(a, true, "", false))),
            Function.of("mustToJson", "any", a -> new Text(json(a, true, "", true))),
            Function.of("toPrettyJson", "any", a -> new Text(json(a, true, "  ", false))),
            Function.of("mustToPrettyJson", "any", a -> new Text(json(a, true, "  ", true))),
            Function.of("toRawJson", "any", a -> new Text(json(a, false, "", true))),
            Function.of("mustToRawJson", "any", a -> new Text(json(a, false, "", true))),
            Function.of("fromJson", "string", a -> parsed(a, false)),
            Function.of("mustFromJson", "string", a -> parsed(a, true)),
            Function.of("b64enc", "string", a -> {
                a.budget().charge(2L * a.text(0).length());
                return new Text(Base64.getEncoder().encodeToString(Utf8.octets(a.text(0))));
            }),
            Function.of("b64dec", "string", a -> new Text(decoded(a, BaseText.BASE64))),
            Function.of("b32enc", "string", a -> {
                a.budget().charge(2L * a.text(0).length());
                return new Text(BaseText.base32(Utf8.octets(a.text(0))));
            }),
            Function.of("b32dec", "string", a -> new Text(decoded(a, BaseText.BASE32))),
            Function.of("sha1sum", "string", a -> sum("SHA-1", a)),
            Function.of("sha256sum", "string", a -> sum("SHA-256", a)),
            Function.of("sha512sum", "string", a -> sum("SHA-512", a)),
            Function.of("adler32sum", "string", Encodings::adler));

    private Encodings() {}

    private static String json(Arguments a, boolean html, String indent, boolean must) throws FunctionFailure {
        try {
            return JsonWriter.write(a.any(0), html, indent, a.budget());
        } catch (JsonWriter.Unsupported e) {
            if (must) {
                throw new FunctionFailure(String.valueOf(e.getMessage()));
            }
            return "";
        }
    }

    private static Value parsed(Arguments a, boolean must) throws FunctionFailure {
        try {
            return JsonReader.read(a.text(0), a.budget());
        } catch (JsonReader.Malformed e) {
            if (must) {
                throw new FunctionFailure(String.valueOf(e.getMessage()));
            }
            return Nothing.NOTHING;
        }
    }

    // Sprig gives the error's text where the value should be.
    private static String decoded(Arguments a, BaseText base) {
        a.budget().charge(a.text(0).length());
        try {
            return Utf8.text(base.decode(Utf8.octets(a.text(0))));
        } catch (BaseText.Corrupt e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static Value sum(String algorithm, Arguments a) {
        a.budget().charge(a.text(0).length());
        try {
            return new Text(HexFormat.of()
                    .formatHex(MessageDigest.getInstance(algorithm).digest(Utf8.octets(a.text(0)))));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has " + algorithm, e);
        }
    }

    private static Value adler(Arguments a) {
        a.budget().charge(a.text(0).length());
        Adler32 sum = new Adler32();
        sum.update(Utf8.octets(a.text(0)));
        return new Text(Long.toString(sum.getValue()));
    }
}
