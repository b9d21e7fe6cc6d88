package io.chancery.gotemplate.sprig;

import io.chancery.gotemplate.function.Arguments;
import io.chancery.gotemplate.function.Function;
import io.chancery.gotemplate.function.FunctionFailure;
import io.chancery.gotemplate.function.FunctionSet;
import io.chancery.gotemplate.text.GoQuote;
import io.chancery.gotemplate.text.Utf8;
import io.chancery.gotemplate.value.Dict;
import io.chancery.gotemplate.value.Opaque;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.Type;
import io.chancery.gotemplate.value.Value;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Locale;

/** {@code urlParse} and {@code urlJoin}, as Go's package net/url takes URLs apart. Pure, any thread. */
final class Urls {
    static final List<Function> FUNCTIONS = List.of(
            Function.of("urlParse", "string", a -> parse(a.text(0), a)), Function.of("urlJoin", "dict", Urls::join));

    private static final String SUB_DELIMS = "$&+,/:;=?@";

    private Urls() {}

    /** With those fields and methods of Go's {@code *url.URL} that need no further type; the value is an {@link Opaque} text. */
    static FunctionSet methodsIn(FunctionSet functions) {
        return functions.withMethods(
                Type.pointer("url.URL").name(),
                List.of(
                        part("Scheme", "scheme"),
                        part("Opaque", "opaque"),
                        part("Host", "host"),
                        part("Hostname", "hostname"),
                        part("Path", "path"),
                        part("RawQuery", "query"),
                        part("Fragment", "fragment"),
                        Function.of("String", "any", a -> new Text(self(a)))));
    }

    private static Function part(String name, String key) {
        return Function.of(name, "any", a -> parse(self(a), a).get(key).unboxed());
    }

    private static String self(Arguments a) {
        return ((Opaque) a.any(0)).payload().toString();
    }

