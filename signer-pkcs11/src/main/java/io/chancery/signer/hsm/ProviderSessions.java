package io.chancery.signer.hsm;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.security.Provider;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sessions of one instance of SunPKCS11. It closes a session once and forgets it, be it closed by that or not; one
 * that it has forgotten stays open until the library is started again. And there is no public way to have it close them
 * but to wait for the garbage collector, and to log the whole process out. Blocks; any thread.
 */
final class ProviderSessions {
    /** So many that are not in use it keeps; others it closes when they are given back. */
    static final int KEPT = 5;

    private static final Logger LOG = LoggerFactory.getLogger(ProviderSessions.class);

    /** A {@code sun.security.pkcs11.Token}. */
    private final Object token;

    private ProviderSessions(Object token) {
        this.token = token;
    }

    /** Empty when they have been closed, or this Java does not show them: then they wait for the collector. */
    static Optional<ProviderSessions> of(Provider provider) {
        try {
            return Optional.ofNullable(read(provider, "token")).map(ProviderSessions::new);
        } catch (ReflectiveOperationException | RuntimeException e) {
            return hidden(e);
        }
    }

    /**
     * Of an instance that could not be made to its end, and that nobody has: those it had opened by then. It is known by
     * its name alone, in the list of all sessions, which holds on to it for good.
     */
    static Optional<ProviderSessions> ofUnfinished(String name) {
        try {
            Collection<?> all = everySession();
            synchronized (all) {
                for (Object session : all) {
                    Object token = read(session, "token");
                    if (((Provider) read(token, "provider")).getName().equals(name)) {
                        return Optional.of(new ProviderSessions(token));
                    }
                }
            }
            return Optional.empty();
        } catch (ReflectiveOperationException | RuntimeException e) {
            return hidden(e);
        }
    }

    private static Collection<?> everySession() throws ReflectiveOperationException {
        for (Field field : Class.forName("sun.security.pkcs11.SessionRef").getDeclaredFields()) {
            // Java 17 writes its name in small letters, later ones in capitals.
            if (Modifier.isStatic(field.getModifiers()) && field.getType() == Set.class) {
                field.setAccessible(true);
                return (Set<?>) field.get(null);
            }
        }
        throw new NoSuchFieldException("the list of all sessions");
    }

    private static Optional<ProviderSessions> hidden(Exception e) {
        LOG.atDebug().addKeyValue("reason", String.valueOf(e.getMessage())).log("sessions wait for the collector");
        return Optional.empty();
    }

    /** What a library says of a session. */
    enum State {
        OPEN,
        GONE,
        /** It errs. */
        UNKNOWN
    }

    /** Whom to ask. Blocks. */
    interface Library {
        State stateOf(long session);
    }

    /** Whether the library answers for each that is not in use: then they can be closed. */
    boolean answer(Library library) {
        try {
            return idle().stream().noneMatch(session -> library.stateOf(session) == State.UNKNOWN);
        } catch (ReflectiveOperationException | RuntimeException e) {
            return true; // to keep them brings nothing
        }
    }

    /** Whether each that is not in use is open. To be asked while nobody else uses the instance. */
    boolean areOpen(Library library) {
        try {
            return idle().stream().allMatch(session -> library.stateOf(session) == State.OPEN);
        } catch (ReflectiveOperationException | RuntimeException e) {
            return true; // this Java does not show them
        }
    }

    /**
     * Closes those that are not in use, has others closed when they are given back, and ends the instance.
     *
     * @return whether each of the former is seen to be gone
     */
    boolean close(Library library) {
        try {
            List<Long> idle = idle();
            Method destroy = token.getClass().getDeclaredMethod("destroy");
            destroy.setAccessible(true);
            Object unused = destroy.invoke(token);
            return idle.stream().allMatch(session -> library.stateOf(session) == State.GONE);
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.atDebug().addKeyValue("reason", String.valueOf(e.getMessage())).log("sessions wait for the collector");
            return false;
        }
    }

    private List<Long> idle() throws ReflectiveOperationException {
        Object manager = read(token, "sessionManager");
        List<Long> handles = new ArrayList<>();
        for (String pool : List.of("opSessions", "objSessions")) {
            for (Object session : (Collection<?>) read(read(manager, pool), "pool")) {
                handles.add((Long) read(session, "id"));
            }
        }
        return handles;
    }

    private static Object read(Object from, String name) throws ReflectiveOperationException {
        Field field = from.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(from);
    }
}
