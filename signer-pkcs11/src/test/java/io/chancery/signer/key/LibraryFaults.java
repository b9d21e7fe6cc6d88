package io.chancery.signer.key;

import io.chancery.softhsm.SoftHsmToken;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Does to the loaded PKCS#11 library what a broken HSM, its client's restart or another program does. */
public final class LibraryFaults {
    private static final String WRAPPER = "sun.security.pkcs11.wrapper.";
    private static final long SERIAL_SESSION = 4;
    private static final long MOST_HANDLES = 20_000;

    private final Object library;
    private final Class<?> type;

    private LibraryFaults(Object library) {
        this.library = library;
        this.type = library.getClass().getName().equals(WRAPPER + "PKCS11")
                ? library.getClass()
                : library.getClass().getSuperclass();
    }

    public static LibraryFaults of(SoftHsmToken token) throws Exception {
        return of(token.modulePath());
    }

    public static LibraryFaults of(Path modulePath) throws Exception {
        Class<?> type = Class.forName(WRAPPER + "PKCS11");
        Method getInstance = type.getMethod(
                "getInstance",
                String.class,
                String.class,
                Class.forName(WRAPPER + "CK_C_INITIALIZE_ARGS"),
                boolean.class);
        String path = modulePath.toRealPath().toString(); // as the signer names it
        return new LibraryFaults(getInstance.invoke(null, path, "C_GetFunctionList", args(), false));
    }

    private static Object args() throws Exception {
        Constructor<?> constructor =
                Class.forName(WRAPPER + "CK_C_INITIALIZE_ARGS").getDeclaredConstructor();
        Object args = constructor.newInstance();
        Field flags = args.getClass().getField("flags");
        flags.setLong(args, 2); // CKF_OS_LOCKING_OK
        return args;
    }

    /** Logs every session of this process out. */
    public void logout() throws Exception {
        long slot = slot();
        Class<?> notify = Class.forName(WRAPPER + "CK_NOTIFY");
        long session = (Long) call(
                "C_OpenSession",
                new Class<?>[] {long.class, long.class, Object.class, notify},
                slot,
                SERIAL_SESSION,
                null,
                null);
        call("C_Logout", new Class<?>[] {long.class}, session);
        call("C_CloseSession", new Class<?>[] {long.class}, session);
    }

    private long slot() throws Exception {
        return ((long[]) call("C_GetSlotList", new Class<?>[] {boolean.class}, true))[0];
    }

    /** How many sessions of this process are open. */
    public int sessions() throws Exception {
        int open = 0;
        for (long session : handles()) {
            open += succeeds("C_GetSessionInfo", session) ? 1 : 0;
        }
        return open;
    }

    /** Closes every session of this process. */
    public void closeSessions() throws Exception {
        for (long session : handles()) {
            boolean unused = succeeds("C_CloseSession", session);
        }
    }

    /**
     * Java's wrapper tells no handles and has no C_CloseAllSessions; but SoftHSM's handles are small numbers that only
     * grow.
     */
    private long[] handles() throws Exception {
        long newest = (Long) call(
                "C_OpenSession",
                new Class<?>[] {long.class, long.class, Object.class, Class.forName(WRAPPER + "CK_NOTIFY")},
                slot(),
                SERIAL_SESSION,
                null,
                null);
        call("C_CloseSession", new Class<?>[] {long.class}, newest);
        return LongStream.range(Math.max(1, newest - MOST_HANDLES), newest).toArray();
    }

    /** Not so for the handle of an object, or of a session that is closed. */
    private boolean succeeds(String name, long session) throws Exception {
        try {
            Object unused = call(name, new Class<?>[] {long.class}, session);
            return true;
        } catch (InvocationTargetException e) {
            return false;
        }
    }

    /** As when the HSM's client is restarted: every session and handle is void. */
    public void restart() throws Exception {
        unless("CKR_CRYPTOKI_NOT_INITIALIZED", "C_Finalize", null);
        unless("CKR_CRYPTOKI_ALREADY_INITIALIZED", "C_Initialize", args());
    }

    /** A key that heals may do the same at this moment, and then it is done. */
    private void unless(String already, String name, @Nullable Object argument) throws Exception {
        try {
            Object unused = call(name, new Class<?>[] {Object.class}, new Object[] {argument});
        } catch (InvocationTargetException e) {
            if (!String.valueOf(e.getCause().getMessage()).contains(already)) {
                throw e;
            }
        }
    }

    private Object call(String name, Class<?>[] parameters, Object... arguments) throws Exception {
        Method method = type.getDeclaredMethod(name, parameters);
        method.setAccessible(true);
        return method.invoke(library, arguments);
    }
}