    private static Dict parse(String text, Arguments a) throws FunctionFailure {
        a.budget().charge(8L * text.length());
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ' || text.charAt(i) == 0x7F) {
                throw bad(text, "net/url: invalid control character in URL");
            }
        }
        int hash = text.indexOf('#');
        String fragment = hash < 0 ? "" : text.substring(hash + 1);
        String rest = hash < 0 ? text : text.substring(0, hash);
        int colon = schemeEnd(rest, text);
        String scheme = colon < 0 ? "" : rest.substring(0, colon).toLowerCase(Locale.ROOT);
        rest = rest.substring(colon + 1);
        int question = rest.indexOf('?');
        String query = question < 0 ? "" : rest.substring(question + 1);
        rest = question < 0 ? rest : rest.substring(0, question);
        Dict out = new Dict(Type.DICT);
        put(out, "scheme", scheme);
        put(out, "query", query);
        put(out, "fragment", unescaped(fragment, text, false));
        boolean opaque = !rest.startsWith("/") && !scheme.isEmpty();
        put(out, "opaque", opaque ? rest : "");
        if (!opaque && !rest.startsWith("/") && rest.split("/", 2)[0].contains(":")) {
            throw bad(text, "first path segment in URL cannot contain colon");
        }
        authority(opaque ? "" : rest, text, out);
        return out;
    }

    private static void authority(String rest, String text, Dict out) throws FunctionFailure {
        boolean has = rest.startsWith("//") && !rest.startsWith("///");
        int slash = has ? rest.indexOf('/', 2) : 0;
        String authority = !has ? "" : slash < 0 ? rest.substring(2) : rest.substring(2, slash);
        String path = slash < 0 ? "" : rest.substring(slash);
        int at = authority.lastIndexOf('@');
        String user = at < 0 ? "" : authority.substring(0, at);
        String host = unescapedHost(authority.substring(at + 1), text);
        put(out, "path", unescaped(path, text, false));
        put(out, "userinfo", at < 0 ? "" : userinfo(user, text));
        put(out, "host", host);
        put(out, "hostname", hostname(host));
    }

    private static String unescapedHost(String host, String text) throws FunctionFailure {
        int bracket = host.startsWith("[") ? host.lastIndexOf(']') : -1;
        if (host.startsWith("[") && bracket < 0) {
            throw bad(text, "missing ']' in host");
        }
        String port = bracket >= 0
                ? host.substring(bracket + 1)
                : host.indexOf(':') < 0 ? "" : host.substring(host.lastIndexOf(':'));
        if (!port.isEmpty() && !port.matches(":[0-9]*")) {
            throw bad(text, "invalid port " + GoQuote.quoted(port) + " after host");
        }
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (c < 0x80 && !Character.isLetterOrDigit(c) && "-_.~!$&'()*+,;=:[]<>\"%".indexOf(c) < 0) {
                throw bad(text, "invalid character " + GoQuote.quoted(String.valueOf(c)) + " in host name");
            }
        }
        return unescaped(host, text, true);
    }

    private static String hostname(String host) {
        if (host.startsWith("[") && host.indexOf(']') > 0) {
            return host.substring(1, host.indexOf(']'));
        }
        int colon = host.lastIndexOf(':');
        return colon < 0 ? host : host.substring(0, colon);
    }

    private static int schemeEnd(String rest, String text) throws FunctionFailure {
        for (int i = 0; i < rest.length(); i++) {
            char c = rest.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (c == ':') {
                if (i == 0) {
                    throw bad(text, "missing protocol scheme");
                }
                return i;
            }
            if (!letter && (i == 0 || ((c < '0' || c > '9') && "+-.".indexOf(c) < 0))) {
                return -1;
            }
        }
        return -1;
    }

    private static String userinfo(String user, String text) throws FunctionFailure {
        for (int i = 0; i < user.length(); i++) {
            char c = user.charAt(i);
            if (!(c < 0x80 && Character.isLetterOrDigit(c)) && "-._:~!$&'()*+,;=%@".indexOf(c) < 0) {
                throw bad(text, "net/url: invalid userinfo");
            }
        }
        int colon = user.indexOf(':');
        String name = escaped(unescaped(colon < 0 ? user : user.substring(0, colon), text, false), "$&+,;=");
        return colon < 0 ? name : name + ":" + escaped(unescaped(user.substring(colon + 1), text, false), "$&+,;=");
    }

    private static String unescaped(String part, String text, boolean host) throws FunctionFailure {
        if (part.indexOf('%') < 0) {
            return part;
        }
        byte[] octets = Utf8.octets(part);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < octets.length; i++) {
            if (octets[i] != '%') {
                out.write(octets[i]);
                continue;
            }
            int high = i + 2 < octets.length ? Character.digit(octets[i + 1], 16) : -1;
            int low = i + 2 < octets.length ? Character.digit(octets[i + 2], 16) : -1;
            boolean ascii = high >= 0 && high < 8;
            if (high < 0 || low < 0 || (host && ascii && high * 16 + low != '%')) {
                String escape = Utf8.slice(part, i, Math.min(i + 3, octets.length));
                throw bad(text, "invalid URL escape " + GoQuote.quoted(escape));
            }
            out.write(high * 16 + low);
            i += 2;
        }
        return Utf8.text(out.toByteArray());
    }

    private static String escaped(String part, String kept) {
        StringBuilder out = new StringBuilder();
        for (byte octet : Utf8.octets(part)) {
            int c = octet & 0xFF;
            boolean plain =
                    c < 0x80 && (Character.isLetterOrDigit(c) || "-_.~".indexOf(c) >= 0 || kept.indexOf(c) >= 0);
            out.append(plain ? String.valueOf((char) c) : String.format("%%%02X", c));
        }
        return out.toString();
    }

    private static Value join(Arguments a) throws FunctionFailure {
        Dict d = a.dict(0);
        String scheme = member(d, "scheme");
        String host = member(d, "host");
        String path = member(d, "path");
        String query = member(d, "query");
        String opaque = member(d, "opaque");
        String fragment = member(d, "fragment");
        String given = member(d, "userinfo");
        a.budget()
                .charge(4L
                        * (host.length()
                                + path.length()
                                + query.length()
                                + opaque.length()
                                + fragment.length()
                                + given.length()));
        String user = given.isEmpty() ? "" : userinfo(given, "proto://" + given + "@host") + "@";
        StringBuilder out = new StringBuilder(scheme.isEmpty() ? "" : scheme + ":");
        if (!opaque.isEmpty()) {
            out.append(opaque);
        } else {
            boolean authority = !scheme.isEmpty() || !host.isEmpty() || !user.isEmpty();
            if (authority && (!host.isEmpty() || !path.isEmpty() || !user.isEmpty())) {
                out.append("//").append(user).append(escaped(host, "!$&'()*+,;=:[]<>\""));
            }
            String encoded = escaped(path, SUB_DELIMS.replace("?", ""));
            boolean needsSlash = !path.isEmpty() && !path.startsWith("/") && !host.isEmpty();
            boolean ambiguous = out.length() == 0 && path.split("/", 2)[0].contains(":");
            out.append(needsSlash ? "/" : ambiguous ? "./" : "").append(encoded);
        }
        out.append(query.isEmpty() ? "" : "?" + query);
        out.append(fragment.isEmpty() ? "" : "#" + escaped(fragment, SUB_DELIMS + "!()*"));
        return new Text(out.toString());
    }

    private static String member(Dict dict, String name) throws FunctionFailure {
        Value value = dict.find(name);
        if (value == null) {
            return "";
        }
        if (value instanceof Text text) {
            return text.value();
        }
        throw new FunctionFailure("unable to parse " + name + " key, must be of type string, but "
                + value.type().kind().text() + " found");
    }

    private static void put(Dict dict, String name, String value) {
        dict.put(name, new Text(value));
    }

    private static FunctionFailure bad(String text, String reason) {
        return new FunctionFailure("unable to parse url: parse " + GoQuote.quoted(text) + ": " + reason);
    }
}
