package io.chancery.gotemplate.sprig;

import io.chancery.gotemplate.builtin.Builtins;
import io.chancery.gotemplate.function.FunctionSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Go's own functions and those of Sprig 3 that neither reach outside nor make keys. Immutable, any thread. */
public final class Sprig {
    private static final FunctionSet FUNCTIONS = made();

    private Sprig() {}

    public static FunctionSet functions() {
        return FUNCTIONS;
    }

    private static FunctionSet made() {
        FunctionSet all = Builtins.functions()
                .with(Strings.FUNCTIONS)
                .with(Letters.FUNCTIONS)
                .with(WordCases.FUNCTIONS)
                .with(Lists.FUNCTIONS)
                .with(Dicts.FUNCTIONS)
                .with(Arithmetic.FUNCTIONS)
                .with(Dates.FUNCTIONS)
                .with(Encodings.FUNCTIONS)
                .with(Types.FUNCTIONS)
                .with(Regexes.FUNCTIONS)
                .with(Paths.FUNCTIONS)
                .with(Urls.FUNCTIONS)
                .with(Versions.FUNCTIONS)
                .with(Randoms.FUNCTIONS);
        return Urls.methodsIn(Versions.methodsIn(TimeMethods.in(all))).without(refused());
    }

    private static Map<String, String> refused() {
        Map<String, String> reasons = new HashMap<>();
        List.of("env", "expandenv").forEach(n -> reasons.put(n, "it reads the environment"));
        reasons.put("getHostByName", "it asks the network");
        List.of(
                        "genPrivateKey",
                        "genCA",
                        "genCAWithKey",
                        "genSelfSignedCert",
                        "genSelfSignedCertWithKey",
                        "genSignedCert",
                        "genSignedCertWithKey",
                        "buildCustomCert")
                .forEach(n -> reasons.put(n, "it makes keys or certificates"));
        List.of("bcrypt", "htpasswd", "derivePassword", "encryptAES", "decryptAES")
                .forEach(n -> reasons.put(n, "it handles passwords or keys"));
        return reasons;
    }
}
