package io.chancery.conformance;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.Method;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.IllegalConnectorArgumentsException;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.request.BreakpointRequest;
import com.sun.jdi.request.EventRequest;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Lets a running, unmodified process stand still, with all its threads, where it comes to a method: by the agent for debuggers
 * that every JDK has.
 */
final class Debugger implements AutoCloseable {
    /** On a port of its own choice, which it prints. */
    private static final String AGENT = "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0";

    private static final String LISTENING = "Listening for transport dt_socket at address: ";
    private static final String CONNECTOR = "com.sun.jdi.SocketAttach";
    private static final long LONGEST_SECONDS = 30;
    private static final long LOOK_AGAIN_MILLIS = 50;

    private final VirtualMachine program;
    private final String place;

    private Debugger(VirtualMachine program, String place) {
        this.program = program;
        this.place = place;
    }

    /** Of a process that is to be debugged: the tests' own options, and the agent. */
    static Map<String, String> environment() {
        return ChanceryProcess.withJavaOptions(AGENT);
    }

    /**
     * From now on the process stands still before the first statement of the method.
     *
     * @param process started in {@link #environment}
     * @param type full name of a class that the process has used before
     * @param method its only one of this name, so that a test notices when the program is changed there
     */
    static Debugger at(ChanceryProcess process, String type, String method)
            throws IOException, InterruptedException, IllegalConnectorArgumentsException {
        process.awaitLine(LISTENING);
        Debugger debugger = new Debugger(join(port(process)), type + "." + method);
        try {
            debugger.stopAt(type, method);
        } catch (RuntimeException | Error e) {
            debugger.close();
            throw e;
        }
        return debugger;
    }

    /** The newest one, as the agent listens again when a debugger has left. Some versions print the host before it. */
    private static String port(ChanceryProcess process) {
        String line = process.lines().stream()
                .filter(each -> each.contains(LISTENING))
                .reduce((earlier, later) -> later)
                .orElseThrow();
        String address = line.substring(line.indexOf(LISTENING) + LISTENING.length());
        return address.substring(address.lastIndexOf(':') + 1).strip();
    }

    private static VirtualMachine join(String port) throws IOException, IllegalConnectorArgumentsException {
        AttachingConnector connector = Bootstrap.virtualMachineManager().attachingConnectors().stream()
                .filter(each -> each.name().equals(CONNECTOR))
                .findFirst()
                .orElseThrow(() -> new AssertionError("this Java has no " + CONNECTOR + ": it is no JDK"));
        Map<String, Connector.Argument> arguments = connector.defaultArguments();
        arguments.get("hostname").setValue("127.0.0.1");
        arguments.get("port").setValue(port);
        return connector.attach(arguments);
    }

    private void stopAt(String type, String method) {
        List<ReferenceType> types = program.classesByName(type);
        if (types.size() != 1) {
            throw new AssertionError("the process has used " + types.size() + " classes " + type
                    + ": where the program was changed, this test is to be changed as well");
        }
        List<Method> methods = types.get(0).methodsByName(method);
        if (methods.size() != 1) {
            throw new AssertionError("there is no one method " + place + " but " + methods
                    + ": where the program was changed, this test is to be changed as well");
        }
        BreakpointRequest stop = program.eventRequestManager()
                .createBreakpointRequest(methods.get(0).location());
        stop.setSuspendPolicy(EventRequest.SUSPEND_ALL);
        stop.enable();
    }

    /**
     * Waits until the process stands there; others soon notice that it does not answer.
     *
     * @param answer to the request that is to get there: fails when that ends, well or not, before it has
     */
    void awaitStandstill(CompletableFuture<?> answer) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        while (!standsStill()) {
            if (answer.isDone() || System.nanoTime() - end > 0) {
                throw new AssertionError("the process never came to " + place
                        + (answer.isDone() ? ", and its request has ended: " + answer : ", nor its request to an end"));
            }
        }
    }

    private boolean standsStill() throws InterruptedException {
        try {
            EventSet events = program.eventQueue().remove(LOOK_AGAIN_MILLIS);
            return events != null && events.stream().anyMatch(BreakpointEvent.class::isInstance);
        } catch (VMDisconnectedException e) {
            throw new AssertionError("the process ended before it came to " + place, e);
        }
    }

    /** Leaves the process, which goes on, unless it has been killed. */
    @Override
    public void close() {
        try {
            program.dispose();
        } catch (VMDisconnectedException e) {
            // It was killed.
        }
    }
}
