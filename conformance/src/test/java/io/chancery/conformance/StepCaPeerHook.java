package io.chancery.conformance;

import com.nimbusds.jose.util.JSONObjectUtils;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.TrustManagerFactory;

/**
 * A webhook's server with a certificate of the PKI. It answers by the first word of the path, and keeps what it was told in
 * a form that does not depend on who told it.
 */
final class StepCaPeerHook implements AutoCloseable {
    private static final Map<String, String> ANSWERS = Map.ofEntries(
            Map.entry(
                    "allow",
                    "{\"allow\":true,\"data\":{\"text\":\"<&>\",\"number\":12345678901234567890,\"list\":[1.50,null,true]}}"),
            Map.entry("deny", "{\"allow\":false}"),
            Map.entry("words", "{\"allow\":false,\"error\":{\"code\":\"C1\",\"message\":\"not you\"}}"),
            Map.entry("despite", "{\"allow\":true,\"error\":{\"code\":\"C1\",\"message\":\"not you\"}}"),
            Map.entry("case", "{\"ALLOW\":true,\"Data\":{\"text\":\"x\"}}"),
            Map.entry("object", "{}"),
            Map.entry("nothing", "null"),
            Map.entry("garbage", "hello"),
            Map.entry("huge", "{\"allow\":true,\"data\":\"" + "x".repeat(100_000) + "\"}"));

    private final HttpsServer server;
    private final List<String> told = new ArrayList<>();
    private final AtomicInteger once = new AtomicInteger();

    private StepCaPeerHook(HttpsServer server) {
        this.server = server;
    }

    /** @param identity names localhost */
    static StepCaPeerHook start(int port, StepCaPeerIdentity identity, X509Certificate root)
            throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("root", root);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {identity.keyManager()}, trust.getTrustManagers(), null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 16);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters asking = context.getDefaultSSLParameters();
                asking.setWantClientAuth(true);
                parameters.setSSLParameters(asking);
            }
        });
        StepCaPeerHook hook = new StepCaPeerHook(server);
        server.createContext("/", hook::answer);
        server.setExecutor(Executors.newCachedThreadPool(task -> {
            Thread worker = new Thread(task, "hook");
            worker.setDaemon(true);
            return worker;
        }));
        server.start();
        return hook;
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        synchronized (told) {
            told.add(comparable((HttpsExchange) exchange, body));
        }
        String word = exchange.getRequestURI().getPath().split("/")[1];
        int status = word.matches("\\d{3}") ? Integer.parseInt(word) : 200;
        if (status == 307) {
            exchange.getResponseHeaders().set("Location", "/allow");
        }
        String text = word.equals("once")
                ? ANSWERS.get(once.getAndIncrement() == 0 ? "deny" : "allow")
                : ANSWERS.getOrDefault(word, ANSWERS.get("allow"));
        byte[] answer = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, answer.length);
        try (exchange) {
            exchange.getResponseBody().write(answer);
        }
    }

    private static String comparable(HttpsExchange exchange, byte[] body) {
        Map<String, Object> call = new LinkedHashMap<>();
        call.put("request", exchange.getRequestMethod() + " " + exchange.getRequestURI());
        TreeSet<String> names = new TreeSet<>();
        exchange.getRequestHeaders().keySet().forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
        names.removeAll(List.of("user-agent", "accept-encoding")); // the client's own
        call.put("headers", List.copyOf(names));
        call.put("host", exchange.getRequestHeaders().getFirst("Host"));
        call.put("webhook", exchange.getRequestHeaders().getFirst("X-Smallstep-Webhook-ID"));
        String signature = exchange.getRequestHeaders().getFirst("X-Smallstep-Signature");
        // By the empty key, as step-ca signs for webhooks of ca.json, or by a secret.
        call.put("signed by", signature(body, new byte[1]).equals(signature) ? "nobody" : signer(body, signature));
        call.put("caller", caller(exchange));
        call.put("body", withoutTimes(new String(body, StandardCharsets.UTF_8)));
        return JSONObjectUtils.toJSONString(call);
    }

    private static String caller(HttpsExchange exchange) {
        try {
            return ((X509Certificate) exchange.getSSLSession().getPeerCertificates()[0])
                    .getSubjectX500Principal()
                    .getName();
        } catch (SSLPeerUnverifiedException e) {
            return "nobody";
        }
    }

    private static String signer(byte[] body, String signature) {
        return signature(body, "secret".getBytes(StandardCharsets.US_ASCII)).equals(signature)
                ? "who knows the secret"
                : "a stranger";
    }

    private static String signature(byte[] body, byte[] key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Each server has its own now. Members in the order of their names. */
    private static Object withoutTimes(String body) {
        try {
            return sorted(JSONObjectUtils.parse(
                    body.replaceAll("\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z\"", "\"time\"")));
        } catch (java.text.ParseException e) {
            return "no JSON: " + body;
        }
    }

    private static Object sorted(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> all = new java.util.TreeMap<>();
            map.forEach((name, each) -> all.put((String) name, sorted(each)));
            return all;
        }
        return value instanceof List<?> list
                ? list.stream().map(StepCaPeerHook::sorted).toList()
                : String.valueOf(value);
    }

    /** What it was told since it was asked last. */
    List<String> drain() {
        synchronized (told) {
            List<String> all = List.copyOf(told);
            told.clear();
            return all;
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
