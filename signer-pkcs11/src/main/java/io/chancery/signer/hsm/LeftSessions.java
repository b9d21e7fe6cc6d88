package io.chancery.signer.hsm;

import java.security.Provider;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The sessions of a library that this process has done with and that are still open, one object for each library. While
 * the HSM errs they are kept, since SunPKCS11 tries to close a session only once; those that were forgotten all the same
 * are told of, and end when the library is started again. What calls the library blocks; any thread.
 */
final class LeftSessions {
    /** So many instances are kept for a better moment; one more is closed at once, whatever comes of it. */
    private static final int MOST = 16;

    private static final Map<String, LeftSessions> OF_LIBRARIES = new ConcurrentHashMap<>();

    private final Set<ProviderSessions> waiting = ConcurrentHashMap.newKeySet();
    private volatile boolean forgotten;

    private LeftSessions() {}

    /** @param path absolute, of the library */
    static LeftSessions of(String path) {
        return OF_LIBRARIES.computeIfAbsent(path, made -> new LeftSessions());
    }

    /** From now on the instance of SunPKCS11 is of no more use. Never waits. */
    void add(Provider provider) {
        ProviderSessions.of(provider).ifPresent(waiting::add);
    }

    /** The making of the instance of this name failed half-way. Never waits. */
    void addUnfinished(String name) {
        // One that opened none, and one that Java does not show, look the same.
        ProviderSessions.ofUnfinished(name).ifPresentOrElse(waiting::add, this::forget);
    }

    /** A session may be open whose number nobody knows any more, or whose closing failed. Never waits. */
    void forget() {
        forgotten = true;
    }

    /** Whether some may be open that nothing but the library's next start closes. Never waits. */
    boolean forgotten() {
        return forgotten;
    }

    /** Closes those for which the HSM answers, and keeps the others. */
    void close(ProviderSessions.Library library) {
        for (ProviderSessions each : List.copyOf(waiting)) {
            // Whoever removes it closes it: a second time, its numbers may be those of others' sessions.
            if ((waiting.size() > MOST || each.answer(library)) && waiting.remove(each) && !each.close(library)) {
                forget();
            }
        }
    }

    /**
     * The library has just been started again, and none has opened a session since: all of these are gone, and are to be
     * forgotten before their numbers are given to others.
     */
    void ended(ProviderSessions.Library library) {
        for (ProviderSessions each : List.copyOf(waiting)) {
            boolean unused = waiting.remove(each) && each.close(library);
        }
        forgotten = false;
    }
}
