package io.chancery.conformance;

import com.nimbusds.jose.util.JSONObjectUtils;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.chancery.testing.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * A webhook's server with several doors. It answers by the first word of the path, and keeps what it was told in a form that
 * does not depend on who told it.
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

    private final List<HttpsServer> servers = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final AtomicInteger once = new AtomicInteger();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread worker = new Thread(task, "hook");
        worker.setDaemon(true);
        return worker;
    });

    /** What it asks of callers, each at a port of its own. */
    enum Door {
        /** Asks for a certificate of the PKI. */
        ASKING,
        DEMANDING,
        /** Demands one over TLS 1.2, and names another authority than the PKI's. */
        DEMANDING_FOR_OTHERS,
        /** As {@link #ASKING}, with a certificate of an authority that the platform trusts. */
        PUBLIC_ASKING,
        PUBLIC_DEMANDING;

        boolean isPublic() {
            return this == PUBLIC_ASKING || this == PUBLIC_DEMANDING;
        }

        private void ask(SSLParameters parameters) {
            if (this == ASKING || this == PUBLIC_ASKING) {
                parameters.setWantClientAuth(true);
            } else {
                parameters.setNeedClientAuth(true);
            }
            parameters.setProtocols(new String[] {this == DEMANDING_FOR_OTHERS ? "TLSv1.2" : "TLSv1.3"});
        }
    }

    /** Where each door is. */
    record Ports(Map<Door, Integer> all) {
        static Ports take() throws IOException {
            Map<Door, Integer> all = new EnumMap<>(Door.class);
            for (Door each : Door.values()) {
                all.put(each, FreePorts.take());
            }
            return new Ports(all);
        }

        int of(Door door) {
            return all.get(door);
        }
    }

    /**
     * Opens all its doors.
     *
     * @param own names localhost, of the PKI
     * @param published names localhost, of an authority that the platform trusts
     * @param root of whom callers must be
     */
    static StepCaPeerHook start(Ports ports, StepCaPeerIdentity own, StepCaPeerIdentity published, X509Certificate root)
            throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("root", root);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        X509TrustManager callers = (X509TrustManager) trust.getTrustManagers()[0];
        StepCaPeerHook hook = new StepCaPeerHook();
        for (Door each : Door.values()) {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    new KeyManager[] {(each.isPublic() ? published : own).keyManager()},
                    new TrustManager[] {
                        each == Door.DEMANDING_FOR_OTHERS
                                ? new NamingOthers(callers, published.chain().get(0))
                                : callers
                    },
                    null);
            hook.open(each, ports.of(each), context);
        }
        return hook;
    }

    private void open(Door door, int port, SSLContext context) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 16);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters asking = context.getDefaultSSLParameters();
                door.ask(asking);
                parameters.setSSLParameters(asking);
            }
        });
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
        servers.add(server);
    }

    /** Takes whom the first one takes, and tells callers of another authority. */
    private record NamingOthers(X509TrustManager callers, X509Certificate named) implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            callers.checkClientTrusted(chain, type);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            callers.checkServerTrusted(chain, type);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[] {named};
        }
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
        call.put(
                "protocol",
                exchange.getProtocol() + " over " + exchange.getSSLSession().getProtocol());
        call.put("body", withoutTimes(new String(body, StandardCharsets.UTF_8)));
        return JSONObjectUtils.toJSONString(call);
    }

    /** Subjects and issuers of what the caller showed, its own first. */
    private static String caller(HttpsExchange exchange) {
        try {
            StringBuilder shown = new StringBuilder();
            for (Certificate each : exchange.getSSLSession().getPeerCertificates()) {
                X509Certificate certificate = (X509Certificate) each;
                shown.append(certificate.getSubjectX500Principal().getName())
                        .append(" by ")
                        .append(certificate.getIssuerX500Principal().getName())
                        .append("; ");
            }
            return shown.toString();
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
        servers.forEach(each -> each.stop(0));
        threads.shutdownNow();
    }
}
