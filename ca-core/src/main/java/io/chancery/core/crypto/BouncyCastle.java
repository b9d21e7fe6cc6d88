package io.chancery.core.crypto;

import java.security.Provider;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * BouncyCastle's provider, one for all of a process: each further one would take 20 ms and some thousand entries. It is
 * not installed: only who is given it uses it. Any thread.
 */
public final class BouncyCastle {
    public static final Provider PROVIDER = new BouncyCastleProvider();

    private BouncyCastle() {}
}
