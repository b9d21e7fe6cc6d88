package io.chancery.core.webhook;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON that a webhook is told. Pure. */
final class WebhookBody {
    private WebhookBody() {}

    static String of(String member, Map<String, @Nullable Object> description, Instant now) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("timestamp", now.toString());
        body.put(member, description);
        return JSONObjectUtils.toJSONString(body);
    }
}
