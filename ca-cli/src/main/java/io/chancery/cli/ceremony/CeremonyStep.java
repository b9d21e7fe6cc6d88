package io.chancery.cli.ceremony;

import io.chancery.cli.UsageException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Map;

/** One thing that is done, after people have confirmed what it will be. */
interface CeremonyStep {
    /** In a few words. */
    String what();

    /** All that is to be known before it is confirmed, computed and checked already; in order. */
    Map<String, String> facts() throws UsageException, IOException, GeneralSecurityException;

    /** Does it; answers what came of it, for the transcript. */
    JsonObject run() throws UsageException, IOException, GeneralSecurityException;
}
