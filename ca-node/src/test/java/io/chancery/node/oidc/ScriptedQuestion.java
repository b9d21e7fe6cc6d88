package io.chancery.node.oidc;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.oidc.KeySet;
import io.chancery.core.oidc.OpenIdEndpoint;
import io.chancery.core.oidc.OpenIdProvider;
import io.chancery.testing.IssuerKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** A provider that answers when the test says so. */
final class ScriptedQuestion implements ProviderQuestion {
    private final List<Promise<ProviderAnswer>> asked = new ArrayList<>();

    @Override
    public Future<ProviderAnswer> ask(OpenIdEndpoint endpoint) {
        Promise<ProviderAnswer> answer = Promise.promise();
        asked.add(answer);
        return answer.future();
    }

    int asked() {
        return asked.size();
    }

    void answers(String keyId) throws GeneralSecurityException {
        answers(keyId, Duration.ofHours(1));
    }

    void answers(String keyId, Duration fresh) throws GeneralSecurityException {
        String set = JSONObjectUtils.toJSONString(
                Map.of("keys", List.of(IssuerKey.ec(keyId).jwk())));
        OpenIdProvider provider = new OpenIdProvider(
                "https://idp.example", KeySet.parse(set, new PublicKeys(new BouncyCastleProvider())));
        asked.get(asked.size() - 1).complete(new ProviderAnswer(provider, fresh));
    }

    void fails(String reason) {
        asked.get(asked.size() - 1).fail(new IllegalStateException(reason));
    }
}
