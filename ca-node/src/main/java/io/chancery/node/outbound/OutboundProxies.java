package io.chancery.node.outbound;

import io.chancery.core.name.GoUrl;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Through which proxy a server is called, as Go's programs, and step-ca among them, read {@code HTTPS_PROXY},
 * {@code HTTP_PROXY} and {@code NO_PROXY}; names in upper case come first. Immutable. Nothing of it prints a password.
 */
public final class OutboundProxies {
    /** Every server is called directly. */
    public static final OutboundProxies NONE = of(Map.of());

    private static final String HTTPS = "HTTPS_PROXY";
    private static final String HTTP = "HTTP_PROXY";
    private static final int HTTP_PORT = 80;
    private static final int SOCKS_PORT = 1080;
    private static final int LAST_PORT = 65_535;

    private final Map<String, ProxyOptions> proxies;
    private final List<String> unusable;
    private final NoProxy direct;

    private OutboundProxies(Map<String, ProxyOptions> proxies, List<String> unusable, NoProxy direct) {
        this.proxies = Map.copyOf(proxies);
        this.unusable = List.copyOf(unusable);
        this.direct = direct;
    }

    public static OutboundProxies of(Map<String, String> environment) {
        Map<String, ProxyOptions> proxies = new LinkedHashMap<>();
        List<String> unusable = new ArrayList<>();
        for (String name : List.of(HTTPS, HTTP)) {
            String value = value(name, environment);
            Optional<ProxyOptions> proxy = read(value);
            proxy.ifPresent(found -> proxies.put(name, found));
            if (proxy.isEmpty() && !value.isEmpty()) {
                unusable.add(name);
            }
        }
        return new OutboundProxies(proxies, unusable, NoProxy.of(value("NO_PROXY", environment)));
    }

    private static String value(String name, Map<String, String> environment) {
        String upper = environment.getOrDefault(name, "");
        return upper.isEmpty() ? environment.getOrDefault(name.toLowerCase(Locale.ROOT), "") : upper;
    }

    /** A URL, or the place alone, which is then one of HTTP. */
    private static Optional<ProxyOptions> read(String text) {
        return GoUrl.parse(text)
                .filter(url -> !url.host().isEmpty())
                .or(() -> text.contains("://") ? Optional.empty() : GoUrl.parse("http://" + text))
                .flatMap(OutboundProxies::options);
    }

    private static Optional<ProxyOptions> options(GoUrl url) {
        boolean socks = url.scheme().equals("socks5") || url.scheme().equals("socks5h");
        if (!socks && !url.scheme().equals("http")) {
            return Optional.empty();
        }
        String place = url.host();
        int colon = place.lastIndexOf(':') > place.lastIndexOf(']') ? place.lastIndexOf(':') : place.length();
        String host = NoProxy.unbracketed(place.substring(0, colon));
        String digits = place.substring(Math.min(place.length(), colon + 1));
        if (host.isEmpty() || digits.length() > 5) {
            return Optional.empty();
        }
        int port = digits.isEmpty() ? (socks ? SOCKS_PORT : HTTP_PORT) : Integer.parseInt(digits);
        if (port > LAST_PORT) {
            return Optional.empty();
        }
        ProxyOptions options = new ProxyOptions()
                .setType(socks ? ProxyType.SOCKS5 : ProxyType.HTTP)
                .setHost(host)
                .setPort(port);
        if (!url.user().isEmpty()) {
            String[] both = url.user().substring(0, url.user().length() - 1).split(":", 2);
            options.setUsername(unescaped(both[0])).setPassword(both.length > 1 ? unescaped(both[1]) : "");
        }
        return Optional.of(options);
    }

    private static String unescaped(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /**
     * The proxy to this server; empty when it is called directly.
     *
     * @param tls whether it is called by HTTPS
     * @param host name or address, as a URL has it or without brackets
     */
    public Optional<ProxyOptions> to(boolean tls, String host, int port) {
        return Optional.ofNullable(proxies.get(tls ? HTTPS : HTTP))
                .filter(proxy -> !direct.has(host, port))
                .map(ProxyOptions::new);
    }

    /** Host and port of each proxy, by the variable that names it. */
    public Map<String, String> places() {
        Map<String, String> all = new LinkedHashMap<>();
        proxies.forEach((name, proxy) -> all.put(name, proxy.getHost() + ":" + proxy.getPort()));
        return all;
    }

    /** The variables that are set, and no proxy that can be used here. */
    public List<String> unusable() {
        return unusable;
    }

    @Override
    public String toString() {
        return places().toString();
    }
}
