package io.chancery.cli.hsm;

import io.chancery.signer.admin.TokenObject;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/** What is on a token. */
final class ObjectTable {
    private ObjectTable() {}

    static void print(List<TokenObject> objects, PrintStream out, PrintStream err) {
        if (objects.isEmpty()) {
            err.println("the token holds nothing that this login shows");
        }
        Set<String> certified = new HashSet<>();
        for (TokenObject object : objects) {
            if (object.kind() == TokenObject.Kind.CERTIFICATE) {
                certified.add(hex(object));
            }
        }
        for (TokenObject object : objects) {
            String more = object.attributes().map(it -> "\t" + it.text()).orElse("");
            boolean alone = object.kind() == TokenObject.Kind.PRIVATE_KEY && !certified.contains(hex(object));
            out.println(object.kind().text() + "\tobject=" + object.label() + "\tid=" + hex(object) + "\t"
                    + object.detail() + more + (alone ? "; NO CERTIFICATE: Java does not show it" : ""));
        }
    }

    static JsonArray json(List<TokenObject> objects) {
        JsonArray all = new JsonArray();
        for (TokenObject object : objects) {
            JsonObject one = new JsonObject()
                    .put("kind", object.kind().text())
                    .put("object", object.label())
                    .put("id", hex(object))
                    .put("detail", object.detail());
            object.attributes().ifPresent(attributes -> {
                one.put("attributes", new JsonObject(new HashMap<>(attributes.asMap())));
                one.put("imported", attributes.imported());
                one.put("weaknesses", new JsonArray(attributes.weaknesses()));
            });
            all.add(one);
        }
        return all;
    }

    private static String hex(TokenObject object) {
        return HexFormat.of().formatHex(object.id().bytes());
    }
}
