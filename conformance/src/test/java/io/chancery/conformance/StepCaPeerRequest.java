package io.chancery.conformance;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A request as it goes over the wire, the same bytes to both servers. */
record StepCaPeerRequest(
        String method, String target, Map<String, String> headers, String body, Optional<StepCaPeerIdentity> shown) {
    StepCaPeerRequest(String method, String target, Map<String, String> headers, String body) {
        this(method, target, headers, body, Optional.empty());
    }

    /** The same, over a connection on which the client shows this certificate. */
    StepCaPeerRequest by(StepCaPeerIdentity identity) {
        return new StepCaPeerRequest(method, target, headers, body, Optional.of(identity));
    }

    static StepCaPeerRequest post(String target, String body) {
        return new StepCaPeerRequest("POST", target, Map.of("Content-Type", "application/json"), body);
    }

    static StepCaPeerRequest get(String target) {
        return of("GET", target);
    }

    static StepCaPeerRequest of(String method, String target) {
        return new StepCaPeerRequest(method, target, Map.of(), "");
    }

    static StepCaPeerRequest post(String body) {
        return new StepCaPeerRequest("POST", "/1.0/sign", Map.of("Content-Type", "application/json"), body);
    }

    static StepCaPeerRequest sign(String csr, String ott) {
        return sign(csr, ott, Map.of());
    }

    static StepCaPeerRequest sign(String csr, String ott, Map<String, Object> more) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("csr", csr);
        body.put("ott", ott);
        body.putAll(more);
        return post(JSONObjectUtils.toJSONString(body));
    }

    StepCaPeerRequest with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new StepCaPeerRequest(method, target, more, body, shown);
    }
}
