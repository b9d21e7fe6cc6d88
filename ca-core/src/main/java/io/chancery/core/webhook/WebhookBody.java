package io.chancery.core.webhook;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON that a webhook is told. Pure. */
final class WebhookBody {
    private WebhookBody() {}

    static String of(Map<String, @Nullable Object> told, Instant now) {
        Map<String, @Nullable Object> body = new LinkedHashMap<>();
        body.put("timestamp", now.toString());
        body.putAll(told);
        return JSONObjectUtils.toJSONString(body);
    }
}
