package io.chancery.cli.hsm;

import io.chancery.signer.admin.HsmModule;
import io.chancery.signer.admin.TokenState;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Optional;

/** A library with its slots, for people and for scripts. */
final class ModuleReport {
    private ModuleReport() {}

    static void print(HsmModule module, boolean mechanisms, PrintStream out) {
        HsmModule.Info info = module.info();
        out.println(info.path());
        out.println("  " + info.manufacturer() + ", " + info.description() + ", version " + info.version()
                + ", PKCS#11 " + info.cryptoki());
        for (HsmModule.Slot slot : module.slots()) {
            out.println("  slot-id=" + slot.id() + " (place " + slot.index() + "): "
                    + slot.token().map(ModuleReport::text).orElseGet(() -> withoutToken(slot)));
            if (mechanisms && slot.token().isPresent()) {
                for (HsmModule.Mechanism mechanism : module.mechanisms(slot.id())) {
                    out.println("    " + mechanism.name() + " " + mechanism.smallest() + "-" + mechanism.largest() + " "
                            + String.join(",", mechanism.uses()));
                }
            }
        }
    }

    private static String withoutToken(HsmModule.Slot slot) {
        return slot.failure()
                .map(failure -> "cannot be read: " + failure.getMessage())
                .orElse("no token");
    }

    private static String text(TokenState token) {
        if (!token.initialised()) {
            return "a token that is not initialised";
        }
        return "token=" + token.slot().label() + " serial=" + token.slot().serial() + " model="
                + token.slot().model() + " manufacturer=" + token.slot().manufacturer() + ", PIN " + pin(token)
                + ", sessions " + sessions(token) + (token.writeProtected() ? ", write-protected" : "");
    }

    static String pin(TokenState token) {
        return switch (token.pin()) {
            case NOT_SET -> "not set";
            case FINE -> "set";
            case COUNT_LOW -> "set, a wrong one was given";
            case FINAL_TRY -> "ONE TRY LEFT";
            case LOCKED -> "LOCKED";
        };
    }

    static String sessions(TokenState token) {
        String most = token.maxSessions() == 0
                ? "without limit"
                : token.maxSessions() < 0 ? "limit not told" : "at most " + token.maxSessions();
        return token.sessions() < 0 ? most : token.sessions() + " open, " + most;
    }

    static JsonObject json(HsmModule module) {
        HsmModule.Info info = module.info();
        JsonArray slots = new JsonArray();
        for (HsmModule.Slot slot : module.slots()) {
            JsonObject one = new JsonObject()
                    .put("id", slot.id())
                    .put("index", slot.index())
                    .put("description", slot.description());
            slot.failure().ifPresent(failure -> one.put("error", failure.getMessage()));
            Optional<TokenState> token = slot.token();
            if (token.isPresent()) {
                one.put("token", json(token.get()));
                JsonArray mechanisms = new JsonArray();
                module.mechanisms(slot.id())
                        .forEach(mechanism -> mechanisms.add(new JsonObject()
                                .put("name", mechanism.name())
                                .put("smallest", mechanism.smallest())
                                .put("largest", mechanism.largest())
                                .put("uses", new JsonArray(mechanism.uses()))));
                one.put("mechanisms", mechanisms);
            }
            slots.add(one);
        }
        return new JsonObject()
                .put("path", info.path())
                .put("manufacturer", info.manufacturer())
                .put("description", info.description())
                .put("version", info.version())
                .put("cryptoki", info.cryptoki())
                .put("slots", slots);
    }

    static JsonObject json(TokenState token) {
        return new JsonObject()
                .put("label", token.slot().label())
                .put("serial", token.slot().serial())
                .put("manufacturer", token.slot().manufacturer())
                .put("model", token.slot().model())
                .put("firmware", token.firmware())
                .put("initialised", token.initialised())
                .put("pin", token.pin().name().toLowerCase(Locale.ROOT))
                .put("maxSessions", token.maxSessions())
                .put("sessions", token.sessions())
                .put("writeProtected", token.writeProtected());
    }
}
